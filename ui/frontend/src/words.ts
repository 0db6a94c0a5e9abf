import type { Language, Request } from "./types";

/**
 * Words are the texts of the prompt in one language; those of the ends come from the code table, those of the sections
 * from sections/words.ts.
 */
export type Words = typeof en;

const en = {
  asks: { get: "Sign in to", create: "Register with", pair: "Pair" } as Record<Request["action"], string>,
  isAsking: (browser: string) => `${browser} is asking`,
  aBrowser: "A browser",
  letters: "Has letters that can look like others. Shown as the browser sends it.",
  inside: (top: string) => `Inside a page of ${top}.`,
  secondsLeft: (n: number) => (n === 1 ? "1 second left" : `${n} seconds left`),
  left: (n: number) => `${n} s left`,
  tap: "Tap this number on your phone",
  type: "Type this number on your phone",
  approve: "Approve on your phone",
  willAppear: "The number appears here",
  willAsk: "Your phone will ask you",
  noNumber: "No number yet.",
  noNumberNeeded: "No number is needed.",
  moreWaiting: (n: number) => (n === 1 ? "1 more request is waiting" : `${n} more requests are waiting`),
  states: {
    waiting: "Waiting",
    delivered: "Delivered",
    answering: "Answering",
    approved: "Approved",
    declined: "Declined",
    wrong_number: "Wrong number",
    timed_out: "Timed out",
    problem: "Problem",
  },
  yourPhone: "Your phone",
  reaching: (phone: string) => `Reaching ${phone || "your phone"}`,
  reachingHow: "Unlock it and open tallykey.",
  notified: (phone: string) => `${phone} notified`,
  notifiedHow: "A message is on its way. Unlock the phone and open it.",
  on: (phone: string) => `${phone} has it`,
  onHow: "Unlock it to answer.",
  right: "Number is right",
  answering: (phone: string) => `${phone} is answering`,
  rightHow: (phone: string) => `${phone} is answering. Confirm with screen lock, fingerprint or face.`,
  answeringHow: "Confirm with screen lock, fingerprint or face.",
  closes: "This window closes by itself.",
  notMe: "This isn’t me",
  cancel: "Cancel",
  anotherWay: "Use another way",
  close: "Close",
  nothing: "No request waiting",
  nothingHow: "Start a sign-in on a website.",
};

const de: Words = {
  asks: { get: "Anmelden bei", create: "Registrieren bei", pair: "Koppeln mit" },
  isAsking: (browser) => `${browser} fragt an`,
  aBrowser: "Ein Browser",
  letters: "Enthält Buchstaben, die anderen ähneln. Gezeigt, wie der Browser sie sendet.",
  inside: (top) => `In einer Seite von ${top}.`,
  secondsLeft: (n) => (n === 1 ? "noch 1 Sekunde" : `noch ${n} Sekunden`),
  left: (n) => `noch ${n} s`,
  tap: "Tippen Sie diese Zahl auf dem Telefon an",
  type: "Geben Sie diese Zahl auf dem Telefon ein",
  approve: "Bestätigen Sie auf dem Telefon",
  willAppear: "Die Zahl erscheint hier",
  willAsk: "Ihr Telefon wird Sie fragen",
  noNumber: "Noch keine Zahl.",
  noNumberNeeded: "Keine Zahl nötig.",
  moreWaiting: (n) => (n === 1 ? "1 weitere Anfrage wartet" : `${n} weitere Anfragen warten`),
  states: {
    waiting: "Wartet",
    delivered: "Zugestellt",
    answering: "Antwort läuft",
    approved: "Bestätigt",
    declined: "Abgelehnt",
    wrong_number: "Falsche Zahl",
    timed_out: "Zeit abgelaufen",
    problem: "Problem",
  },
  yourPhone: "Ihr Telefon",
  reaching: (phone) => `${phone || "Ihr Telefon"} wird gesucht`,
  reachingHow: "Entsperren und tallykey öffnen.",
  notified: (phone) => `${phone} benachrichtigt`,
  notifiedHow: "Eine Nachricht ist unterwegs. Entsperren und öffnen.",
  on: (phone) => `Auf ${phone === "Ihr Telefon" ? "Ihrem Telefon" : phone} angekommen`,
  onHow: "Zum Antworten entsperren.",
  right: "Zahl stimmt",
  answering: (phone) => `${phone} antwortet`,
  rightHow: (phone) => `${phone} antwortet. Bestätigen Sie es dort.`,
  answeringHow: "Mit Displaysperre, Fingerabdruck oder Gesicht bestätigen.",
  closes: "Dieses Fenster schließt sich von selbst.",
  notMe: "Das bin ich nicht",
  cancel: "Abbrechen",
  anotherWay: "Anders anmelden",
  close: "Schließen",
  nothing: "Keine Anfrage wartet",
  nothingHow: "Eine Anmeldung auf einer Website beginnen.",
};

/**
 * isolate keeps a name that someone else chose from turning the sentence around it (Unicode bidirectional isolates). An
 * empty name stays empty.
 */
export function isolate(name: string): string {
  return name && `\u2068${name}\u2069`;
}

/** wordsOf are the texts in a language. */
export function wordsOf(language: Language): Words {
  return language === "de" ? de : en;
}
