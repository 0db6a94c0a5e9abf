import { outcomeOf, type Shown } from "./codes";
import type { Language, Request } from "./types";
import { isolate, wordsOf } from "./words";

/** Tone is the colour of a state; icon and word say it too. */
export type Tone = "wait" | "info" | "ok" | "warn" | "bad";

/** Face is what the two halves say about a request: upper half the desktop, lower half the phone. */
export interface Face {
  shown: Shown;
  icon: Shown | "flag";
  tone: Tone;
  word: string; // the state in a word
  caption: string; // above the number
  number: string; // empty wherever the phone can't answer with it
  plain: boolean; // there will be no number
  title: string; // the phone's half
  text: string;
  code: string; // of an end
}

/** faceOf maps a request to what is shown. A number is never kept beyond the states in which the phone can use it. */
export function faceOf(r: Request, language: Language): Face {
  const w = wordsOf(language);
  const name = isolate(r.phone ?? "");
  const phone = name || w.yourPhone;
  const plain = r.mode === "approve"; // the phone asks for yes or no, and no number is shown
  const caption = plain ? w.approve : r.mode === "type" ? w.type : w.tap;
  const number = plain ? "" : (r.number ?? "");
  switch (r.state) {
    case "queued":
    case "waiting": {
      const [title, text] = r.notified ? [w.notified(phone), w.notifiedHow] : [w.reaching(name), w.reachingHow];
      return { ...face("waiting", language, plain ? w.willAsk : w.willAppear, "", title, text), plain };
    }
    case "delivered":
      return { ...face("delivered", language, caption, number, w.on(phone), w.onHow), plain };
    case "answering": {
      const [title, text] = plain ? [w.answering(phone), w.answeringHow] : [w.right, w.rightHow(phone)];
      return { ...face("answering", language, caption, number, title, text), plain };
    }
    case "ended":
      return end(r.code ?? "", language);
  }
}

function face(shown: Shown, language: Language, caption: string, number: string, title: string, text: string): Face {
  return {
    shown,
    icon: shown,
    tone: toneOf(shown),
    word: wordsOf(language).states[shown],
    caption,
    number,
    plain: false,
    title,
    text,
    code: "",
  };
}

function end(code: string, language: Language): Face {
  const w = wordsOf(language);
  const row = outcomeOf(code, language);
  // An approval closes the window before longer words can be read.
  const text = row.state === "approved" ? w.closes : [row.what, row.remedy].filter(Boolean).join(" ");
  const end: Face = { ...face(row.state, language, w.states[row.state], "", row.title, text), code };
  // A report is no decline like others: someone tried.
  return code === "reported" ? { ...end, icon: "flag", tone: "bad", word: row.title, caption: row.title } : end;
}

/** gapOf is how the halves stand: no contact, connected, or one piece. */
export function gapOf(shown: Shown): "apart" | "near" | "closed" {
  if (shown === "approved") return "closed";
  return shown === "waiting" || shown === "problem" ? "apart" : "near";
}

/** toneOf is the colour of a state. */
export function toneOf(shown: Shown): Tone {
  switch (shown) {
    case "approved":
      return "ok";
    case "delivered":
    case "answering":
      return "info";
    case "wrong_number":
      return "bad";
    case "timed_out":
    case "problem":
      return "warn";
    default:
      return "wait";
  }
}

/**
 * lingers is how long an end stays before the window closes by itself, in milliseconds. Whoever cancelled here has seen
 * enough.
 */
export function lingers(shown: Shown, code: string): number {
  if (code === "another_way") return 0; // the browser asks only where it has the focus
  return shown === "approved" || code === "cancelled_on_desktop" ? 1_500 : 20_000;
}
