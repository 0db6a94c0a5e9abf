package service

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tallykey/daemon/activity"
	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/wellknown"
	"tallykey/phone/link"
)

var token = link.Bytes("a token of 16 by")

// tokened is a registration at a website that asked to hear of its removal.
func tokened(t *testing.T, credential string) link.Registration {
	i := item(t, credential)
	i.Unregister = token
	return i
}

// toTell compares the credentials that websites are to be told of, with where they were removed.
func (d *syncDesk) toTell(want ...string) {
	d.t.Helper()
	got := []string{}
	for _, n := range d.outbox.list() {
		got = append(got, n.Credential+" on "+n.On)
		if n.Token != encoded(token) || n.RPID != "login.contoso.example" || n.Account != "alice@contoso.example" || n.Phone == "" {
			d.t.Errorf("%+v", n)
		}
	}
	same(d.t, append([]string{}, want...), got)
}

// Which of all the ways in which a registration can go from this desktop the website hears of.
func TestWhatWebsitesHear(t *testing.T) {
	for name, c := range map[string]struct {
		do    func(*syncDesk)
		holds []string
		hears []string
	}{
		"removed on the desktop": {func(d *syncDesk) { d.removeRegistration(t.Context(), one) }, []string{two}, []string{one + " on desktop"}},
		"removed on the desktop, and the phone confirms": {func(d *syncDesk) {
			d.removeRegistration(t.Context(), one)
			d.synced(alicePhone, &link.Forget{Credential: one})
		}, []string{two}, []string{one + " on desktop"}},
		"removed on the phone": {func(d *syncDesk) { d.synced(alicePhone, &link.Forget{Credential: one}) }, []string{two}, []string{one + " on phone"}},
		"said twice": {func(d *syncDesk) {
			d.synced(alicePhone, &link.Forget{Credential: one})
			d.synced(alicePhone, &link.Forget{Credential: one})
		}, []string{two}, []string{one + " on phone"}},
		"removed on the phone while this desktop was off": {func(d *syncDesk) {
			d.greet(alicePhone)
			d.synced(alicePhone, &link.Forget{Credential: one})
			d.synced(alicePhone, &link.Registrations{Items: []link.Registration{tokened(t, two)}})
		}, []string{two}, []string{one + " on phone"}},
		"missing from the list":      {func(d *syncDesk) { d.tells(alicePhone, tokened(t, two)) }, []string{two}, nil},
		"the phone's list is empty":  {func(d *syncDesk) { d.tells(alicePhone) }, nil, nil},
		"the desktop is removed":     {func(d *syncDesk) { d.synced(alicePhone, &link.Goodbye{}) }, nil, nil},
		"the phone is removed":       {func(d *syncDesk) { d.removePhone(t.Context(), alicePhone) }, nil, nil},
		"another phone says so":      {func(d *syncDesk) { d.synced(bobPhone, &link.Forget{Credential: one}) }, []string{one, two}, nil},
		"a credential that it isn't": {func(d *syncDesk) { d.synced(alicePhone, &link.Forget{Credential: "BBBBBBBBBBBBBBBBBBBBBA"}) }, []string{one, two}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
			d.tells(alicePhone, tokened(t, one), tokened(t, two))
			c.do(d)
			d.run()
			d.holds(alicePhone, c.holds...)
			d.toTell(c.hears...)
		})
	}
}

// The same app paired again takes its registrations along: they are moved here, which is no removal, and keep their tokens.
func TestANewPairingTellsNoWebsite(t *testing.T) {
	const anew = "anewanewanewanew"
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.tells(alicePhone, tokened(t, one))
	d.pairPhone(anew, []byte(alicePhone), time.Unix(2, 0))
	d.supersede(anew)
	d.toTell()
	d.synced(anew, &link.Forget{Credential: one})
	d.run()
	d.toTell(one + " on phone")
}

func TestWebsitesThatDidNotAskHearNothing(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.tells(alicePhone, item(t, one))
	if removed, err := d.removeRegistration(t.Context(), one); err != nil || removed.Website != "" {
		t.Errorf("%v, %v", removed, err)
	}
	d.toTell()
}

// A desktop that took a registration over before it knew of tokens learns the token from the next list.
func TestATokenIsLearntLater(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	before := item(t, one)
	d.tells(alicePhone, before)
	before.Unregister = token
	d.tells(bobPhone, before) // nobody's word but its own phone's
	d.synced(alicePhone, &link.Forget{Credential: one})
	d.run()
	d.toTell()
	before.Unregister = nil
	d.tells(alicePhone, before)
	before.Unregister = token
	d.tells(alicePhone, before)
	d.synced(alicePhone, &link.Forget{Credential: one})
	d.run()
	d.toTell(one + " on phone")
}

