package service

import (
	"context"
	"errors"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/push"
	"tallykey/daemon/registration"
	"tallykey/phone/link"
)

// sendFunc is push.Sender's Send.
type sendFunc func(ctx context.Context, sub link.PushSubscription, subject string) error

// waker wakes absent phones by Web Push, where the person wants it.
type waker struct {
	limit push.Limit
	send  sendFunc
}

func (d *Daemon) newWaker() *waker {
	if d.cfg.send != nil {
		return &waker{send: d.cfg.send}
	}
	return &waker{send: push.New(push.Config{}).Send}
}

// wake is the engine's way to phones that are away; it returns at once.
func (c *core) wake(request string, phones []string) {
	if !c.daemon.choices.WebPush() {
		return
	}
	for _, id := range phones {
		phone, paired := c.store.Phone(id)
		sub, ok := c.store.Push(id)
		if paired && ok && c.waker.limit.Take(id, request, time.Now()) {
			go c.pushTo(request, phone, sub) // ends with the core, or by its own deadline
		}
	}
}

// pushTo sends one message. What goes wrong is told by the push service's host: the rest of the endpoint is a secret.
func (c *core) pushTo(request string, phone registration.Phone, sub link.PushSubscription) {
	err := c.waker.send(c.ctx, sub, phone.Origin)
	if err != nil {
		c.daemon.log.Warn("phone not woken", "phone", phone.ID, "request", request, "err", err)
	}
	if errors.Is(err, push.ErrGone) {
		c.later(func() { c.unsubscribe(phone.ID, sub.Endpoint) })
	}
	c.engine.Woken(request, err)
}

// unsubscribe forgets a subscription that has ended, unless the phone has told of a newer one.
func (c *core) unsubscribe(phone, endpoint string) {
	if now, ok := c.store.Push(phone); ok && now.Endpoint == endpoint {
		c.logChange("subscription ended", phone, c.store.RemovePush(c.ctx, phone))
		c.daemon.phonesChanged()
	}
}

// subscribed takes the message by which a phone lets itself be woken, or no longer. Where the person wants no push, what
// comes is not kept: a phone only sends it because it was welcomed before the switch was turned.
func (c *core) subscribed(phone string, m link.Message) bool {
	sub, ok := m.(*link.PushSubscription)
	if !ok {
		return false
	}
	if _, paired := c.store.Phone(phone); !paired {
		return true // it came over a pairing link
	}
	c.later(func() {
		c.logChange("push subscription", phone, c.subscribe(phone, *sub))
		c.daemon.phonesChanged()
	})
	return true
}

func (c *core) subscribe(phone string, sub link.PushSubscription) error {
	if sub.Endpoint == "" {
		return c.store.RemovePush(c.ctx, phone)
	}
	if !c.daemon.choices.WebPush() {
		return nil
	}
	if err := push.Check(sub); err != nil {
		return err
	}
	return c.store.SetPush(c.ctx, phone, sub)
}

// followPush forgets all subscriptions where the person wants no push. It is asked at the start, too: the switch may have
// been turned while the keyring was closed.
func (c *core) followPush(s api.Settings) {
	if s.WebPush {
		return
	}
	c.later(func() {
		if c.daemon.choices.WebPush() {
			return // turned on again since
		}
		for _, p := range c.store.Phones() {
			c.logChange("push switched off", p.ID, c.store.RemovePush(c.ctx, p.ID))
		}
		c.daemon.phonesChanged()
	})
}

func (c *core) canWake(phone string) bool {
	_, ok := c.store.Push(phone)
	return ok
}
