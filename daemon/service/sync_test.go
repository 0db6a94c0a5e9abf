package service

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"io"
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/daemon/phonelink"
	"tallykey/daemon/registration"
	"tallykey/daemon/signin"
	"tallykey/daemon/webauthn"
	"tallykey/daemon/webauthn/platform"
	"tallykey/phone/link"
)

const (
	alicePhone = "aliceaaaaaaaaaaa"
	bobPhone   = "bobbbbbbbbbbbbbb"
)

// syncDesk is a core without a network; what it says to phones is kept.
type syncDesk struct {
	*core
	t    *testing.T
	said []string // "phone credential"
}

func newSyncDesk(t *testing.T, state string, keyring registration.Keyring) *syncDesk {
	t.Helper()
	store, err := registration.Open(t.Context(), keyring)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	d := &syncDesk{t: t}
	d.core = &core{daemon: &Daemon{log: log, choices: openChoices(Config{State: state, Log: log})}, store: store, rosters: map[string]*roster{}, changes: make(chan func(), 64)}
	d.ctx, d.stop = context.WithCancelCause(t.Context())
	d.hub, d.listener = phonelink.NewHub(phonelink.HubConfig{}), &phonelink.Listener{}
	d.engine = signin.New(signin.Config{Log: log})
	d.say = func(phone string, m link.Message) error {
		d.said = append(d.said, phone+" "+m.(*link.Forget).Credential)
		return nil
	}
	if d.forgotten, err = openForgotten(state); err != nil {
		t.Fatal(err)
	}
	if d.outbox, err = openOutbox(state); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{alicePhone, bobPhone} {
		d.pairPhone(id, []byte(id), time.Unix(1, 0))
	}
	return d
}

func (d *syncDesk) pairPhone(id string, credential []byte, at time.Time) {
	d.t.Helper()
	if _, ok := d.store.Phone(id); ok {
		return
	}
	err := d.store.AddPhone(d.t.Context(), registration.Phone{ID: id, Name: id, Paired: at, Secret: make([]byte, 32),
		Platform: platform.Credential{ID: credential, PublicKey: credential}})
	if err != nil {
		d.t.Fatal(err)
	}
}

// run makes the changes that wait.
func (d *syncDesk) run() {
	for len(d.changes) > 0 {
		(<-d.changes)()
	}
}

// tells connects a phone anew and has it tell these registrations, one a page.
func (d *syncDesk) tells(phone string, items ...link.Registration) {
	d.t.Helper()
	d.greet(phone)
	for _, i := range items {
		d.synced(phone, &link.Registrations{Items: []link.Registration{i}, More: true})
	}
	d.synced(phone, &link.Registrations{})
	d.run()
}

func (d *syncDesk) held(phone string) []string {
	out := []string{}
	for _, r := range d.store.Registrations() {
		if r.Phone == phone {
			out = append(out, encoded(r.Credential))
		}
	}
	slices.Sort(out)
	return out
}

func (d *syncDesk) holds(phone string, want ...string) {
	d.t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), d.held(phone)); diff != "" {
		d.t.Errorf("registrations of %s: %s", phone, diff)
	}
}

const (
	one = "AAAAAAAAAAAAAAAAAAAAAA"
	two = "AQEBAQEBAQEBAQEBAQEBAQ"
)

func item(t *testing.T, credential string) link.Registration {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return link.Registration{Credential: credential, RPID: "login.contoso.example", UserID: []byte{1}, Name: "alice@contoso.example",
		PublicKey: webauthn.EncodeCOSE(&key.PublicKey), KeyProtection: link.PRF, Created: 1}
}

func TestANewDesktopTakesOverWhatThePhoneHolds(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.tells(alicePhone, item(t, one), item(t, two))
	d.holds(alicePhone, one, two)
	d.tells(alicePhone, item(t, one), item(t, two))
	d.holds(alicePhone, one, two)
}

func TestWhatThePhoneNoLongerHasIsDropped(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.tells(alicePhone, item(t, one), item(t, two))
	d.tells(bobPhone, item(t, "BBBBBBBBBBBBBBBBBBBBBA"))
	d.tells(alicePhone, item(t, two))
	d.holds(alicePhone, two)
	d.holds(bobPhone, "BBBBBBBBBBBBBBBBBBBBBA")
	d.synced(alicePhone, &link.Forget{Credential: two})
	d.run()
	d.holds(alicePhone)
}

func TestWhatIsMadeOnThisConnectionIsNewerThanTheList(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.greet(alicePhone)
	made, err := signin.Adopt(alicePhone, []link.Registration{item(t, one)})
	if err != nil {
		t.Fatal(err)
	}
	made[0].Created = time.Now().Add(time.Second)
	if err := d.store.Add(t.Context(), made[0]); err != nil {
		t.Fatal(err)
	}
	d.synced(alicePhone, &link.Registrations{})
	d.run()
	d.holds(alicePhone, one)
}

func TestAKeptCredentialStaysAndIsNotTakenOver(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.tells(alicePhone, item(t, one))
	d.greet(alicePhone)
	d.synced(alicePhone, &link.Registrations{Kept: []string{one, two}})
	d.run()
	d.holds(alicePhone, one)
}

