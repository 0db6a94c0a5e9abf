package signin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/phone/link"
)

const desktopID = "abcdefghij234567"

// desk is an Engine with a real store over a keyring in memory, a link that a test holds in its hands, and a journal.
type desk struct {
	*Engine
	t       *testing.T
	keyring *registration.Memory
	store   *registration.Store
	journal *journal

	mu    sync.Mutex
	there map[string]bool
	lock  bool
	typed bool                // the settings want every number typed
	asks  []string            // "rpID origin": lists of related origins that were read
	lists map[string][]string // by RP ID
	sent  map[string][]link.Message
	shown []api.Request
}

func newDesk(t *testing.T) *desk {
	keyring := &registration.Memory{}
	store, err := registration.Open(t.Context(), keyring)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, keyring: keyring, store: store, journal: &journal{}, there: map[string]bool{}, sent: map[string][]link.Message{}}
	d.start()
	return d
}

// start makes the engine, again after a "restart": store and journal stay.
func (d *desk) start() {
	d.Engine = New(Config{Desktop: desktopID, Link: d, Store: d.store, Journal: d.journal, Show: d.show,
		Locked: d.locked, TypeNumbers: d.typeNumbers, Related: d.isRelated, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
}

var errAway = errors.New("away")

func (d *desk) Send(peer string, m link.Message) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := link.Encode(m); err != nil {
		d.t.Errorf("the engine sends what breaks the protocol: %v", err)
	}
	if !d.there[peer] {
		return errAway
	}
	d.sent[peer] = append(d.sent[peer], m)
	return nil
}

func (d *desk) Connected() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for peer := range d.there {
		if peer != OfferPeer {
			out = append(out, peer)
		}
	}
	return out
}

func (d *desk) locked() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lock
}

func (d *desk) typeNumbers() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.typed
}

func (d *desk) isRelated(_ context.Context, rpID, origin string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asks = append(d.asks, rpID+" "+origin)
	return slices.Contains(d.lists[rpID], origin)
}

// setLock locks or unlocks the screen without a word to the engine.
func (d *desk) setLock(locked bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lock = locked
}

// lockScreen locks the screen as the daemon learns of it.
func (d *desk) lockScreen() {
	d.setLock(true)
	d.ScreenLocked()
	synctest.Wait()
}

func (d *desk) Heartbeat(string, time.Duration, time.Duration) {}

// Return: the link is a good one.
func (d *desk) Return(string) time.Duration { return 0 }

func (d *desk) show(r api.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.Number != "" && r.State != api.Delivered && r.State != api.Answering {
		d.t.Errorf("the number is shown in state %s", r.State)
	}
	d.shown = append(d.shown, r)
}

func (d *desk) connect(peer string) {
	d.mu.Lock()
	d.there[peer] = true
	d.mu.Unlock()
	if peer != OfferPeer {
		d.PhoneUp(peer)
	}
	synctest.Wait()
}

func (d *desk) disconnect(peer string) {
	d.mu.Lock()
	delete(d.there, peer)
	d.mu.Unlock()
	d.PhoneDown(peer)
	synctest.Wait()
}

// last is what is on the screen now.
func (d *desk) last() api.Request {
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.shown) == 0 {
		d.t.Fatal("nothing was shown")
	}
	return d.shown[len(d.shown)-1]
}

// got is the last message that a peer got, of the type that is asked for.
func got[M link.Message](d *desk, peer string) M {
	d.t.Helper()
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if all := d.sent[peer]; len(all) > 0 {
		if m, ok := all[len(all)-1].(M); ok {
			return m
		}
		d.t.Fatalf("%s got %s %+v last, not what was expected", peer, all[len(all)-1].Type(), all[len(all)-1])
	}
	d.t.Fatalf("%s got nothing", peer)
	panic("unreachable")
}

func (d *desk) from(peer string, m link.Message) {
	d.t.Helper()
	if _, err := link.Encode(m); err != nil {
		d.t.Fatal(err)
	}
	d.FromPhone(peer, m)
	synctest.Wait()
}

