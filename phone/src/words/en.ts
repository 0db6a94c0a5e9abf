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
    afterPin: "Then enter your app PIN.",
    approveAsk: "Are you signing in now?",
    approveWhat:
      "The website asks after your password. There is no number to compare, so approve only what you just began.",
    approve: "Approve",
    deny: "Deny",
    rpId: (id: string) => `Key of ${id}`,
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
    name: "What should desktops call this phone?",
    suspect: "Show this desktop",
  },

  home: {
    none: "No request waiting",
    start: "Start a sign-in on your desktop. It appears here.",
    check: "Check again",
    desktops: "Desktops",
    registrations: "Registrations",
    noRegistrations: "No registrations yet. Register this phone on a website from your desktop.",
    unusable: "No desktop",
    accounts: (n: number) => `${n} accounts`,
    pair: "Pair a desktop",
    paired: (when: string) => `Paired ${when}`,
    seen: (when: string) => `Seen ${when}`,
    ends: (day: string) => `Pair again before ${day}`,
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
    wake: "Wake-up",
    wakeSwitch: "Desktops may wake this phone",
    wakeWhat:
      "A notification says that a desktop asks, without names or numbers. It goes through the push service of this browser’s maker; the request itself does not.",
    wakeIOS: "On an iPhone this works only for an app on the home screen.",
    wakeNone: "Off on your desktops. Turn on “Wake the phone” in the settings of tallykey there.",
    wakeDenied: "Notifications are off for this app. Allow them in the phone’s settings, then switch this on again.",
    wakeFailed: "The push service gave no answer. Check the internet connection, then try again.",
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
    any: {
      order: "Check in this order. tallykey keeps trying.",
      causes: [
        "tallykey runs on the desktop, and the desktop is awake.",
        "Both are in the same Wi-Fi, and it lets devices reach each other. Guest networks do not: use another one, or join the desktop to this phone’s hotspot.",
        "No VPN on the phone, or one that lets the local network through.",
        "In the phone’s settings the browser may use “Nearby devices” or “Local network”.",
        "In the browser’s settings this site may use the local network.",
        "Phone and desktop show the same time.",
      ],
    },
    near: {
      order:
        "It is awake and near: its name is known in this network. But it does not answer this phone. Check in this order.",
      causes: [
        "The Wi-Fi keeps its devices apart, as guest networks do (client isolation). Use another one, or join the desktop to this phone’s hotspot.",
        "A firewall on the desktop keeps the phone out. There, “tallykey doctor” says what to change.",
        "No VPN on phone and desktop, or one that lets the local network through.",
        "Phone and desktop show the same time.",
      ],
    },
    one: {
      denied: "This site may not use the local network. Allow it in the browser’s site settings, then check again.",
      offline: "This phone is in no network. Join the Wi-Fi that the desktop is in.",
      mobile: "This phone uses mobile data. Join the Wi-Fi that the desktop is in.",
      clock:
        "This phone’s clock is wrong by ten minutes or more, and a desktop answers no such phone. In the phone’s settings have date and time set automatically, then check again.",
    },
  },

  site: {
    made: (when: string) => `Made ${when}`,
    keys: {
      prf: "Opens only with screen lock, fingerprint or face",
      device: "Kept by the browser",
      pin: "App PIN: weaker than your screen lock",
    },
    replaced: "Replaced",
    replacedWhat: "A newer key took its place. The website still takes this one until it says otherwise.",
    removeOld: (site: string) => `The newer key stays. On ${site} remove the old entry as well.`,
    again: "To move to another account, remove this and register again from the desktop: it takes seconds.",
    remove: "Remove",
    removeTitle: (account: string) => `Remove ${account} from this phone?`,
    removeWhat: (site: string) =>
      `This phone can no longer sign in to ${site} with it. Sign in another way, then register again.`,
    gone: "Removed here, it is removed on every paired desktop: at once, or when the desktop is met again. The website still lists it; remove it there as well.",
  },

  desktop: {
    ends: (day: string) => `This pairing ends on ${day}`,
    ended: (day: string) => `This pairing ended on ${day}`,
    endsWhat:
      "An early version of tallykey made it with an end. Pair again, and it has none. Your registrations stay as they are.",
    remove: "Remove this desktop",
    removeTitle: (name: string) => `Remove ${name}?`,
    removeWhat: (n: number) =>
      n === 0
        ? "It can no longer ask on this phone. Registrations stay here for other desktops."
        : n === 1
          ? "It can no longer ask on this phone. One registration that only it can use goes with it."
          : `It can no longer ask on this phone. ${n} registrations that only it can use go with it.`,
    again: "On the desktop choose “Pair a phone”, then scan the code or paste the link here.",
    keys: {
      prf: "Keys open only with screen lock, fingerprint or face.",
      device: "Keys are kept by the browser.",
      pin: "App PIN: weaker than your screen lock.",
    },
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
    whatPin: "The desktop shows a number. You tap the same number here and enter your app PIN. No password to type.",
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
    app: "Home screen",
    appWhat: "Opens without internet, and the browser keeps its keys longer.",
    install: "Install",
    before: "Used tallykey here before?",
    beforeWhat:
      "Then the browser cleared what it stored, and the keys are gone. Pair again, register again on each website, and remove the old entries there.",
  },

  trial: {
    title: "Trial",
    what: "This page comes from your desktop, not from a host with a certificate that browsers know. That is what the warning was about.",
    less: [
      "An app PIN takes the place of fingerprint or face: weaker than your screen lock.",
      "It opens only while the desktop runs, in the same network.",
      "Nothing can wake it, and it can’t be installed.",
    ],
    move: "For good: open tallykey at an address with https and a name, pair there, and register again on each website. Then remove this phone’s entries here.",
    pin: "App PIN",
  },

  pin: {
    title: "Choose an app PIN",
    what: "In this trial the app PIN takes the place of fingerprint or face. It is weaker than your screen lock.",
    rule: "At least 6 digits; a longer phrase is better.",
    change: "Change the app PIN",
    changeOld: "First the PIN that you have now.",
    changeNew: "Now the new one. Your registrations stay.",
    changed: "The app PIN was changed.",
    erase: "After 10 wrong entries in a row the keys on this phone are erased. After 5 there is a wait.",
    forgotten: "Nobody can tell you a forgotten PIN.",
    first: "App PIN",
    second: "App PIN once more",
    short: "It must have at least 6 characters.",
    guessable: "That is what others try first. Choose another.",
    differ: "The two are not the same.",
    busy: "This takes a moment",
    enter: "Enter your app PIN",
    wrong: "That was not it.",
    left: (n: number) =>
      n === 1
        ? "One more wrong entry erases the keys on this phone."
        : `${n} more wrong entries in a row erase the keys on this phone.`,
    wait: (seconds: number) => (seconds === 1 ? "Wait 1 second." : `Wait ${seconds} seconds.`),
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
    refused: "The browser did not copy. Copy this link yourself; it is good for two minutes.",
  },

  problem: {
    insecureTitle: "This address is not private",
    insecure: "Keys can be made only on a page that came over https. Open tallykey by its https address.",
    storageTitle: "This browser keeps nothing",
    storage:
      "tallykey must keep its keys on this phone. Leave private browsing, or allow this site to store data, then open it again.",
    framedTitle: "Open tallykey by itself",
    framed: "It stands inside another page, which could have you tap what you don’t see.",
    partTitle: "A part of the app is missing",
    part: "It did not load: the app was updated meanwhile, or its host can’t be reached.",
    elsewhereTitle: "tallykey is open in another window",
    elsewhere: "Requests come there. One window at a time talks to your desktops.",
    here: "Use this window",
    browserTitle: "This browser can’t do it",
    browser: "It lacks passkeys or WebRTC. Use the current version of Chrome, Safari, Firefox or Edge.",
    retry: "Try again",
  },
};

/** The texts in one language. */
export type Words = typeof en;