// A keyring that fails on the desktop's removal leaves everything as it was, also for the website.
func TestARemovalThatFailsIsToldToNobody(t *testing.T) {
	keyring := &registration.Memory{}
	d := newSyncDesk(t, t.TempDir(), keyring)
	d.tells(alicePhone, tokened(t, one))
	keyring.CrashAfter(0)
	if _, err := d.removeRegistration(t.Context(), one); code(err) != api.KeyringFailed {
		t.Errorf("got %v", err)
	}
	d.holds(alicePhone, one)
	d.toTell()
	if len(d.forgotten.of(alicePhone)) != 0 {
		t.Error("the phone is to be told")
	}
}

// relyingParty is a website that takes removals, when it is up.
type relyingParty struct {
	*httptest.Server
	mu    sync.Mutex
	down  bool
	heard []wellknown.Removal
}

func newRelyingParty(t *testing.T) *relyingParty {
	rp := &relyingParty{}
	rp.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rp.mu.Lock()
		defer rp.mu.Unlock()
		var m wellknown.Removal
		switch body, _ := io.ReadAll(r.Body); {
		case rp.down:
			w.WriteHeader(http.StatusBadGateway)
		case r.Method == http.MethodGet:
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, `{"unregister":"https://`+rpID+`/unregister"}`)
		case json.Unmarshal(body, &m) == nil:
			rp.heard = append(rp.heard, m)
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(rp.Close)
	return rp
}

func (rp *relyingParty) isDown(down bool) {
	rp.mu.Lock()
	defer rp.mu.Unlock()
	rp.down = down
}

// reached makes a daemon find the website under its name.
func (rp *relyingParty) reached(c *Config) {
	roots := x509.NewCertPool()
	roots.AddCert(rp.Certificate())
	c.WellKnown = wellknown.Config{TLS: &tls.Config{RootCAs: roots}, Patience: time.Minute,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, rp.Listener.Addr().String())
		}}
}

// asking is a keyring whose registrations are at a website that asked to hear of removals.
func asking(t *testing.T, credentials ...byte) *registration.Memory {
	t.Helper()
	keyring := registered(t, credentials...)
	store, err := registration.Open(t.Context(), keyring)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range credentials {
		if err := store.Update(t.Context(), sample(t, c).Credential, func(r *registration.Registration) { r.Unregister = token }); err != nil {
			t.Fatal(err)
		}
	}
	return keyring
}

// From the local API to the website: told at once, or by the next daemon where the website was down. Nothing on the way
// writes the token down but the file of what is to be told.
func TestUnregisterBySocket(t *testing.T) {
	rp, keyring, state := newRelyingParty(t), asking(t, 1, 2), t.TempDir()
	var logged strings.Builder
	begin := func() *testDaemon {
		return start(t, func(c *Config) {
			c.Keyring, c.State, c.Log = keyring, state, slog.New(slog.NewTextHandler(&logged, nil))
		}, rp.reached)
	}
	d := begin()
	remove := func(c byte) (out api.Removed) {
		t.Helper()
		if err := d.client(t).Call(t.Context(), api.MethodRemoveRegistration, api.ByID{ID: idOf(c)}, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	waitFor(t, func() bool { return d.core.Load() != nil })
	remove(1)
	waitFor(t, func() bool { return len(rp.told()) == 1 })
	rp.isDown(true)
	if got := remove(2).Website; got != api.WebsiteWaiting {
		t.Errorf("while it is down: %q", got)
	}
	waitFor(t, func() bool { return len(codesOf(t, state)) == 2 })
	d.Stop()
	if err := <-d.ended; err != nil {
		t.Error(err)
	}
	d.ended <- nil
	rp.isDown(false)
	d = begin()
	waitFor(t, func() bool { return len(codesOf(t, state)) == 3 })
	d.Stop()
	<-d.ended
	d.ended <- nil
	want := []wellknown.Removal{{Credential: idOf(1), Token: encoded(token), On: "desktop"}, {Credential: idOf(2), Token: encoded(token), On: "desktop"}}
	same(t, want, rp.told())
	same(t, []api.Code{api.WebsiteTold, api.WebsiteWaiting, api.WebsiteTold}, codesOf(t, state))
	hash := sha256.Sum256(token)
	if strings.Contains(logged.String(), encoded(token)) || strings.Contains(logged.String(), encoded(hash[:])) {
		t.Errorf("the token is in the log: %s", logged.String())
	}
}

func (rp *relyingParty) told() []wellknown.Removal {
	rp.mu.Lock()
	defer rp.mu.Unlock()
	return append([]wellknown.Removal{}, rp.heard...)
}

// codesOf are the ends in the activity log.
func codesOf(t *testing.T, state string) (codes []api.Code) {
	t.Helper()
	all, _, err := activity.Read(filepath.Join(state, "activity.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		codes = append(codes, a.Code)
		if a.Action != actionUnregister || a.RPID != rpID || a.Account != "alice@contoso.example" || strings.Contains(a.Detail, encoded(token)) {
			t.Errorf("%+v", a)
		}
	}
	return codes
}

// waitFor looks again and again whether something has come about.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("it did not come about within a minute")
		}
	}
}
