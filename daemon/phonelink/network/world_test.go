//go:build linux

package network_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/phonelink/network"
	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

const (
	origin = "https://login.contoso.example"
	rpID   = "login.contoso.example"
)

// world is a desktop and a phone with a relay between them, and a person at both.
type world struct {
	t       testing.TB
	desktop *desktop
	phone   *phone
	relay   *network.Relay
	stop    context.CancelFunc
	watched sync.WaitGroup

	mu      sync.Mutex
	fault   virtual.Fault
	absent  bool                  // the person decides nothing
	decided map[string]bool       // requests that the person has answered
	ends    map[string][]api.Code // of requests, as the desktop showed them
	calls   int                   // of websites, answered or not
	key     *webauthn.AttestedCredential
}

var cables atomic.Int32

// leave has the person decide nothing from now on; back lets them decide again.
func (w *world) leave() { w.away(true) }
func (w *world) back()  { w.away(false) }

func (w *world) away(is bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.absent = is
}

// option changes a world before it begins.
type option func(*world)

// newWorld is an unpaired one that has been paired and has a registration.
func newWorld(t testing.TB, seed uint64, options ...option) *world {
	t.Helper()
	w := unpaired(t, seed, options...)
	w.pair()
	w.register()
	return w
}

// unpaired connects a desktop at 10.88.0.2 and fd88::2 with a phone at 10.88.0.1 and fd88::1 and starts both.
func unpaired(t testing.TB, seed uint64, options ...option) *world {
	t.Helper()
	w := &world{t: t, decided: map[string]bool{}, ends: map[string][]api.Code{}}
	w.desktop, w.phone = newDesktop(t), newPhone(t)
	w.relay = w.cable("lan0", seed)
	w.desktop.host.IP("addr add 10.88.0.2/24 dev lan0")
	w.desktop.host.IP("addr add fd88::2/64 dev lan0 nodad")
	w.phone.host.IP("addr add 10.88.0.1/24 dev lan0")
	w.phone.host.IP("addr add fd88::1/64 dev lan0 nodad")
	for _, o := range options {
		o(w)
	}
	w.desktop.start()
	w.phone.start()
	var ctx context.Context
	ctx, w.stop = context.WithCancel(context.Background())
	w.watched.Go(func() { w.watch(ctx) })
	t.Cleanup(func() {
		w.stop()
		w.desktop.end(9)
		w.watched.Wait()
	})
	return w
}

// cable lays a cable between two interfaces of the same name.
func (w *world) cable(name string, seed uint64) *network.Relay {
	w.t.Helper()
	n := cables.Add(1)
	d, p := fmt.Sprintf("d%d", n), fmt.Sprintf("p%d", n)
	w.desktop.host.Plug(name, d)
	w.phone.host.Plug(name, p)
	return network.NewRelay(w.t, d, p, seed)
}

// watch is the person who looks at the desktop: what number stands there is what they tap on the phone.
func (w *world) watch(ctx context.Context) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		c, err := api.Dial(ctx, socketIn(w.desktop.dir))
		if err != nil {
			<-tick.C // the daemon is away
			continue
		}
		leave := context.AfterFunc(ctx, func() { c.Close() })
		s, err := c.Watch(ctx)
		for _, r := range s.Requests {
			w.see(r)
		}
		for e := range c.Events() {
			if e.Request != nil {
				w.see(*e.Request)
			}
		}
		leave()
		c.Close()
		if err != nil {
			<-tick.C
		}
	}
}

func (w *world) see(r api.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.State == api.Ended {
		w.ends[r.ID] = append(w.ends[r.ID], r.Code)
	}
	if w.absent || r.State != api.Delivered || w.decided[r.ID] {
		return
	}
	w.decided[r.ID] = true
	w.phone.order(order{ID: r.ID, Decision: virtual.Decision{Kind: virtual.Approve, Number: r.Number, Fault: w.fault}})
}

func (w *world) beginPairing() {
	w.t.Helper()
	var p api.Pairing
	w.desktop.must(api.MethodPair, nil, &p)
	w.phone.order(order{Pair: p.Link})
}

func (w *world) pair() {
	w.t.Helper()
	w.beginPairing()
	eventually(w.t, "the phone is paired and connected", func() bool { return w.desktop.connected() })
}

var challenge = link.B64.EncodeToString([]byte("a challenge of sixteen bytes and more"))

