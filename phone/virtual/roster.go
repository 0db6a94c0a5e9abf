package virtual

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

// Errors of removing.
var (
	ErrRegistrationUnknown = errors.New("virtual: no such registration")
	ErrDesktopUnknown      = errors.New("virtual: no such desktop")
)

// leavePatience is how long the phone tries to tell a desktop that it was removed.
const leavePatience = 90 * 24 * time.Hour

// roster is what the phone tells a desktop that it holds, in as many messages as it takes. The desktop drops what is
// not among it, so everything that it may still ask for is: what is not confirmed yet is kept where it was made.
func (s state) roster(desktop string) []link.Message {
	var items []link.Registration
	var kept []string
	for _, a := range s.Accounts {
		switch {
		case a.Pending && a.Desktop != desktop:
		case a.Pending || len(a.UserID) == 0:
			kept = append(kept, a.Credential)
		default:
			items = append(items, a.told())
		}
	}
	pages := max(1, ceil(len(items), link.MaxPage), ceil(len(kept), link.MaxKept))
	out := make([]link.Message, pages)
	for n := range out {
		out[n] = &link.Registrations{Items: page(items, n, link.MaxPage), Kept: page(kept, n, link.MaxKept), More: n < pages-1}
	}
	return out
}

func ceil(n, of int) int { return (n + of - 1) / of }

// page is the nth part of a list, never nil: the list of no registrations is a list.
func page[T any](all []T, n, size int) []T {
	from, to := min(n*size, len(all)), min((n+1)*size, len(all))
	return append([]T{}, all[from:to]...)
}

func (a account) told() link.Registration {
	p := a.Protection
	if p == "" {
		p = link.Device
	}
	return link.Registration{Credential: a.Credential, RPID: a.RPID, UserID: a.UserID, Name: a.Account,
		DisplayName: a.DisplayName, PublicKey: a.Key.cose(), KeyProtection: p, Created: a.Created.UnixMilli(),
		Unregister: a.Unregister}
}

// tell tells a desktop what the phone holds, if it is there and takes it.
func (p *Phone) tell(l *line, phone string) {
	l.tell(func() []link.Message {
		p.mu.Lock()
		defer p.mu.Unlock()
		i := slices.IndexFunc(p.state.Pairings, func(d pairing) bool { return d.Phone == phone })
		if i < 0 || !p.state.Pairings[i].attended() {
			return nil
		}
		return p.state.roster(p.state.Pairings[i].ID)
	})
}

// share tells every desktop that is there what the phone holds now.
func (p *Phone) share() { p.lines.each(func(phone string, l *line) { p.tell(l, phone) }) }

// Forget removes a registration: desktops that are connected hear it now, the others when they are met again. The error is ErrRegistrationUnknown, or that the state could not be stored.
func (p *Phone) Forget(credential string) error {
	known, err := p.drop(credential)
	if err == nil && !known {
		return ErrRegistrationUnknown
	}
	if err == nil {
		p.tellForget(credential)
	}
	return err
}

func (p *Phone) drop(credential string) (known bool, err error) {
	err = p.change(func(s *state) {
		if known = s.drop(credential); known {
			s.remember(credential, p.Now())
		}
	})
	return known, err
}

// tellForget tells all desktops: removed on one, a registration is removed on every one.
func (p *Phone) tellForget(credential string) {
	p.lines.each(func(_ string, l *line) {
		l.tell(func() []link.Message { return []link.Message{&link.Forget{Credential: credential}} })
	})
}

// forgotten hears that a desktop had a registration removed. It says so again until it hears the same word back, which
// it does not while the key could not be removed.
func (p *Phone) forgotten(d pairing, credential string) {
	if now, ok := p.find(d.ID); !ok || !now.attended() {
		return
	}
	known, err := p.drop(credential)
	if err != nil {
		p.Log.Error("removal not kept", "desktop", d.ID, "err", err)
		return
	}
	p.tellForget(credential)
	if known {
		p.notify(Event{Event: Forgotten, Desktop: d.ID, Name: d.Name, Credential: credential})
	}
}

// Leave removes a desktop. It is told now, or when it is met again within 90 days; until then the phone answers none of
// its requests. The phone's registrations stay. The error is ErrDesktopUnknown, or that the state could not be stored.
func (p *Phone) Leave(desktop string) error {
	d, ok := p.find(desktop)
	if !ok || !d.Left.IsZero() {
		return fmt.Errorf("%w: %.32q", ErrDesktopUnknown, desktop)
	}
	l := p.lines.of(d.Phone)
	if d.Removed || l != nil && deaf(l) {
		return p.change(func(s *state) { s.leave(d.Phone) })
	}
	if err := p.change(func(s *state) { s.alter(desktop, func(d *Desktop) { d.Left = p.Now() }) }); err != nil {
		return err
	}
	if l != nil {
		l.tell(func() []link.Message { return []link.Message{&link.Goodbye{}} })
	}
	return nil
}

// deaf says whether a desktop is there that would not understand a goodbye.
func deaf(l *line) bool {
	connected, syncs := l.talks()
	return connected && !syncs
}

// welcomed goes on after the desktop took the phone.
func (p *Phone) welcomed(l *line, d pairing, m *link.Welcome) error {
	p.moved(d, m)
	now, ok := p.find(d.ID)
	switch {
	case ok && !now.Left.IsZero() && m.Sync:
		l.tell(func() []link.Message { return []link.Message{&link.Goodbye{}} })
		return nil
	case ok && !now.Left.IsZero(): // it would not understand
		return &EndError{"phone_removed"}
	}
	p.repeat(l)
	p.tell(l, d.Phone)
	if m.Push && p.Push != nil {
		l.send(p.Push)
	}
	return nil
}

// cose of the phone's platform credential, for later pairings.
func (c platform) cose() []byte { return webauthn.EncodeCOSE(&c.Key.PublicKey) }
