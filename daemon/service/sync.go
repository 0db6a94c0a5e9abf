package service

import (
	"context"
	"errors"
	"slices"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/signin"
	"tallykey/phone/link"
)

// The keys are on the phone, so the phone's word on what it holds counts: the desktop takes over what it does not know
// and drops what the phone no longer has. The phone never infers that something was removed; it must be told, because
// a key that it drops is gone. So removals on the desktop are remembered until the phone has confirmed them, and one
// removal on either side wins over any number of sides that still have the registration.

// maxChanges is how many of the phones' messages wait for the keyring; then the phone that sends more waits.
const maxChanges = 16

// roster is what a phone tells on one connection.
type roster struct {
	since time.Time // of the connection
	items []link.Registration
	kept  []string
	told  bool // once completely: the phone takes Forget
}

// work makes the changes that phones ask for, as long as the core lives.
func (c *core) work() {
	for {
		select {
		case change := <-c.changes:
			change()
		case <-c.ctx.Done():
			return
		}
	}
}

func (c *core) later(change func()) {
	select {
	case c.changes <- change:
	case <-c.ctx.Done():
	}
}

// greet begins the roster of a phone that has connected.
func (c *core) greet(phone string) {
	c.mu.Lock()
	c.rosters[phone] = &roster{since: time.Now()}
	c.mu.Unlock()
	if c.engine.Proved(phone) {
		c.later(func() { c.supersede(phone) })
	}
}

// rename takes the name that the phone has now: the person may have changed it there.
func (c *core) rename(phone, name string) {
	if p, ok := c.store.Phone(phone); !ok || p.Name == name {
		return
	}
	c.later(func() {
		c.logChange("rename", phone, c.store.RenamePhone(c.ctx, phone, name))
		c.daemon.phonesChanged()
	})
}

// synced takes the messages about registrations.
func (c *core) synced(phone string, m link.Message) bool {
	switch m := m.(type) {
	case *link.Registrations:
		c.page(phone, m)
	case *link.Forget:
		c.later(func() { c.forget(phone, m.Credential) })
	case *link.Goodbye:
		c.later(func() { c.logChange("goodbye", phone, c.removePhone(c.ctx, phone)) })
	default:
		return false
	}
	return true
}

// page adds to the roster; the last page has it compared with what is here.
func (c *core) page(phone string, m *link.Registrations) {
	c.mu.Lock()
	r := c.rosters[phone]
	if r == nil {
		c.mu.Unlock()
		return
	}
	r.items, r.kept = append(r.items, m.Items...), append(r.kept, m.Kept...)
	whole := roster{since: r.since, items: r.items, kept: r.kept}
	if !m.More {
		r.items, r.kept, r.told = nil, nil, true
	}
	c.mu.Unlock()
	if len(whole.items)+len(whole.kept) > link.MaxRegistrations {
		c.invalid(phone, errors.New("too many registrations"))
	} else if !m.More {
		c.later(func() { c.reconcile(phone, whole) })
	}
}

func (c *core) invalid(phone string, err error) {
	c.daemon.log.Warn("phone tells of registrations that it can't have", "phone", phone, "err", err)
	c.hub.Drop(phone, string(api.MessageInvalid))
}

// reconcile brings what is here for a phone in line with what it told.
func (c *core) reconcile(phone string, told roster) {
	items, err := c.adoptable(phone, told.items)
	if err != nil {
		c.invalid(phone, err)
		return
	}
	has := map[string]bool{}
	for _, id := range told.kept {
		has[id] = true
	}
	for _, i := range told.items {
		has[i.Credential] = true
	}
	gone := c.repeat(phone, has)
	c.dropMissing(phone, told.since, has)
	c.learnTokens(phone, items)
	for _, r := range items {
		if !slices.Contains(gone, encoded(r.Credential)) {
			c.adopt(r)
		}
	}
}

// adoptable reads what a phone says it holds.
func (c *core) adoptable(phone string, told []link.Registration) ([]registration.Registration, error) {
	p, _ := c.store.Phone(phone)
	for _, r := range told {
		if err := signin.CheckProtection(p, r.KeyProtection); err != nil {
			return nil, err
		}
	}
	return signin.Adopt(phone, told)
}

// repeat tells the phone of removals that it has not confirmed, and returns them.
func (c *core) repeat(phone string, has map[string]bool) []string {
	gone := c.forgotten.of(phone)
	for _, id := range gone {
		if has[id] {
			c.tellForget(phone, id)
		} else {
			c.logChange("confirmed", phone, c.forgotten.drop(tombstone{phone, id}))
		}
		c.removed(phone, id, onDesktop) // the program may have been killed between the two
	}
	return gone
}

