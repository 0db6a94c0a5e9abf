package service

import (
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/phone/link"
)

// followRegistrations tells watchers of every change of the registrations, whoever made it: a website, a phone, the
// person. Changes that come together are told once.
func (c *core) followRegistrations() {
	c.store.Notify(c.registrationsChanged)
	c.parts.Go(func() {
		for {
			select {
			case <-c.changed:
				all := c.registrations()
				c.daemon.tell(api.Event{Registrations: &all})
			case <-c.ctx.Done():
				return
			}
		}
	})
}

// registrationsChanged never blocks; it is called while the store writes.
func (c *core) registrationsChanged() {
	select {
	case c.changed <- struct{}{}:
	default: // a change before this one has not been told yet
	}
}

func (c *core) registrations() []api.Registration { return c.described(c.store.Registrations()) }

// described are registrations as clients see them.
func (c *core) described(all []registration.Registration) []api.Registration {
	out, used, names := []api.Registration{}, c.lastUsed(), map[string]string{}
	for _, p := range c.labelled().Phones() {
		names[p.ID] = p.Name
	}
	for _, r := range all {
		id := link.B64.EncodeToString(r.Credential)
		out = append(out, api.Registration{ID: id, RPID: r.RPID, Account: r.User.Name, DisplayName: r.User.DisplayName,
			Phone: r.Phone, PhoneName: names[r.Phone], KeyProtection: string(r.KeyProtection), Created: r.Created,
			LastUsed: used[id], Mode: string(r.Mode), Hidden: r.Hidden})
	}
	return out
}

// lastUsed is when each registration was last used, by credential ID.
func (c *core) lastUsed() map[string]time.Time {
	used := map[string]time.Time{}
	for _, a := range c.daemon.journal.Since(time.Time{}) {
		if a.Code == api.Approved && a.Registration != "" {
			used[a.Registration] = a.Time
		}
	}
	return used
}
