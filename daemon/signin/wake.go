package signin

import (
	"slices"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/phone/link"
)

// A phone that is away can't be asked; it can be told through its browser's push service that something waits. That is a
// hint and no more: the request waits for phones to connect, whatever brought them.

// woken is the end of an attempt to wake a phone.
type woken struct{ err error }

// Woken says that a push service has taken a message for one of the phones that Config.Wake was asked to wake for a
// request, or with an error why none has. It waits for the prompt and must not be called by Config.Wake itself.
func (e *Engine) Woken(request string, err error) {
	if p := e.find(request); p != nil {
		p.give(woken{err})
	}
}

// wake asks for the absent phones that could answer. Somebody who registers has a phone in the hand already if one is
// there; who signs in may have the account on another one. A phone is asked for again when it leaves before it had the
// request: whoever wakes phones does so once for each request.
func (p *prompt) wake() {
	if p.engine.cfg.Wake == nil || p.view.State != api.Waiting {
		return
	}
	there := p.engine.cfg.Link.Connected()
	if p.action == link.Create && len(there) > 0 {
		return
	}
	absent := slices.DeleteFunc(p.holders(), func(phone string) bool { return slices.Contains(there, phone) })
	if len(absent) > 0 {
		p.engine.cfg.Wake(p.id, absent)
	}
}

// notified notes how waking went. The reason is for the activity log, where no phone came.
func (p *prompt) notified(ev woken) {
	if ev.err != nil {
		p.unwoken = ev.err.Error()
	} else if p.view.State == api.Waiting {
		p.change(func(r *api.Request) { r.Notified = true })
	}
}

// lateDetail says more of lateCode.
func (p *prompt) lateDetail() string {
	if p.lateCode() == api.PhoneUnreachable {
		return p.unwoken
	}
	return ""
}

func (c *assertion) holders() []string { return phonesOf(c.held) }

func (c *pairing) holders() []string { return nil }

func (c *creation) holders() []string {
	var out []string
	for _, p := range c.engine.cfg.Store.Phones() {
		out = append(out, p.ID)
	}
	return out
}

func phonesOf(all []registration.Registration) []string {
	var out []string
	for _, r := range all {
		if !slices.Contains(out, r.Phone) {
			out = append(out, r.Phone)
		}
	}
	return out
}