// dropMissing removes what the phone no longer has. What was made on this very connection may be newer than the list.
func (c *core) dropMissing(phone string, since time.Time, has map[string]bool) {
	for _, r := range c.store.Registrations() {
		if id := encoded(r.Credential); r.Phone == phone && !has[id] && r.Created.Before(since) {
			c.remove(phone, id)
		}
	}
}

// adopt keeps what is new. A credential that is here already stays with its phone: another one's word moves nothing.
func (c *core) adopt(r registration.Registration) {
	err := c.store.Add(c.ctx, r)
	if errors.Is(err, registration.ErrExists) {
		return
	}
	c.logChange("adopt", r.Phone, err)
}

// learnTokens completes registrations that an earlier version of this program took over without the token of their removal.
func (c *core) learnTokens(phone string, told []registration.Registration) {
	tokens := map[string][]byte{}
	for _, r := range told {
		tokens[string(r.Credential)] = r.Unregister
	}
	for _, r := range c.store.Registrations() {
		if token := tokens[string(r.Credential)]; r.Phone == phone && len(r.Unregister) == 0 && len(token) > 0 {
			c.logChange("token", phone, c.store.Update(c.ctx, r.Credential, func(r *registration.Registration) { r.Unregister = token }))
		}
	}
}

// forget removes what the person has removed on the phone, or confirms that the phone has.
func (c *core) forget(phone, id string) {
	c.logChange("confirmed", phone, c.forgotten.drop(tombstone{phone, id}))
	c.removed(phone, id, onPhone)
}

// remove forgets a registration of this phone and of no other.
func (c *core) remove(phone, id string) {
	for _, r := range c.store.Registrations() {
		if r.Phone == phone && encoded(r.Credential) == id {
			c.logChange("remove", phone, c.store.Remove(c.ctx, r.Credential))
		}
	}
}

// unregister removes a registration on the desktop. That phone and website must be told is on the disk first.
func (c *core) unregister(ctx context.Context, credential []byte) (api.Removed, error) {
	all := c.store.Registrations()
	i := slices.IndexFunc(all, func(r registration.Registration) bool { return slices.Equal(r.Credential, credential) })
	if i < 0 {
		return api.Removed{}, api.Errorf(api.RegistrationUnknown, "%.64q", encoded(credential))
	}
	t := tombstone{all[i].Phone, encoded(credential)}
	if err := c.forgotten.add(t); err != nil {
		c.daemon.log.Warn("the phone will not be told later of a removed registration", "err", err)
	}
	c.holdNotice(all[i], onDesktop)
	if err := c.store.Remove(ctx, credential); err != nil {
		c.logChange("undo", t.Phone, errors.Join(c.forgotten.drop(t), c.outbox.withdraw(t.Credential)))
		return api.Removed{}, api.Errorf(registration.Code(err), "%v", err)
	}
	c.tellForget(t.Phone, t.Credential)
	return c.tellWebsite(ctx, t.Credential), nil
}

// tellForget tells a phone that is there and understands it.
func (c *core) tellForget(phone, id string) {
	c.mu.Lock()
	r := c.rosters[phone]
	understands := r != nil && r.told
	c.mu.Unlock()
	if understands {
		c.logChange("forget", phone, c.say(phone, &link.Forget{Credential: id}))
	}
}

// supersede ends an earlier pairing of the same phone app, which has the same platform credential, and takes over its
// registrations. It happens when the app has come with its new pairing, so that a pairing that was cut off costs nothing.
func (c *core) supersede(phone string) {
	now, ok := c.store.Phone(phone)
	if !ok {
		return
	}
	for _, old := range c.store.Phones() {
		if old.ID == phone || !old.Platform.Same(now.Platform) || !old.Paired.Before(now.Paired) {
			continue
		}
		for _, r := range c.store.Registrations() {
			if r.Phone == old.ID {
				c.move(r, phone)
			}
		}
		for _, id := range c.forgotten.of(old.ID) {
			c.logChange("move", phone, c.forgotten.add(tombstone{phone, id}))
		}
		c.logChange("supersede", old.ID, c.removePhone(c.ctx, old.ID))
	}
}

// move gives a registration to another phone. A kill in between loses nothing: the phone tells of it again.
func (c *core) move(r registration.Registration, to string) {
	if err := c.store.Remove(c.ctx, r.Credential); err != nil {
		c.logChange("move", to, err)
		return
	}
	r.Phone = to
	c.logChange("move", to, c.store.Add(c.ctx, r))
}

func (c *core) logChange(what, phone string, err error) {
	if err != nil {
		c.daemon.log.Warn("registrations", "change", what, "phone", phone, "err", err)
	}
}

func encoded(credential []byte) string { return link.B64.EncodeToString(credential) }
