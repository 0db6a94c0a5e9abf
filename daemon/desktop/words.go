package desktop

import (
	"fmt"

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
	pair, open, quit          string
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
	pair: "Pair a phone", open: "Open tallykey", quit: "Quit",
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
	pair: "Telefon koppeln", open: "tallykey öffnen", quit: "Beenden",
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

// summary says who asks for what.
func (w words) summary(r api.Request) string {
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
