package desktop

import (
	"fmt"
	"time"

	"tallykey/daemon/api"
)

// words are the texts of tray and notifications in one language; those of the ends come from the code table.
type words struct {
	signIn, register          string // the site
	unlock                    string
	tap, enter                string // the number
	confirm                   string
	asking                    string // the browser
	aBrowser                  string
	show, notMe, cancel       string
	pair, quit                string
	pairing                   string // the phone
	connected, away           string
	pause, resume, resumeSite string // the last one has the website
	forAnHour, untilTomorrow  string
	paused, until, nextDay    string
	dayForm                   string // as time.Format has it
	oneMore, more             string
	activity, registrations   string
	doctor, settings          string
	ready, noPhone, notPaired string
	waiting, problem          string // the site; what is wrong
}

var english = words{
	signIn: "Sign in to %s", register: "Register with %s",
	unlock: "Unlock your phone and open tallykey.",
	tap:    "Tap %s on your phone", enter: "Type %s on your phone",
	confirm: "Number is right. Confirm with fingerprint or face.",
	asking:  "%s is asking", aBrowser: "A browser",
	show: "Show", notMe: "This isn’t me", cancel: "Cancel",
	pair: "Pair a phone", quit: "Quit", pairing: "Pair %s", connected: "connected", away: "away",
	pause: "Pause prompts", resume: "Resume prompts", resumeSite: "Resume for %s",
	forAnHour: "For 1 hour", untilTomorrow: "Until tomorrow, 06:00",
	paused: "Prompts are paused", until: "Paused until %s", nextDay: "tomorrow, %s", dayForm: "2 Jan, 15:04",
	oneMore: "1 more waiting", more: "%d more waiting",
	activity: "Activity", registrations: "Registrations", doctor: "Doctor", settings: "Settings",
	ready: "Ready: %s is connected", noPhone: "No phone is connected", notPaired: "No phone is paired yet",
	waiting: "Waiting for your answer: %s", problem: "Problem: %s",
}

var german = words{
	signIn: "Anmelden bei %s", register: "Registrieren bei %s",
	unlock: "Telefon entsperren und tallykey öffnen.",
	tap:    "Tippen Sie auf dem Telefon %s an", enter: "Geben Sie auf dem Telefon %s ein",
	confirm: "Zahl stimmt. Mit Fingerabdruck oder Gesicht bestätigen.",
	asking:  "%s fragt an", aBrowser: "Ein Browser",
	show: "Zeigen", notMe: "Das bin ich nicht", cancel: "Abbrechen",
	pair: "Telefon koppeln", quit: "Beenden", pairing: "%s koppeln", connected: "verbunden", away: "nicht verbunden",
	pause: "Anfragen pausieren", resume: "Anfragen fortsetzen", resumeSite: "Für %s fortsetzen",
	forAnHour: "1 Stunde lang", untilTomorrow: "Bis morgen, 06:00",
	paused: "Anfragen pausieren", until: "Pausiert bis %s", nextDay: "morgen, %s", dayForm: "2.1., 15:04",
	oneMore: "1 weitere wartet", more: "%d weitere warten",
	activity: "Aktivität", registrations: "Registrierungen", doctor: "Diagnose", settings: "Einstellungen",
	ready: "Bereit: %s ist verbunden", noPhone: "Kein Telefon ist verbunden", notPaired: "Noch kein Telefon gekoppelt",
	waiting: "Wartet auf Ihre Antwort: %s", problem: "Problem: %s",
}

func wordsOf(language string) words {
	if language == "de" {
		return german
	}
	return english
}

// textOf is a row of the code table in the language.
func textOf(code api.Code, language string) api.Text {
	if language == "de" {
		return code.Outcome().De
	}
	return code.Outcome().En
}

// pausedUntil says how long; a zero time is without an end.
func (w words) pausedUntil(until, now time.Time) string {
	until = until.In(now.Location())
	switch clock := until.Format("15:04"); {
	case until.Year() <= 1:
		return w.paused
	case sameDay(until, now):
		return fmt.Sprintf(w.until, clock)
	case sameDay(until, now.AddDate(0, 0, 1)):
		return fmt.Sprintf(w.until, fmt.Sprintf(w.nextDay, clock))
	}
	return fmt.Sprintf(w.until, until.Format(w.dayForm))
}

func sameDay(a, b time.Time) bool { return a.Year() == b.Year() && a.YearDay() == b.YearDay() }

func (w words) moreWaiting(n int) string {
	if n == 1 {
		return w.oneMore
	}
	return fmt.Sprintf(w.more, n)
}

// summary says who asks for what.
func (w words) summary(r api.Request) string {
	if r.Action == "pair" {
		return fmt.Sprintf(w.pairing, r.Phone)
	}
	if r.Action == "create" {
		return fmt.Sprintf(w.register, r.Host)
	}
	return fmt.Sprintf(w.signIn, r.Host)
}

// task says what to do now.
func (w words) task(r api.Request) string {
	switch {
	case r.State == api.Answering:
		return w.confirm
	case r.State != api.Delivered || r.Number == "":
		return w.unlock
	case r.Mode == "type":
		return fmt.Sprintf(w.enter, r.Number)
	}
	return fmt.Sprintf(w.tap, r.Number)
}

// who is the account and the browser, where they are known.
func (w words) who(r api.Request) string {
	browser := r.Browser
	if browser == "" {
		browser = w.aBrowser
	}
	asking := fmt.Sprintf(w.asking, browser)
	if r.Account == "" {
		return asking
	}
	return r.Account + " · " + asking
}
