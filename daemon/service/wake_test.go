package service

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/push"
	"tallykey/daemon/registration"
	"tallykey/phone/link"
)

// pusher stands in for push services; each message gets the next of its answers, and nil after the last.
type pusher struct {
	sent chan string // endpoint and subject

	mu      sync.Mutex
	answers []error
}

func newPusher(answers ...error) *pusher {
	return &pusher{sent: make(chan string, 64), answers: answers}
}

func (p *pusher) send(_ context.Context, sub link.PushSubscription, subject string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent <- sub.Endpoint + " for " + subject
	if len(p.answers) == 0 {
		return nil
	}
	err := p.answers[0]
	p.answers = p.answers[1:]
	return err
}

func (p *pusher) next(t *testing.T) string {
	t.Helper()
	select {
	case s := <-p.sent:
		return s
	case <-time.After(time.Minute):
		t.Fatal("nothing was sent")
		return ""
	}
}

func subscription(t testing.TB, n int) link.PushSubscription {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return link.PushSubscription{Endpoint: fmt.Sprintf("https://push.example/%d", n), P256DH: key.PublicKey().Bytes(),
		Auth: make([]byte, 16), VAPID: bytes.Repeat([]byte{1}, 32)}
}

func (d *syncDesk) wantPush(t *testing.T, on bool) {
	t.Helper()
	s, err := d.daemon.choices.Change(api.SettingsChange{WebPush: &on})
	if err != nil {
		t.Fatal(err)
	}
	d.followPush(s)
	d.run()
}

// hears has a phone say something and the desktop do it.
func (d *syncDesk) hears(phone string, m link.Message) {
	d.t.Helper()
	if !d.subscribed(phone, m) {
		d.t.Errorf("%s is not taken", m.Type())
	}
	d.run()
}

func TestSubscriptionsAreKeptWhilePushIsOn(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	sub := subscription(t, 1)
	d.hears(alicePhone, &sub)
	if d.canWake(alicePhone) || d.welcome(alicePhone).Push {
		t.Error("kept, or asked for, although push is off")
	}
	d.wantPush(t, true)
	if !d.welcome(alicePhone).Push {
		t.Error("phones are not asked for a subscription")
	}
	d.hears(alicePhone, &sub)
	d.hears("offer", &sub)
	if !d.canWake(alicePhone) || d.canWake("offer") {
		t.Error("the paired phone's is kept and no other")
	}
	off := subscription(t, 2)
	off.P256DH[5] ^= 1
	d.hears(alicePhone, &off)
	if now, _ := d.store.Push(alicePhone); now.Endpoint != sub.Endpoint {
		t.Errorf("a malformed one replaced it: %s", now.Endpoint)
	}
	d.hears(alicePhone, &link.PushSubscription{})
	if d.canWake(alicePhone) {
		t.Error("the phone has taken it back, and it is still there")
	}
	d.hears(bobPhone, &sub)
	d.wantPush(t, false)
	if d.canWake(bobPhone) || d.welcome(bobPhone).Push {
		t.Error("push was switched off, and a subscription is still there")
	}
}

// What waits while the switch is turned off is not kept either.
func TestASubscriptionThatComesWhilePushGoesOff(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.wantPush(t, true)
	sub := subscription(t, 1)
	d.subscribed(alicePhone, &sub)
	d.wantPush(t, false)
	if d.canWake(alicePhone) {
		t.Error("it is there")
	}
}

func TestWhoIsWoken(t *testing.T) {
	d, p := newSyncDesk(t, t.TempDir(), &registration.Memory{}), newPusher()
	d.waker = &waker{send: p.send}
	d.wantPush(t, true)
	sub := subscription(t, 1)
	d.hears(alicePhone, &sub)
	d.wake("request", []string{alicePhone, bobPhone, "nobodyaaaaaaaaaa"})
	if got := p.next(t); got != "https://push.example/1 for " {
		t.Errorf("sent to %s", got)
	}
	d.wake("request", []string{alicePhone}) // once for each request
	d.wake("another", []string{bobPhone})   // has no subscription
	d.wake("another", []string{alicePhone})
	p.next(t)
	if len(p.sent) != 0 {
		t.Errorf("sent to %s, too", <-p.sent)
	}
	d.wantPush(t, false)
	d.wake("a third", []string{alicePhone})
	if len(p.sent) != 0 {
		t.Errorf("sent to %s although push is off", <-p.sent)
	}
}

func TestEndedSubscriptionsGo(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.wantPush(t, true)
	phone, _ := d.store.Phone(alicePhone)
	tests := []struct {
		name  string
		err   error
		newer bool
		kept  bool
	}{
		{"taken", nil, false, true},
		{"failed", push.ErrFailed, false, true},
		{"refused", push.ErrRefused, false, true},
		{"gone", push.ErrGone, false, false},
		{"gone, but there is a newer one", push.ErrGone, true, true},
	}
	for _, tt := range tests {
		d.waker = &waker{send: newPusher(tt.err).send}
		sub := subscription(t, 1)
		d.hears(alicePhone, &sub)
		d.pushTo("request", phone, sub)
		if tt.newer {
			newer := subscription(t, 2)
			if err := d.store.SetPush(t.Context(), alicePhone, newer); err != nil {
				t.Fatal(err)
			}
		}
		d.run()
		if d.canWake(alicePhone) != tt.kept {
			t.Errorf("%s: kept: %t, want %t", tt.name, !tt.kept, tt.kept)
		}
	}
}

// A website asks, the phone is away: the push service takes the message, and the desktop shows that it did.
func TestTheDesktopShowsThatThePhoneWasNotified(t *testing.T) {
	p, keyring := newPusher(), &registration.Memory{}
	waiting := newSyncDesk(t, t.TempDir(), keyring)
	phone := registration.Phone{ID: "caroleeeeeeeeeee", Name: "Carol’s phone", Origin: "https://phone.contoso.example",
		Secret: make([]byte, 32), Paired: time.Unix(1, 0)}
	account := registration.Registration{Credential: bytes.Repeat([]byte{7}, 16), RPID: "login.contoso.example", PublicKey: make([]byte, 77),
		Phone: phone.ID, Created: time.Unix(2, 0)}
	if err := errors.Join(waiting.store.AddPhone(t.Context(), phone), waiting.store.Add(t.Context(), account),
		waiting.store.SetPush(t.Context(), phone.ID, subscription(t, 3))); err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	on := true
	if _, err := openChoices(Config{State: state}).Change(api.SettingsChange{WebPush: &on}); err != nil {
		t.Fatal(err)
	}
	d := start(t, func(c *Config) { c.Keyring, c.State, c.send = keyring, state, p.send })
	c := d.client(t)
	var phones []api.Phone
	if err := c.Call(t.Context(), api.MethodPhones, nil, &phones); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(phones, func(p api.Phone) bool { return p.ID == phone.ID && p.Push }) {
		t.Errorf("phones: %+v", phones)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- d.client(t).Call(ctx, api.MethodGet, api.GetParams{Caller: api.Caller{Origin: "https://login.contoso.example"},
			Options: json.RawMessage(`{"challenge":"AAECAwQFBgcICQoLDA0ODw"}`)}, nil)
	}()
	if got := p.next(t); got != "https://push.example/3 for https://phone.contoso.example" {
		t.Errorf("sent to %s", got)
	}
	for e := range c.Events() {
		if r := e.Request; r != nil && r.Notified {
			if r.State != api.Waiting || r.Number != "" {
				t.Errorf("notified: %+v", *r)
			}
			break
		}
	}
	cancel()
	<-ended
}
