package desktop

import (
	"html"
	"strings"

	"tallykey/daemon/api"
)

// Keys of a notification's actions. "default" is what a click on the notification itself means.
const (
	actionShow   = "default"
	actionReport = "report"
	actionCancel = "cancel"
)

// Urgencies of the notification specification.
const (
	normal   = byte(1)
	critical = byte(2) // stays until it is answered, and shows above full-screen windows
)

// endMillis is how long an end stays.
const endMillis = 8000

// notification is what one call of Notify shows.
type notification struct {
	summary string
	body    string
	actions []string // key, label, key, label
	urgency byte
	expires int32 // milliseconds; 0: never
}

// OnDemand is the detail of a notification service that does not run and that the bus starts when it is needed.
const OnDemand = "starts when it is needed"

// notificationOf is what the request looks like as a notification, with how many wait behind it. ok is false where it is none: before its turn, and at
// an end that the person brought about or is looking at, or can't look at because the screen is locked.
func notificationOf(r api.Request, more int, language string, markup bool) (n notification, ok bool) {
	w := wordsOf(language)
	switch r.State {
	case api.Queued:
		return n, false
	case api.Ended:
		return endOf(r, language, markup)
	}
	n = notification{summary: w.summary(r), urgency: critical, body: strong(w.task(r), markup), actions: []string{actionShow, w.show}}
	if r.Action != "pair" { // whoever pairs sits here
		n.body = lines(n.body, escape(w.who(r), markup))
		n.actions = append(n.actions, actionReport, w.notMe)
	}
	n.actions = append(n.actions, actionCancel, w.cancel)
	if more > 0 {
		n.body = lines(n.body, escape(w.moreWaiting(more), markup))
	}
	return n, true
}

func endOf(r api.Request, language string, markup bool) (n notification, ok bool) {
	switch {
	case r.Code.Outcome().State == "approved", r.Code == api.CancelledOnDesktop:
		return n, false
	case r.Code == api.DesktopLocked: // some screen lockers show notifications
		return n, false
	}
	text := textOf(r.Code, language)
	site := escape(wordsOf(language).summary(r), markup)
	return notification{summary: text.Title, urgency: normal, expires: endMillis,
		body: lines(escape(strings.TrimSpace(text.What+" "+text.Remedy), markup), site)}, true
}

// escape makes text safe for a body: sites, accounts and browsers choose parts of it. Servers without body-markup show
// the text as it is, and would show the escapes too.
func escape(text string, markup bool) string {
	if !markup {
		return text
	}
	return html.EscapeString(text)
}

func strong(text string, markup bool) string {
	if !markup {
		return text
	}
	return "<b>" + html.EscapeString(text) + "</b>"
}

func lines(texts ...string) string { return strings.Join(texts, "\n") }