func TestAnotherPhonesWordMovesNothing(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.tells(alicePhone, item(t, one))
	d.tells(bobPhone, item(t, one))
	d.holds(alicePhone, one)
	d.holds(bobPhone)
	d.synced(bobPhone, &link.Forget{Credential: one})
	d.run()
	d.holds(alicePhone, one)
}

func TestAHostilePhoneBringsInNothing(t *testing.T) {
	suffix := item(t, two)
	suffix.RPID = "co.uk"
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.tells(alicePhone, item(t, one), suffix)
	d.holds(alicePhone)
	many := make([]link.Registration, link.MaxRegistrations+1)
	for i := range many {
		many[i] = item(t, one)
	}
	d.tells(bobPhone, many...)
	d.holds(bobPhone)
}

// A removal on the desktop reaches the phone at its next contact, also across a restart, and until then the phone's
// list does not bring it back.
func TestARemovalWaitsForThePhone(t *testing.T) {
	state, keyring := t.TempDir(), &registration.Memory{}
	d := newSyncDesk(t, state, keyring)
	d.tells(alicePhone, item(t, one), item(t, two))
	delete(d.rosters, alicePhone) // away
	if _, err := d.removeRegistration(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if len(d.said) != 0 {
		t.Errorf("said to a phone that is away: %v", d.said)
	}
	d = newSyncDesk(t, state, keyring)
	d.tells(alicePhone, item(t, one), item(t, two))
	d.holds(alicePhone, two)
	if diff := cmp.Diff([]string{alicePhone + " " + one}, d.said); diff != "" {
		t.Error(diff)
	}
	d.synced(alicePhone, &link.Forget{Credential: one}) // confirmed
	d.run()
	d = newSyncDesk(t, state, keyring)
	d.tells(alicePhone, item(t, two))
	if len(d.said) != 0 || len(d.forgotten.of(alicePhone)) != 0 {
		t.Errorf("still says %v", d.said)
	}
	if i, err := os.Stat(d.forgotten.path); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", i, err)
	}
}

func TestARemovalReachesAPhoneThatIsThere(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.tells(alicePhone, item(t, one))
	if _, err := d.removeRegistration(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{alicePhone + " " + one}, d.said); diff != "" {
		t.Error(diff)
	}
	if _, err := d.removeRegistration(t.Context(), one); code(err) != api.RegistrationUnknown {
		t.Errorf("a second time: %v", err)
	}
}

func TestAPhoneWithoutSyncIsToldNothing(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.tells(alicePhone, item(t, one))
	d.greet(alicePhone) // an app of an early version, on a new connection
	if _, err := d.removeRegistration(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if len(d.said) != 0 {
		t.Errorf("said %v", d.said)
	}
}

func TestGoodbye(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.tells(alicePhone, item(t, one))
	d.synced(alicePhone, &link.Goodbye{})
	d.run()
	if _, ok := d.store.Phone(alicePhone); ok || len(d.store.Registrations()) != 0 {
		t.Error("the phone is still here")
	}
}

// The same app paired again: its registrations and removals go over to the new pairing, and the old one ends.
func TestANewPairingSupersedes(t *testing.T) {
	const anew = "anewanewanewanew"
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.tells(alicePhone, item(t, one), item(t, two))
	delete(d.rosters, alicePhone)
	if _, err := d.removeRegistration(t.Context(), two); err != nil {
		t.Fatal(err)
	}
	d.pairPhone(anew, []byte(alicePhone), time.Unix(2, 0))
	d.supersede(anew)
	d.holds(anew, one)
	if _, ok := d.store.Phone(alicePhone); ok {
		t.Error("the old pairing is still here")
	}
	if _, ok := d.store.Phone(bobPhone); !ok {
		t.Error("another phone is gone")
	}
	if diff := cmp.Diff([]string{two}, d.forgotten.of(anew)); diff != "" {
		t.Error(diff)
	}
	d.supersede(bobPhone)
	d.holds(anew, one)
}

func TestAPhoneIsCalledWhatItSays(t *testing.T) {
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	d.rename(alicePhone, "Alice’s phone")
	d.rename(bobPhone, bobPhone)
	d.rename("nobody", "Mallory")
	if len(d.changes) != 1 {
		t.Errorf("%d changes", len(d.changes))
	}
	d.run()
	if p, _ := d.store.Phone(alicePhone); p.Name != "Alice’s phone" {
		t.Errorf("called %q", p.Name)
	}
}

func TestABrokenFileOfRemovalsIsAnEmptyOne(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/forgotten.json", []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := openForgotten(dir)
	if err == nil || len(f.of(alicePhone)) != 0 {
		t.Errorf("%v, %v", f.all, err)
	}
	if err := f.add(tombstone{alicePhone, one}); err != nil {
		t.Fatal(err)
	}
	if again, err := openForgotten(dir); err != nil || len(again.of(alicePhone)) != 1 {
		t.Errorf("%v", err)
	}
}
