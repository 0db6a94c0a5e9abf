"use strict";
(() => {
  // src/platform.ts
  var api = globalThis.browser ?? chrome;

  // src/popup/render.ts
  function render(page, view, words2) {
    element(page, "state").replaceChildren(chip(page, view.chip));
    const content = element(page, "content");
    content.replaceChildren(...view.note ? [note(page, view.note)] : phones(page, view, words2));
    content.setAttribute("aria-busy", "false");
  }
  function phones(page, view, words2) {
    const list = page.createElement("ul");
    list.className = "list";
    list.setAttribute("aria-label", words2.say("phones"));
    list.append(...view.phones.map((row) => phone(page, row)));
    if (!view.hint) return [list];
    const hint = page.createElement("p");
    hint.className = "hint small quiet";
    hint.textContent = view.hint;
    return [list, hint];
  }
  function phone(page, row) {
    const item = stamp(page, "phone");
    put(item, ".t b", row.name);
    put(item, ".t span", row.line);
    item.querySelector(".chip")?.append(chip(page, row.chip));
    return item;
  }
  function note(page, { title, what, remedy, code }) {
    const section = stamp(page, "note");
    put(section, "h1", title);
    put(section, ".what", what);
    put(section, ".remedy", remedy);
    put(section, ".code", code ?? "");
    return section;
  }
  function chip(page, { tone, text }) {
    const made = stamp(page, "chip");
    made.classList.add(tone);
    made.querySelector("use")?.setAttribute("href", `#icon-${tone}`);
    made.append(text);
    return made;
  }
  function stamp(page, template) {
    const { content } = element(page, template);
    return content.cloneNode(true).firstElementChild;
  }
  function put(parent, selector, text) {
    const found = parent.querySelector(selector);
    if (found) found.textContent = text;
  }
  function element(page, id) {
    return page.getElementById(id);
  }

  // ../daemon/api/codes.json
  var codes_default = [
    {
      code: "approved",
      state: "approved",
      en: {
        title: "You are signed in",
        what: "The phone approved and the website has its answer.",
        remedy: ""
      },
      de: {
        title: "Sie sind angemeldet",
        what: "Das Telefon hat bestätigt, die Website hat ihre Antwort.",
        remedy: ""
      }
    },
    {
      code: "registered",
      state: "approved",
      en: {
        title: "Registered",
        what: "The phone keeps a new key for this website.",
        remedy: ""
      },
      de: {
        title: "Registriert",
        what: "Das Telefon bewahrt einen neuen Schlüssel für diese Website auf.",
        remedy: ""
      }
    },
    {
      code: "paired",
      state: "approved",
      en: {
        title: "Paired",
        what: "This phone can now answer sign-ins from this desktop.",
        remedy: ""
      },
      de: {
        title: "Gekoppelt",
        what: "Dieses Telefon kann jetzt Anmeldungen von diesem Desktop bestätigen.",
        remedy: ""
      }
    },
    {
      code: "declined",
      state: "declined",
      en: {
        title: "Declined on the phone",
        what: "Nothing was signed in.",
        remedy: "Start again on the website if you meant to."
      },
      de: {
        title: "Auf dem Telefon abgelehnt",
        what: "Es wurde nichts angemeldet.",
        remedy: "Falls gewollt, auf der Website neu beginnen."
      },
      entra: 70034,
      error: "NotAllowedError",
      bad: true
    },
    {
      code: "reported",
      state: "declined",
      en: {
        title: "Reported",
        what: 'Someone said "This isn’t me". Sign-in for this account is paused for 5 minutes.',
        remedy: "If it was you, wait 5 minutes and start again. If not, tell your admin."
      },
      de: {
        title: "Gemeldet",
        what: "Jemand hat „Das bin nicht ich“ gewählt. Die Anmeldung für dieses Konto pausiert 5 Minuten.",
        remedy: "Waren Sie es selbst, warten Sie 5 Minuten und beginnen neu. Wenn nicht, informieren Sie Ihren Admin."
      },
      entra: 500121,
      error: "NotAllowedError",
      bad: true
    },
    {
      code: "wrong_number",
      state: "wrong_number",
      en: {
        title: "A different number was tapped",
        what: "This request has ended.",
        remedy: "Start again on the website and compare."
      },
      de: {
        title: "Es wurde eine andere Zahl angetippt",
        what: "Diese Anfrage ist beendet.",
        remedy: "Auf der Website neu beginnen und vergleichen."
      },
      entra: 70037,
      error: "NotAllowedError",
      bad: true
    },
    {
      code: "timed_out",
      state: "timed_out",
      en: {
        title: "Request timeout",
        what: "Your phone did not answer within 60 seconds.",
        remedy: "Unlock the phone, then start again."
      },
      de: {
        title: "Zeitüberschreitung der Anfrage",
        what: "Ihr Telefon hat 60 Sekunden nicht geantwortet.",
        remedy: "Telefon entsperren, dann neu beginnen."
      },
      entra: 70039,
      error: "NotAllowedError"
    },
    {
      code: "phone_unreachable",
      state: "problem",
      en: {
        title: "The phone can’t be reached",
        what: "The request did not get to the phone, or the phone left in the middle.",
        remedy: "Open tallykey on the phone, join the same network as this desktop, then start again."
      },
      de: {
        title: "Das Telefon ist nicht erreichbar",
        what: "Die Anfrage kam nicht beim Telefon an, oder das Telefon verschwand währenddessen.",
        remedy: "tallykey auf dem Telefon öffnen, dasselbe Netz wie dieser Desktop verwenden, dann neu beginnen."
      },
      entra: 500121,
      error: "NotAllowedError"
    },
    {
      code: "cancelled_by_page",
      state: "declined",
      en: {
        title: "The website stopped asking",
        what: "The page was closed or it cancelled the sign-in.",
        remedy: "Start again on the website if you meant to."
      },
      de: {
        title: "Die Website fragt nicht mehr",
        what: "Die Seite wurde geschlossen oder hat die Anmeldung abgebrochen.",
        remedy: "Falls gewollt, auf der Website neu beginnen."
      },
      entra: 500121,
      error: "AbortError"
    },
    {
      code: "cancelled_on_desktop",
      state: "declined",
      en: {
        title: "Cancelled on the desktop",
        what: "Nothing was signed in.",
        remedy: "Start again on the website if you meant to."
      },
      de: {
        title: "Auf dem Desktop abgebrochen",
        what: "Es wurde nichts angemeldet.",
        remedy: "Falls gewollt, auf der Website neu beginnen."
      },
      entra: 500121,
      error: "NotAllowedError"
    },
    {
      code: "answered_elsewhere",
      state: "declined",
      en: {
        title: "Answered on another phone",
        what: "Another of your phones took this request.",
        remedy: ""
      },
      de: {
        title: "Auf einem anderen Telefon beantwortet",
        what: "Ein anderes Ihrer Telefone hat diese Anfrage übernommen.",
        remedy: ""
      },
      entra: 70033,
      error: "NotAllowedError"
    },
    {
      code: "verification_failed",
      state: "problem",
      en: {
        title: "You were not recognised",
        what: "The phone’s screen lock, fingerprint or face did not confirm you.",
        remedy: "Start again on the website and confirm on the phone."
      },
      de: {
        title: "Sie wurden nicht erkannt",
        what: "Bildschirmsperre, Fingerabdruck oder Gesicht haben Sie auf dem Telefon nicht bestätigt.",
        remedy: "Auf der Website neu beginnen und auf dem Telefon bestätigen."
      },
      entra: 500121,
      error: "NotAllowedError",
      bad: true
    },
    {
      code: "key_gone",
      state: "problem",
      en: {
        title: "The phone no longer has this key",
        what: "The browser on the phone deleted it, or the app was removed.",
        remedy: "Remove the registration here, sign in another way, then register again."
      },
      de: {
        title: "Das Telefon hat diesen Schlüssel nicht mehr",
        what: "Der Browser des Telefons hat ihn gelöscht, oder die App wurde entfernt.",
        remedy: "Registrierung hier entfernen, anders anmelden, dann neu registrieren."
      },
      entra: 130004,
      error: "NotAllowedError"
    },
    {
      code: "signature_invalid",
      state: "problem",
      en: {
        title: "The phone’s answer does not fit the request",
        what: "A signature in it is wrong, so nothing was signed in.",
        remedy: "Start again. If it happens again, remove the phone and pair it anew."
      },
      de: {
        title: "Die Antwort des Telefons passt nicht zur Anfrage",
        what: "Eine Signatur darin ist falsch, es wurde nichts angemeldet.",
        remedy: "Neu beginnen. Falls es wieder geschieht, das Telefon entfernen und neu koppeln."
      },
      entra: 130005,
      error: "NotAllowedError",
      bad: true
    },
    {
      code: "message_invalid",
      state: "problem",
      en: {
        title: "The phone sent something this desktop can’t read",
        what: "The connection was closed.",
        remedy: "Reload tallykey on the phone to get its newest version."
      },
      de: {
        title: "Das Telefon hat etwas Unlesbares gesendet",
        what: "Die Verbindung wurde geschlossen.",
        remedy: "tallykey auf dem Telefon neu laden, um die neueste Version zu erhalten."
      },
      entra: 500121,
      error: "NotAllowedError"
    },
    {
      code: "version_unknown",
      state: "problem",
      en: {
        title: "Phone and desktop speak different versions",
        what: "One of them is older.",
        remedy: "Reload tallykey on the phone and update it on the desktop."
      },
      de: {
        title: "Telefon und Desktop sprechen verschiedene Versionen",
        what: "Eines von beiden ist älter.",
        remedy: "tallykey auf dem Telefon neu laden und auf dem Desktop aktualisieren."
      },
      entra: 500121,
      error: "NotAllowedError"
    },
    {
      code: "phone_removed",
      state: "problem",
      en: {
        title: "This phone is not paired any more",
        what: "It was removed on the desktop.",
        remedy: 'Pair it again: choose "Pair a phone" on the desktop.'
      },
      de: {
        title: "Dieses Telefon ist nicht mehr gekoppelt",
        what: "Es wurde auf dem Desktop entfernt.",
        remedy: "Neu koppeln: auf dem Desktop „Telefon koppeln“ wählen."
      },
      entra: 130008,
      error: "NotAllowedError"
    },
    {
      code: "paused",
      state: "problem",
      en: {
        title: "Sign-in for this account is paused",
        what: 'There were three bad answers in 10 minutes, or someone said "This isn’t me".',
        remedy: "Wait 5 minutes, then start again."
      },
      de: {
        title: "Die Anmeldung für dieses Konto pausiert",
        what: "Es gab drei falsche Antworten in 10 Minuten, oder jemand hat „Das bin nicht ich“ gewählt.",
        remedy: "5 Minuten warten, dann neu beginnen."
      },
      entra: 50053,
      error: "NotAllowedError"
    },
    {
      code: "busy",
      state: "problem",
      en: {
        title: "Too many sign-ins are waiting",
        what: "Three requests wait already.",
        remedy: "Answer or cancel the one on the screen first."
      },
      de: {
        title: "Zu viele Anmeldungen warten",
        what: "Es warten schon drei Anfragen.",
        remedy: "Zuerst die angezeigte beantworten oder abbrechen."
      },
      entra: 50053,
      error: "NotAllowedError"
    },
    {
      code: "desktop_locked",
      state: "problem",
      en: {
        title: "The desktop is locked",
        what: "No request is shown while the screen is locked.",
        remedy: "Unlock the desktop, then start again."
      },
      de: {
        title: "Der Desktop ist gesperrt",
        what: "Bei gesperrtem Bildschirm wird keine Anfrage gezeigt.",
        remedy: "Desktop entsperren, dann neu beginnen."
      },
      entra: 500121,
      error: "NotAllowedError"
    },
    {
      code: "daemon_stopped",
      state: "problem",
      en: {
        title: "tallykey stopped",
        what: "The program in the tray ended before the answer came.",
        remedy: "Start tallykey again, then start again on the website."
      },
      de: {
        title: "tallykey wurde beendet",
        what: "Das Programm im Infobereich endete vor der Antwort.",
        remedy: "tallykey neu starten, dann auf der Website neu beginnen."
      },
      entra: 500121,
      error: "NotAllowedError"
    },
    {
      code: "registration_exists",
      state: "problem",
      en: {
        title: "The phone already has a key for this account",
        what: "The website said that one of its keys must not be made twice.",
        remedy: "Sign in with the phone instead."
      },
      de: {
        title: "Das Telefon hat schon einen Schlüssel für dieses Konto",
        what: "Die Website verlangt, dass einer ihrer Schlüssel nicht doppelt entsteht.",
        remedy: "Stattdessen mit dem Telefon anmelden."
      },
      error: "InvalidStateError"
    },
    {
      code: "not_ours",
      state: "problem",
      en: {
        title: "No registration for this website",
        what: "The browser’s own passkey dialog takes over.",
        remedy: "Register the phone with the website first."
      },
      de: {
        title: "Keine Registrierung für diese Website",
        what: "Der eigene Passkey-Dialog des Browsers übernimmt.",
        remedy: "Zuerst das Telefon bei der Website registrieren."
      },
      entra: 392101,
      error: "NotAllowedError",
      fallThrough: true
    },
    {
      code: "no_phone",
      state: "problem",
      en: {
        title: "No phone is paired",
        what: "The browser’s own passkey dialog takes over.",
        remedy: "Pair a phone: tallykey pair."
      },
      de: {
        title: "Kein Telefon gekoppelt",
        what: "Der eigene Passkey-Dialog des Browsers übernimmt.",
        remedy: "Telefon koppeln: tallykey pair."
      },
      entra: 392101,
      error: "NotAllowedError",
      fallThrough: true
    },
    {
      code: "options_unsupported",
      state: "problem",
      en: {
        title: "The website asks for something the phone can’t do",
        what: "The browser’s own passkey dialog takes over.",
        remedy: "Use a security key or another passkey for this website."
      },
      de: {
        title: "Die Website verlangt etwas, das das Telefon nicht kann",
        what: "Der eigene Passkey-Dialog des Browsers übernimmt.",
        remedy: "Für diese Website einen Sicherheitsschlüssel oder anderen Passkey verwenden."
      },
      error: "NotSupportedError",
      fallThrough: true
    },
    {
      code: "options_invalid",
      state: "problem",
      en: {
        title: "The website’s request is malformed",
        what: "A part of it is missing, empty or too large.",
        remedy: "Tell the website’s operator; the detail stands in the activity log."
      },
      de: {
        title: "Die Anfrage der Website ist fehlerhaft",
        what: "Ein Teil fehlt, ist leer oder zu groß.",
        remedy: "Betreiber der Website informieren; Einzelheiten stehen im Aktivitätsprotokoll."
      },
      error: "TypeError",
      fallThrough: true
    },
    {
      code: "origin_mismatch",
      state: "problem",
      en: {
        title: "The website asks for another website’s key",
        what: "Its address does not belong to the RP ID it named.",
        remedy: "Check the address. This can be a phishing attempt."
      },
      de: {
        title: "Die Website verlangt den Schlüssel einer anderen",
        what: "Ihre Adresse gehört nicht zur genannten RP-ID.",
        remedy: "Adresse prüfen. Das kann ein Phishing-Versuch sein."
      },
      entra: 135008,
      error: "SecurityError",
      fallThrough: true
    },
    {
      code: "keyring_locked",
      state: "problem",
      en: {
        title: "The keyring is locked",
        what: "tallykey keeps its registrations there and can’t read them.",
        remedy: "Unlock the keyring: log out and in, or open it in Passwords and Keys."
      },
      de: {
        title: "Der Schlüsselbund ist gesperrt",
        what: "tallykey bewahrt dort seine Registrierungen auf und kann sie nicht lesen.",
        remedy: "Schlüsselbund entsperren: ab- und anmelden oder in „Passwörter und Schlüssel“ öffnen."
      },
      error: "NotAllowedError",
      fallThrough: true
    },
    {
      code: "keyring_missing",
      state: "problem",
      en: {
        title: "There is no keyring",
        what: "No Secret Service answers on this desktop’s session bus.",
        remedy: "Install and start one: sudo apt install gnome-keyring."
      },
      de: {
        title: "Es gibt keinen Schlüsselbund",
        what: "Kein Secret Service antwortet auf dem Sitzungsbus dieses Desktops.",
        remedy: "Einen installieren und starten: sudo apt install gnome-keyring."
      },
      error: "NotAllowedError",
      fallThrough: true
    },
    {
      code: "keyring_failed",
      state: "problem",
      en: {
        title: "The keyring did not answer",
        what: "It was too slow, refused, or returned something unreadable.",
        remedy: "Check it with: tallykey status. Then start again."
      },
      de: {
        title: "Der Schlüsselbund hat nicht geantwortet",
        what: "Er war zu langsam, hat abgelehnt oder Unlesbares geliefert.",
        remedy: "Prüfen mit: tallykey status. Dann neu beginnen."
      },
      error: "NotAllowedError",
      fallThrough: true
    },
    {
      code: "link_failed",
      state: "problem",
      en: {
        title: "The phone link could not start",
        what: "The network port could not be opened.",
        remedy: "See the reason in: tallykey status."
      },
      de: {
        title: "Die Telefonverbindung konnte nicht starten",
        what: "Der Netzwerkanschluss konnte nicht geöffnet werden.",
        remedy: "Den Grund zeigt: tallykey status."
      },
      error: "NotAllowedError",
      fallThrough: true
    },
    {
      code: "pairing_expired",
      state: "timed_out",
      en: {
        title: "The pairing code has expired",
        what: "It is good for two minutes and for one phone.",
        remedy: 'Show a new one: choose "Pair a phone" on the desktop.'
      },
      de: {
        title: "Der Kopplungscode ist abgelaufen",
        what: "Er gilt zwei Minuten und für ein Telefon.",
        remedy: "Einen neuen zeigen: auf dem Desktop „Telefon koppeln“ wählen."
      }
    },
    {
      code: "no_screen_lock",
      state: "problem",
      en: {
        title: "The phone has no screen lock",
        what: "tallykey needs a screen lock, fingerprint or face to know that it is you.",
        remedy: "Set up a screen lock in the phone’s settings, then pair again."
      },
      de: {
        title: "Das Telefon hat keine Bildschirmsperre",
        what: "tallykey braucht Bildschirmsperre, Fingerabdruck oder Gesicht, um Sie zu erkennen.",
        remedy: "Bildschirmsperre in den Einstellungen des Telefons einrichten, dann neu koppeln."
      }
    },
    {
      code: "request_unknown",
      state: "problem",
      en: {
        title: "That request is over",
        what: "It ended before this arrived.",
        remedy: "Start again on the website."
      },
      de: {
        title: "Diese Anfrage ist vorbei",
        what: "Sie endete, bevor dies ankam.",
        remedy: "Auf der Website neu beginnen."
      },
      entra: 70035,
      error: "NotAllowedError"
    },
    {
      code: "phone_unknown",
      state: "problem",
      en: {
        title: "No such phone",
        what: "No paired phone has this id.",
        remedy: "See: tallykey phones."
      },
      de: {
        title: "Kein solches Telefon",
        what: "Kein gekoppeltes Telefon hat diese Kennung.",
        remedy: "Siehe: tallykey phones."
      },
      entra: 130008
    },
    {
      code: "registration_unknown",
      state: "problem",
      en: {
        title: "No such registration",
        what: "No registration has this id.",
        remedy: "See: tallykey registrations."
      },
      de: {
        title: "Keine solche Registrierung",
        what: "Keine Registrierung hat diese Kennung.",
        remedy: "Siehe: tallykey registrations."
      },
      entra: 135010
    }
  ];

  // src/popup/view.ts
  function viewOf(reach, words2, now) {
    if (reach.kind !== "running") return problem(unreached(reach.kind, words2), words2);
    const broken = brokenPart(reach.status);
    if (broken) return problem(outcome(broken, words2), words2);
    const phones2 = reach.status.phones ?? [];
    if (phones2.length === 0) return problem(outcome("no_phone", words2), words2);
    return phoneView(phones2, words2, now);
  }
  function phoneView(phones2, words2, now) {
    const rows = phones2.map((phone2) => phoneRow(phone2, words2, now));
    const reachable = phones2.some((phone2) => phone2.connected);
    if (reachable) return { chip: { tone: "ok", text: words2.say("ready") }, phones: rows };
    return { chip: { tone: "wait", text: words2.say("notConnected") }, phones: rows, hint: words2.say("openOnPhone") };
  }
  function phoneRow(phone2, words2, now) {
    if (phone2.connected) {
      const chip3 = { tone: "ok", text: words2.say("connected") };
      return { name: phone2.name, line: words2.say("onThisNetwork"), chip: chip3 };
    }
    const chip2 = { tone: "wait", text: words2.say("notConnected") };
    return { name: phone2.name, line: lastSeen(phone2, words2, now), chip: chip2 };
  }
  function lastSeen(phone2, words2, now) {
    const seen = new Date(phone2.lastSeen ?? Number.NaN);
    return Number.isNaN(seen.getTime()) ? words2.say("neverSeen") : words2.say("lastSeen", short(seen, now, words2));
  }
  function short(time, now, { language, say }) {
    const days = Math.round((midnight(now) - midnight(time)) / 864e5);
    if (days === 0) return time.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    return days === 1 ? say("yesterday") : time.toLocaleDateString(language, { day: "numeric", month: "short" });
  }
  var midnight = (time) => new Date(time).setHours(0, 0, 0, 0);
  function problem(note2, words2) {
    return { chip: { tone: "warn", text: words2.say("problem") }, phones: [], note: note2 };
  }
  function brokenPart({ keyring, link }) {
    return [keyring, link].find((part) => part.state === "problem" && part.code)?.code;
  }
  function unreached(kind, { say }) {
    return { title: say(`${kind}Title`), what: say(`${kind}What`), remedy: say(`${kind}Remedy`) };
  }
  function outcome(code, { language, say }) {
    const row = codes_default.find((candidate) => candidate.code === code);
    if (!row) return { ...unreached("silent", { language, say }), code };
    return { ...language.startsWith("de") ? row.de : row.en, code };
  }

  // src/popup/main.ts
  var words = {
    language: api.i18n.getUILanguage(),
    say: (key, ...values) => api.i18n.getMessage(key, values)
  };
  async function check() {
    const question = { kind: "status" };
    const reach = await api.runtime.sendMessage(question);
    render(document, viewOf(reach, words, /* @__PURE__ */ new Date()), words);
  }
  document.documentElement.lang = words.language.startsWith("de") ? "de" : "en";
  var button = document.getElementById("check");
  button.textContent = words.say("check");
  button.addEventListener("click", () => void check());
  void check();
})();