// create asks for a registration as a website does, and returns how that ended.
func (w *world) create(user string) (api.Code, *webauthn.AttestedCredential) {
	w.t.Helper()
	w.count()
	options, _ := json.Marshal(map[string]any{"rp": map[string]string{"id": rpID, "name": "Contoso"}, "challenge": challenge,
		"user":             map[string]string{"id": link.B64.EncodeToString([]byte(user)), "name": user, "displayName": user},
		"pubKeyCredParams": []map[string]any{{"type": "public-key", "alg": -7}}})
	var made api.CreateResult
	if err := w.desktop.call(api.MethodCreate, api.CreateParams{Caller: api.Caller{Origin: origin}, Options: options}, &made); err != nil {
		return w.codeOf(err), nil
	}
	raw, err := json.Marshal(made)
	if err != nil {
		w.t.Fatal(err)
	}
	var r struct {
		Response struct {
			AuthenticatorData link.Bytes `json:"authenticatorData"`
		} `json:"response"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		w.t.Fatal(err)
	}
	data, err := webauthn.ParseAuthenticatorData(r.Response.AuthenticatorData)
	if err != nil {
		w.t.Fatal(err)
	}
	return api.Registered, data.Attested
}

func (w *world) register() {
	w.t.Helper()
	var code api.Code
	if code, w.key = w.create("alice@contoso.example"); code != api.Registered {
		w.t.Fatalf("registration ended with %q", code)
	}
}

func (w *world) count() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
}

// signIn signs in as a website asks for it, and returns how that ended. What the website gets is verified.
func (w *world) signIn() api.Code { return w.signInWith(w.key, nil) }

// signInWith signs in with one registration, with options of the website's.
func (w *world) signInWith(key *webauthn.AttestedCredential, more map[string]any) api.Code {
	w.t.Helper()
	w.count()
	all := map[string]any{"rpId": rpID, "challenge": challenge,
		"allowCredentials": []map[string]any{{"type": "public-key", "id": link.B64.EncodeToString(key.ID)}}}
	maps.Copy(all, more)
	options, _ := json.Marshal(all)
	var got struct {
		Response struct {
			AuthenticatorData link.Bytes `json:"authenticatorData"`
			ClientData        link.Bytes `json:"clientDataJSON"`
			Signature         link.Bytes `json:"signature"`
		} `json:"response"`
	}
	err := w.desktop.call(api.MethodGet, api.GetParams{Caller: api.Caller{Origin: origin}, Options: options}, &got)
	if err != nil {
		return w.codeOf(err)
	}
	r := got.Response
	if err := webauthn.VerifySignature(key.PublicKey, r.AuthenticatorData, r.ClientData, r.Signature); err != nil {
		w.t.Error(err)
	}
	return api.Approved
}

func (w *world) codeOf(err error) api.Code {
	w.t.Helper()
	var e *api.Error
	if !errors.As(err, &e) {
		w.t.Fatalf("an end without a code: %v", err)
	}
	return e.Code
}

// mustSignIn waits until the phone is there by itself, then signs in.
func (w *world) mustSignIn() {
	w.t.Helper()
	eventually(w.t, "the phone is connected", w.desktop.connected)
	if code := w.signIn(); code != api.Approved {
		w.t.Fatalf("sign-in ended with %q", code)
	}
}

// consistent checks that nothing was lost and nothing answered twice: each request has one end, the same on desktop and
// phone where the phone had one, and both have the same registrations.
func (w *world) consistent() {
	w.t.Helper()
	w.settled()
	w.sameRegistrations()
}

// settled waits until the phone knows how each request ended. One that loses its power forgets.
func (w *world) settled() {
	w.t.Helper()
	var ended []api.Activity
	w.desktop.must(api.MethodActivity, nil, &ended)
	seen := map[string]bool{}
	for _, a := range ended {
		if seen[a.Request] {
			w.t.Errorf("request %s ended twice", a.Request)
		}
		seen[a.Request] = true
		if n := w.phone.count(virtual.Ended, a.Request, ""); n > 1 {
			w.t.Errorf("request %s ended %d times on the phone", a.Request, n)
		}
		if a.Code == api.Approved && w.phone.count(virtual.Ended, a.Request, "approved") != 1 {
			eventually(w.t, "the phone knows that it was approved", func() bool {
				return w.phone.count(virtual.Ended, a.Request, "") == 1
			})
		}
	}
}

func (w *world) sameRegistrations() {
	w.t.Helper()
	eventually(w.t, "desktop and phone have the same registrations", func() bool {
		var desktop []api.Registration
		w.desktop.must(api.MethodRegistrations, nil, &desktop)
		on := map[string]bool{}
		for _, r := range w.phone.registrations() {
			on[r.Credential] = !r.Pending
		}
		for _, r := range desktop {
			if !on[r.ID] {
				return false
			}
			delete(on, r.ID)
		}
		return len(on) == 0
	})
}
