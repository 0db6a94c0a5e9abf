import type { Words } from "./en";

/** Alle Texte auf Deutsch; Ergebnisse stehen in der Tabelle der Codes. */
export const de: Words = {
  language: "de",
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
  unknown: {
    title: "Unbekanntes Ergebnis",
    what: "Diese Telefon-App ist älter als das Programm des Desktops.",
    remedy: "tallykey auf dem Telefon neu laden, um die neueste Version zu erhalten.",
  },
  back: "Zurück",
  cancel: "Abbrechen",
  done: "Fertig",
  continue: "Weiter",

  request: {
    titles: { get: "Anmeldeanfrage", create: "Registrierungsanfrage", pair: "Kopplungsanfrage" },
    verbs: { get: "Anmelden bei", create: "Schlüssel anlegen für", pair: "Koppeln mit" },
    seconds: (n) => (n === 1 ? "noch 1 Sekunde" : `noch ${n} Sekunden`),
    on: (browser, desktop) => (browser ? `${browser} auf ${desktop}` : desktop),
    pairing: "Dieser Desktop kann dann auf diesem Telefon nach Anmeldungen fragen.",
    which: "Welche Zahl steht auf Ihrem Desktop?",
    type: "Tippen Sie die Zahl auf Ihrem Desktop ein",
    after: "Danach mit Fingerabdruck oder Gesicht bestätigen.",
    afterPin: "Danach die App-PIN eingeben.",
    approveAsk: "Melden Sie sich gerade an?",
    approveWhat:
      "Die Website fragt nach dem Passwort noch einmal hier. Es gibt keine Zahl zum Vergleichen; bestätigen Sie nur, was Sie eben begonnen haben.",
    approve: "Bestätigen",
    deny: "Ablehnen",
    rpId: (id) => `Schlüssel von ${id}`,
    none: "Keine Zahl auf Ihrem Desktop? Dann fragt jemand anderes an.",
    noneInList: "Keines Ihrer Konten hier? Dann fragt jemand anderes an.",
    accounts: "Welches Konto?",
    notMe: "Das bin ich nicht",
    decline: "Ablehnen",
    confirm: "Mit Bildschirmsperre, Fingerabdruck oder Gesicht bestätigen",
    chosen: (number) => `Sie haben ${number} gewählt.`,
    again: "Sie wurden nicht erkannt",
    againWhat: "Für einen weiteren Versuch ist Zeit.",
    tryAgain: "Erneut versuchen",
    sent: "Ihre Antwort wird gesendet",
    lookalike: "Enthält Zeichen, die anderen ähnlich sehen. Gezeigt, wie der Browser sie sendet.",
    inside: (host) => `In einer Seite von ${host}.`,
  },

  outcome: {
    approved: "Bestätigt",
    signedIn: (desktop) => ["Sie sind auf ", desktop, " angemeldet."],
    registered: (desktop) => ["Sie können sich jetzt von ", desktop, " aus anmelden."],
    paired: (desktop) => ["Dieses Telefon kann jetzt Anmeldungen von ", desktop, " bestätigen."],
    today: (time) => `heute, ${time}`,
    name: "Wie sollen Desktops dieses Telefon nennen?",
    suspect: "Diesen Desktop ansehen",
  },

  home: {
    none: "Keine Anfrage wartet",
    start: "Beginnen Sie eine Anmeldung auf Ihrem Desktop. Sie erscheint hier.",
    check: "Erneut prüfen",
    desktops: "Desktops",
    registrations: "Registrierungen",
    noRegistrations: "Noch keine Registrierungen. Registrieren Sie dieses Telefon vom Desktop aus bei einer Website.",
    unusable: "Kein Desktop",
    accounts: (n) => `${n} Konten`,
    pair: "Desktop koppeln",
    paired: (when) => `Gekoppelt ${when}`,
    seen: (when) => `Gesehen ${when}`,
    ends: (day) => `Vor dem ${day} neu koppeln`,
    yesterday: "gestern",
    reach: { connecting: "Verbindet", connected: "Verbunden", away: "Abwesend", refused: "Neu koppeln" },
    outdated: "Update nötig",
  },

  activity: {
    title: "Aktivität",
    what: (n) => (n === 0 ? "Noch nichts" : n === 1 ? "1 Anfrage" : `${n} Anfragen`),
    none: "Hier steht, wie Anfragen endeten.",
    save: "Als JSON exportieren",
  },

  phone: {
    title: "Dieses Telefon",
    name: "Name, den Desktops zeigen",
    save: "Speichern",
    saved: "Gespeichert.",
    bad: "Ein Name hat 1 bis 64 Zeichen.",
    storage: "Speicher",
    kept: "Gesichert",
    keptWhat: "Der Browser hat zugesagt, das hier Gespeicherte nicht von selbst zu löschen.",
    free: "Nicht zugesagt",
    freeWhat:
      "Der Browser darf das hier Gespeicherte löschen, wenn der Platz knapp wird, oder, in Safari außerhalb des Home-Bildschirms, nach sieben Tagen ohne Besuch.",
    unknown: "Unbekannt",
    unknownWhat: "Dieser Browser sagt nicht, ob er das hier Gespeicherte behält.",
    keep: "Browser bitten, es zu behalten",
    lost: "Wird es gelöscht, sind die Schlüssel weg. Koppeln Sie neu, dann registrieren Sie sich auf jeder Website neu; die alten Einträge lassen sich dort entfernen.",
    wake: "Wecken",
    wakeSwitch: "Desktops dürfen dieses Telefon wecken",
    wakeWhat:
      "Eine Mitteilung sagt, dass ein Desktop fragt, ohne Namen und Zahlen. Sie geht durch den Push-Dienst des Browser-Herstellers; die Anfrage selbst nicht.",
    wakeIOS: "Auf einem iPhone geht das nur mit einer App auf dem Home-Bildschirm.",
    wakeNone: "Auf Ihren Desktops aus. Schalten Sie dort in den Einstellungen von tallykey „Telefon wecken“ ein.",
    wakeDenied:
      "Mitteilungen sind für diese App aus. Erlauben Sie sie in den Einstellungen des Telefons und schalten Sie dann erneut ein.",
    wakeFailed: "Der Push-Dienst hat nicht geantwortet. Prüfen Sie die Internetverbindung und versuchen Sie es erneut.",
  },

  scan: {
    start: "Code scannen",
    stop: "Beenden",
    aim: "Richten Sie die Kamera auf den Code am Desktop.",
    denied:
      "Die Kamera ist nicht nutzbar. Erlauben Sie sie für diese Site in den Browser-Einstellungen, oder fügen Sie den Link ein.",
    video: "Kamerabild",
  },

  trouble: {
    title: (desktop) => `${desktop} antwortet nicht`,
    link: "Der Code steht noch auf dem Bildschirm des Desktops. Er gilt zwei Minuten und für ein Telefon.",
    any: {
      order: "Prüfen Sie in dieser Reihenfolge. tallykey versucht es weiter.",
      causes: [
        "tallykey läuft auf dem Desktop, und der Desktop ist wach.",
        "Beide sind im selben WLAN, und es lässt Geräte zueinander. Gastnetze tun das nicht: Nehmen Sie ein anderes, oder verbinden Sie den Desktop mit dem Hotspot dieses Telefons.",
        "Kein VPN auf dem Telefon, oder eines, das das lokale Netz durchlässt.",
        "In den Einstellungen des Telefons darf der Browser „Geräte in der Nähe“ oder „Lokales Netzwerk“ benutzen.",
        "In den Einstellungen des Browsers darf diese Website das lokale Netz benutzen.",
        "Telefon und Desktop zeigen dieselbe Uhrzeit.",
      ],
    },
    near: {
      order:
        "Er ist wach und in der Nähe: Sein Name ist in diesem Netz bekannt. Aber diesem Telefon antwortet er nicht. Prüfen Sie in dieser Reihenfolge.",
      causes: [
        "Das WLAN trennt seine Geräte, wie Gastnetze es tun (Client-Isolation). Nehmen Sie ein anderes, oder verbinden Sie den Desktop mit dem Hotspot dieses Telefons.",
        "Eine Firewall auf dem Desktop hält das Telefon fern. „tallykey doctor“ sagt dort, was zu ändern ist.",
        "Kein VPN auf Telefon und Desktop, oder eines, das das lokale Netz durchlässt.",
        "Telefon und Desktop zeigen dieselbe Uhrzeit.",
      ],
    },
    one: {
      denied:
        "Diese Website darf das lokale Netz nicht benutzen. Erlauben Sie es in den Website-Einstellungen des Browsers und prüfen Sie erneut.",
      offline: "Dieses Telefon ist in keinem Netz. Verbinden Sie es mit dem WLAN, in dem der Desktop ist.",
      mobile: "Dieses Telefon nutzt mobile Daten. Verbinden Sie es mit dem WLAN, in dem der Desktop ist.",
      clock:
        "Die Uhr dieses Telefons geht um zehn Minuten oder mehr falsch, und einem solchen Telefon antwortet kein Desktop. Lassen Sie in den Einstellungen des Telefons Datum und Uhrzeit automatisch stellen und prüfen Sie erneut.",
    },
  },

  site: {
    made: (when) => `Angelegt ${when}`,
    keys: {
      prf: "Öffnet sich nur mit Bildschirmsperre, Fingerabdruck oder Gesicht",
      device: "Vom Browser aufbewahrt",
      pin: "App-PIN: schwächer als Ihre Bildschirmsperre",
    },
    replaced: "Ersetzt",
    replacedWhat:
      "Ein neuerer Schlüssel ist an seine Stelle getreten. Die Website nimmt diesen noch, bis sie etwas anderes sagt.",
    removeOld: (site) => `Der neuere Schlüssel bleibt. Entfernen Sie den alten Eintrag auch bei ${site}.`,
    again: "Für ein anderes Konto: hier entfernen und vom Desktop aus neu registrieren. Das dauert Sekunden.",
    remove: "Entfernen",
    removeTitle: (account) => `${account} von diesem Telefon entfernen?`,
    removeWhat: (site) =>
      `Dieses Telefon kann sich damit nicht mehr bei ${site} anmelden. Melden Sie sich anders an und registrieren Sie neu.`,
    gone: "Hier entfernt, ist sie auf jedem gekoppelten Desktop entfernt: sofort oder beim nächsten Kontakt. Die Website führt sie noch auf; entfernen Sie sie auch dort.",
  },

  desktop: {
    ends: (day) => `Diese Kopplung endet am ${day}`,
    ended: (day) => `Diese Kopplung endete am ${day}`,
    endsWhat:
      "Eine frühe Version von tallykey hat ihr ein Ende gegeben. Koppeln Sie neu, dann hat sie keines. Ihre Registrierungen bleiben, wie sie sind.",
    remove: "Diesen Desktop entfernen",
    removeTitle: (name) => `${name} entfernen?`,
    removeWhat: (n) =>
      n === 0
        ? "Er kann auf diesem Telefon nicht mehr anfragen. Registrierungen bleiben hier für andere Desktops."
        : n === 1
          ? "Er kann auf diesem Telefon nicht mehr anfragen. Eine Registrierung, die nur er nutzen kann, fällt mit weg."
          : `Er kann auf diesem Telefon nicht mehr anfragen. ${n} Registrierungen, die nur er nutzen kann, fallen mit weg.`,
    again: "Wählen Sie auf dem Desktop „Telefon koppeln“ und scannen Sie den Code, oder fügen Sie den Link hier ein.",
    keys: {
      prf: "Schlüssel öffnen sich nur mit Bildschirmsperre, Fingerabdruck oder Gesicht.",
      device: "Der Browser bewahrt die Schlüssel auf.",
      pin: "App-PIN: schwächer als Ihre Bildschirmsperre.",
    },
    addresses: "Zuletzt bekannte Adressen",
  },

  pair: {
    title: "Desktop koppeln",
    how: "Wählen Sie auf dem Desktop „Telefon koppeln“. Scannen Sie den Code mit der Kamera dieses Telefons, oder fügen Sie den Link ein, der darunter steht.",
    field: "Kopplungslink",
    bad: "Das ist kein Kopplungslink dieser Version. Kopieren Sie den ganzen Link vom Desktop.",
    againTitle: (name) => `${name} ist schon gekoppelt`,
    againWhat: "Neu koppeln ersetzt die Kopplung. Ihre Registrierungen bleiben.",
    again: "Neu koppeln",
    connecting: (name) => `Verbindung mit ${name}`,
    connectingWhat: "Lassen Sie diese Seite offen. Die Frage erscheint hier.",
  },

  first: {
    title: "Ihr Telefon ist der Schlüssel",
    what: "Der Desktop zeigt eine Zahl. Sie tippen hier dieselbe Zahl an und bestätigen mit Fingerabdruck oder Gesicht. Kein Passwort zum Tippen.",
    whatPin:
      "Der Desktop zeigt eine Zahl. Sie tippen hier dieselbe Zahl an und geben Ihre App-PIN ein. Kein Passwort zum Tippen.",
    phone: "Dieses Telefon",
    lock: "Bildschirmsperre, Fingerabdruck oder Gesicht",
    on: "Bereit",
    off: "Fehlt",
    offWhat: "In den Einstellungen des Telefons einrichten.",
    network: "Dasselbe Netz",
    networkWhat: "Wird beim Koppeln geprüft",
    later: "Später",
    keys: "Schlüssel entstehen auf diesem Telefon und bleiben hier. Nichts geht in eine Cloud.",
    pair: "Desktop koppeln",
    app: "Home-Bildschirm",
    appWhat: "Öffnet ohne Internet, und der Browser bewahrt die Schlüssel länger auf.",
    install: "Installieren",
    before: "tallykey hier schon benutzt?",
    beforeWhat:
      "Dann hat der Browser das Gespeicherte gelöscht, und die Schlüssel sind weg. Koppeln Sie neu, registrieren Sie sich auf jeder Website neu und entfernen Sie dort die alten Einträge.",
  },

  trial: {
    title: "Probebetrieb",
    what: "Diese Seite kommt von Ihrem Desktop und nicht von einem Host mit einem Zertifikat, das Browser kennen. Davon handelte die Warnung.",
    less: [
      "Eine App-PIN ersetzt Fingerabdruck oder Gesicht: schwächer als Ihre Bildschirmsperre.",
      "Sie öffnet sich nur, solange der Desktop läuft, im selben Netz.",
      "Nichts kann sie wecken, und sie lässt sich nicht installieren.",
    ],
    move: "Auf Dauer: Öffnen Sie tallykey unter einer Adresse mit https und Namen, koppeln Sie dort und registrieren Sie sich auf jeder Website neu. Entfernen Sie dann hier die Einträge dieses Telefons.",
    pin: "App-PIN",
  },

  pin: {
    title: "App-PIN festlegen",
    what: "In diesem Probebetrieb ersetzt die App-PIN Fingerabdruck oder Gesicht. Sie ist schwächer als Ihre Bildschirmsperre.",
    rule: "Mindestens 6 Ziffern; eine längere Wortfolge ist besser.",
    change: "App-PIN ändern",
    changeOld: "Zuerst die PIN, die Sie jetzt haben.",
    changeNew: "Nun die neue. Ihre Registrierungen bleiben.",
    changed: "Die App-PIN wurde geändert.",
    erase:
      "Nach 10 falschen Eingaben nacheinander werden die Schlüssel auf diesem Telefon gelöscht. Nach 5 gibt es eine Wartezeit.",
    forgotten: "Eine vergessene PIN kann Ihnen niemand nennen.",
    first: "App-PIN",
    second: "App-PIN noch einmal",
    short: "Sie braucht mindestens 6 Zeichen.",
    guessable: "Das probieren andere zuerst. Wählen Sie eine andere.",
    differ: "Die beiden sind nicht gleich.",
    busy: "Das dauert einen Moment",
    enter: "App-PIN eingeben",
    wrong: "Das war sie nicht.",
    left: (n) =>
      n === 1
        ? "Noch eine falsche Eingabe löscht die Schlüssel auf diesem Telefon."
        : `Noch ${n} falsche Eingaben nacheinander löschen die Schlüssel auf diesem Telefon.`,
    wait: (seconds) => (seconds === 1 ? "Warten Sie 1 Sekunde." : `Warten Sie ${seconds} Sekunden.`),
  },

  install: {
    title: "tallykey auf den Home-Bildschirm legen",
    what: "Ein iPhone bewahrt Daten einer App auf dem Home-Bildschirm getrennt von Safari auf, und länger. Darum wird dort gekoppelt.",
    steps: [
      "Tippen Sie auf „Teilen“ im Browser.",
      "Wählen Sie „Zum Home-Bildschirm“, dann Hinzufügen.",
      "Öffnen Sie tallykey vom Home-Bildschirm und fügen Sie den Link dort ein.",
    ],
    copy: "Kopplungslink kopieren",
    copied: "Kopiert. Er gilt zwei Minuten.",
    refused: "Der Browser hat nicht kopiert. Kopieren Sie diesen Link selbst; er gilt zwei Minuten.",
  },

  problem: {
    insecureTitle: "Diese Adresse ist nicht privat",
    insecure:
      "Schlüssel entstehen nur auf einer Seite, die über https kam. Öffnen Sie tallykey unter seiner https-Adresse.",
    storageTitle: "Dieser Browser behält nichts",
    storage:
      "tallykey muss seine Schlüssel auf diesem Telefon aufbewahren. Verlassen Sie den privaten Modus oder erlauben Sie der Website, Daten zu speichern, und öffnen Sie sie neu.",
    framedTitle: "tallykey für sich allein öffnen",
    framed: "Es steht in einer anderen Seite; die könnte Sie antippen lassen, was Sie nicht sehen.",
    partTitle: "Ein Teil der App fehlt",
    part: "Er wurde nicht geladen: Die App wurde inzwischen erneuert, oder ihr Host ist nicht erreichbar.",
    elsewhereTitle: "tallykey ist in einem anderen Fenster offen",
    elsewhere: "Anfragen kommen dort an. Mit Ihren Desktops spricht immer nur ein Fenster.",
    here: "Dieses Fenster nutzen",
    browserTitle: "Dieser Browser kann das nicht",
    browser: "Ihm fehlen Passkeys oder WebRTC. Nutzen Sie die aktuelle Version von Chrome, Safari, Firefox oder Edge.",
    retry: "Erneut versuchen",
  },
};
