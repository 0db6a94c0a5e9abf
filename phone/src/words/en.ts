/** A sentence around a name that is set in bold. */
export type Named = [before: string, name: string, after: string];

/** All texts in English, but for outcomes: those are rows of the code table. */
export const en = {
  language: "en",
  states: {
    waiting: "Waiting",
    delivered: "Delivered",
    answering: "Answering",
    approved: "Approved",
    declined: "Declined",
    wrong_number: "Wrong number",
    timed_out: "Timed out",
    problem: "Problem",
  } as Record<string, string>,
  unknown: {
    title: "Unknown outcome",
    what: "This phone app is older than the desktop’s program.",
    remedy: "Reload tallykey on the phone to get its newest version.",
  },
  back: "Back",
  cancel: "Cancel",
  done: "Done",
  continue: "Continue",

  request: {
    titles: { get: "Sign-in request", create: "Registration request", pair: "Pairing request" },
    verbs: { get: "Sign in to", create: "Make a key for", pair: "Pair with" },
    seconds: (n: number) => (n === 1 ? "1 second left" : `${n} seconds left`),
    on: (browser: string, desktop: string) => (browser ? `${browser} on ${desktop}` : desktop),
    pairing: "This desktop will be able to ask for sign-ins on this phone.",
    which: "Which number is on your desktop?",
    type: "Type the number on your desktop",
    after: "Then confirm with fingerprint or face.",
    none: "No number on your desktop? Then someone else is asking.",
    noneInList: "No account of yours here? Then someone else is asking.",
    accounts: "Which account?",
    notMe: "This isn’t me",
    decline: "Decline",
    confirm: "Confirm with screen lock, fingerprint or face",
    chosen: (number: string) => `You chose ${number}.`,
    again: "You were not recognised",
    againWhat: "There is time for another try.",
    tryAgain: "Try again",
    sent: "Sending your answer",
    lookalike: "Has letters that can look like others. Shown as the browser sends it.",
    inside: (host: string) => `Inside a page of ${host}.`,
  },

  outcome: {
    approved: "Approved",
    signedIn: (desktop: string): Named => ["You are signed in on ", desktop, "."],
    registered: (desktop: string): Named => ["You can now sign in from ", desktop, "."],
    paired: (desktop: string): Named => ["This phone can now answer sign-ins from ", desktop, "."],
    today: (time: string) => `today, ${time}`,
  },

  home: {
    none: "No request waiting",
    start: "Start a sign-in on your desktop. It appears here.",
    check: "Check again",
    desktops: "Desktops",
    registrations: "Registrations",
    noRegistrations: "No registrations yet. Register this phone on a website from your desktop.",
    accounts: (n: number) => `${n} accounts`,
    pair: "Pair a desktop",
    paired: (when: string) => `Paired ${when}`,
    seen: (when: string) => `Seen ${when}`,
    yesterday: "yesterday",
    reach: { connecting: "Connecting", connected: "Connected", away: "Away", refused: "Pair again" },
    outdated: "Update needed",
  },

  activity: {
    title: "Activity",
    what: (n: number) => (n === 0 ? "Nothing yet" : n === 1 ? "1 request" : `${n} requests`),
    none: "How requests end is listed here.",
    save: "Export as JSON",
  },

  phone: {
    title: "This phone",
    name: "Name that desktops show",
    save: "Save",
    saved: "Saved.",
    bad: "A name has 1 to 64 characters.",
    storage: "Storage",
    kept: "Kept",
    keptWhat: "The browser promised not to clear what is stored here by itself.",
    free: "Not promised",
    freeWhat:
      "The browser may clear what is stored here when space runs out, or, in Safari outside the home screen, after seven days without a visit.",
    unknown: "Unknown",
    unknownWhat: "This browser does not say whether it keeps what is stored here.",
    keep: "Ask the browser to keep it",
    lost: "If it is cleared, the keys are gone. Pair again, then register again on each website; the old entries can be removed there.",
  },

  scan: {
    start: "Scan the code",
    stop: "Stop",
    aim: "Point the camera at the code on the desktop.",
    denied: "The camera can’t be used. Allow it for this site in the browser’s settings, or paste the link.",
    video: "Camera picture",
  },

  trouble: {
    title: (desktop: string) => `${desktop} does not answer`,
    link: "The code is still on the desktop’s screen. It is good for two minutes and one phone.",
    order: "Check in this order. tallykey keeps trying.",
    causes: [
      "tallykey runs on the desktop, and the desktop is awake.",
      "Both are in the same Wi-Fi. A guest network keeps them apart.",
      "No VPN on the phone, or one that lets the local network through.",
      "In the phone’s settings the browser may use “Nearby devices” or “Local network”.",
      "In the browser’s settings this site may use the local network.",
    ],
    denied: "This site may not use the local network. Allow it in the browser’s site settings, then check again.",
  },

  site: {
    made: (when: string) => `Made ${when}`,
    remove: "Remove",
    removeTitle: (account: string) => `Remove ${account} from this phone?`,
    removeWhat: (site: string) =>
      `This phone can no longer sign in to ${site} with it. Sign in another way, then register again.`,
    gone: "Removed here, it is removed on every paired desktop: at once, or when the desktop is met again. The website still lists it; remove it there as well.",
  },

  desktop: {
    remove: "Remove this desktop",
    removeTitle: (name: string) => `Remove ${name}?`,
    removeWhat: (n: number) =>
      n === 0
        ? "It can no longer ask on this phone. Registrations stay here for other desktops."
        : n === 1
          ? "It can no longer ask on this phone. One registration that only it can use goes with it."
          : `It can no longer ask on this phone. ${n} registrations that only it can use go with it.`,
    again: "On the desktop choose “Pair a phone”, then scan the code or paste the link here.",
    keys: { prf: "Keys open only with screen lock, fingerprint or face.", device: "Keys are kept by the browser." },
    addresses: "Last known addresses",
  },

  pair: {
    title: "Pair a desktop",
    how: "On the desktop choose “Pair a phone”. Scan the code, or paste the link that stands below it.",
    field: "Pairing link",
    bad: "That is not a pairing link of this version. Copy the whole link from the desktop.",
    againTitle: (name: string) => `${name} is paired already`,
    againWhat: "Pairing again replaces the pairing. Your registrations stay.",
    again: "Pair again",
    connecting: (name: string) => `Connecting to ${name}`,
    connectingWhat: "Keep this page open. The question appears here.",
  },

  first: {
    title: "Your phone is the key",
    what: "The desktop shows a number. You tap the same number here and confirm with fingerprint or face. No password to type.",
    phone: "This phone",
    lock: "Screen lock, fingerprint or face",
    on: "Ready",
    off: "Missing",
    offWhat: "Set one up in the phone’s settings.",
    network: "Same network",
    networkWhat: "Checked when you pair",
    later: "Later",
    keys: "Keys are made on this phone and stay here. Nothing goes to a cloud.",
    pair: "Pair a desktop",
  },

  install: {
    title: "Put tallykey on your home screen",
    what: "An iPhone keeps what an app on the home screen stores apart from Safari, and for longer. So pairing happens there.",
    steps: [
      "Tap the Share button of the browser.",
      "Choose “Add to Home Screen”, then Add.",
      "Open tallykey from the home screen and paste the link there.",
    ],
    copy: "Copy the pairing link",
    copied: "Copied. It is good for two minutes.",
  },

  problem: {
    insecureTitle: "This address is not private",
    insecure: "Keys can be made only on a page that came over https. Open tallykey by its https address.",
    storageTitle: "This browser keeps nothing",
    storage:
      "tallykey must keep its keys on this phone. Leave private browsing, or allow this site to store data, then open it again.",
    browserTitle: "This browser can’t do it",
    browser: "It lacks passkeys or WebRTC. Use the current version of Chrome, Safari, Firefox or Edge.",
    retry: "Try again",
  },
};

/** The texts in one language. */
export type Words = typeof en;
