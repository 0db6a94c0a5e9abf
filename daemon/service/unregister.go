package service

import (
	"context"
	"crypto/rand"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/wellknown"
	"tallykey/phone/link"
)

// A website hears of a removal only where the person made it: on this desktop, or on the phone, which says so by a forget.
// A registration that is just missing from the phone's list is dropped here and told to nobody. It may be missing because
// something went wrong, and then the next list brings it back, while a website does not.

// actionUnregister is the action of an activity that is a website's answer to a removal.
const actionUnregister = "unregister"

// tellWithin is how long whoever removes a registration waits for the website: longer than a website in order takes, and
// not so long that the person wonders.
const tellWithin = 2 * time.Second

func (c *core) openOutbox() {
	o, err := openOutbox(c.daemon.cfg.State)
	if err != nil {
		c.daemon.log.Warn("removals that websites were not told of can't be read", "err", err)
	}
	o.tell, o.note = c.tellRemoval, c.noteRemoval
	c.outbox = o
}

func (c *core) tellRemoval(ctx context.Context, n notice) error {
	return c.wellknown.Unregister(ctx, n.RPID, wellknown.Removal{Credential: n.Credential, Token: n.Token, On: n.On})
}

// noteRemoval puts into the activity log how far a website has heard. An error without a code is the outbox's own.
func (c *core) noteRemoval(n notice, code api.Code, err error) {
	if err != nil {
		c.daemon.log.Warn("removal", "website", n.RPID, "code", code, "err", err)
	}
	if code == "" {
		return
	}
	var id [16]byte
	rand.Read(id[:]) // never fails
	a := api.Activity{Request: encoded(id[:]), Time: time.Now(), Action: actionUnregister, Code: code, RPID: n.RPID,
		Account: n.Account, Phone: n.Phone, Registration: n.Credential}
	if err != nil {
		a.Detail = err.Error()
	}
	c.daemon.journal.Append(a)
}

// removed forgets a registration of this phone and of no other because the person removed it.
func (c *core) removed(phone, id, on string) {
	for _, r := range c.store.Registrations() {
		if r.Phone == phone && encoded(r.Credential) == id {
			c.holdNotice(r, on)
			c.logChange("remove", phone, c.store.Remove(c.ctx, r.Credential))
			c.outbox.release(id)
		}
	}
}

// holdNotice has what the website must be told on the disk before the registration goes, and its token with it.
func (c *core) holdNotice(r registration.Registration, on string) {
	if len(r.Unregister) != link.RemovalToken {
		return
	}
	n := notice{RPID: r.RPID, Credential: encoded(r.Credential), Token: encoded(r.Unregister), On: on, Account: r.User.Name,
		Phone: r.Phone, Since: time.Now().UnixMilli()}
	c.logChange("notice", r.Phone, c.outbox.hold(n))
}

// tellWebsite tells the website now, and says for a moment's wait how it went.
func (c *core) tellWebsite(ctx context.Context, credential string) api.Removed {
	tried := c.outbox.release(credential)
	if tried == nil {
		return api.Removed{}
	}
	patience := time.NewTimer(tellWithin)
	defer patience.Stop()
	select {
	case code := <-tried:
		return api.Removed{Website: code}
	case <-patience.C:
	case <-ctx.Done():
	case <-c.ctx.Done():
	}
	return api.Removed{Website: api.WebsiteWaiting}
}