// pair pairs a phone and returns its id.
func (d *desk) pair(p *testPhone) string {
	d.t.Helper()
	ended := make(chan error, 1)
	if _, _, _, err := d.Pair(d.t.Context(), func(err error) { ended <- err }); err != nil {
		d.t.Fatal(err)
	}
	d.connect(OfferPeer)
	d.from(OfferPeer, &link.PairWith{V: link.Version, Name: "Alice’s phone", App: "test/1", Origin: p.origin})
	r := got[*link.Request](d, OfferPeer)
	d.from(OfferPeer, &link.Received{ID: r.ID})
	number := d.last().Number
	d.from(OfferPeer, &link.Number{ID: r.ID, Number: number})
	got[*link.NumberRight](d, OfferPeer)
	d.from(OfferPeer, p.answer(r, number))
	paired := got[*link.Paired](d, OfferPeer)
	if err := <-ended; err != nil {
		d.t.Fatal(err)
	}
	d.disconnect(OfferPeer)
	return paired.Phone
}

// outcome is how a website's call ended.
type outcome struct {
	create api.CreateResult
	get    api.GetResult
	err    error
}

func (o outcome) code() api.Code {
	var e *api.Error
	if errors.As(o.err, &e) {
		return e.Code
	}
	return ""
}

// call runs a website's call in the background; the channel gives its end, and is never closed before.
func call(f func() outcome) <-chan outcome {
	c := make(chan outcome, 1)
	go func() { c <- f() }()
	synctest.Wait()
	return c
}

const origin = "https://login.contoso.example"

func (d *desk) create(ctx context.Context, account string) <-chan outcome {
	return d.createFrom(ctx, origin, account, nil)
}

// createFrom asks for a registration with options that are changed by more.
func (d *desk) createFrom(ctx context.Context, origin, account string, more map[string]any) <-chan outcome {
	m := map[string]any{"challenge": "AAECAwQFBgcICQoLDA0ODw", "rp": map[string]any{"name": "Contoso"},
		"user":             map[string]any{"id": "AQID", "name": account, "displayName": "Alice"},
		"pubKeyCredParams": []any{map[string]any{"type": "public-key", "alg": -7}}}
	maps.Copy(m, more)
	options, err := json.Marshal(m)
	if err != nil {
		d.t.Fatal(err)
	}
	return call(func() outcome {
		r, err := d.Create(ctx, api.CreateParams{Caller: api.Caller{Origin: origin}, Options: options}, "Firefox", func(string) {})
		return outcome{create: r, err: err}
	})
}

func (d *desk) get(ctx context.Context) <-chan outcome {
	return d.getFrom(ctx, origin, `{"challenge":"AAECAwQFBgcICQoLDA0ODw"}`)
}

func (d *desk) getFrom(ctx context.Context, origin, options string) <-chan outcome {
	return call(func() outcome {
		r, err := d.Get(ctx, api.GetParams{Caller: api.Caller{Origin: origin}, Options: json.RawMessage(options)}, "Firefox", func(string) {})
		return outcome{get: r, err: err}
	})
}

// approve answers whatever the phone was asked last.
func (d *desk) approve(peer string, p *testPhone) {
	d.t.Helper()
	r := got[*link.Request](d, peer)
	d.from(peer, &link.Received{ID: r.ID})
	number := d.last().Number
	if r.Mode != link.Approve {
		d.from(peer, &link.Number{ID: r.ID, Number: number})
	}
	d.from(peer, p.answer(r, number))
}

// register makes a registration for an account.
func (d *desk) register(peer string, p *testPhone, account string) api.CreateResult {
	d.t.Helper()
	end := d.create(d.t.Context(), account)
	d.approve(peer, p)
	o := <-end
	if o.err != nil {
		d.t.Fatal(o.err)
	}
	return o.create
}

// journal is the activity log without a file.
type journal struct {
	mu  sync.Mutex
	all []api.Activity
}

func (j *journal) Append(a api.Activity) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.all = append(j.all, a)
}

func (j *journal) Since(t time.Time) []api.Activity {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []api.Activity
	for _, a := range j.all {
		if a.Time.After(t) {
			out = append(out, a)
		}
	}
	return out
}

func (j *journal) codes() []api.Code {
	var out []api.Code
	for _, a := range j.Since(time.Time{}) {
		out = append(out, a.Code)
	}
	return out
}
