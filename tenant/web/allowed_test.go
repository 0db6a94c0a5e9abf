package web

import (
	"strings"
	"testing"
	"time"

	"tallykey/tenant/passkey/softkey"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

// rule sets words of the tenant's rule, or of that of the group Pilot, of which alice is a member.
func (b *bench) rule(t testing.TB, pilot bool, said ...string) {
	t.Helper()
	e := policy.Edit{Words: map[policy.Setting]policy.Word{}}
	for _, s := range said {
		setting, word, _ := strings.Cut(s, "=")
		e.Words[policy.Setting(setting)] = policy.Word(word)
	}
	if pilot {
		e.Group, e.Name = "g", "Pilot"
		b.pilot(t)
	}
	if _, _, _, err := b.policy.Set(t.Context(), e, store.Change{}); err != nil {
		t.Fatal(err)
	}
}

// pilot makes the group and puts alice into it.
func (b *bench) pilot(t testing.TB) {
	t.Helper()
	if _, err := b.Store.Group(t.Context(), "g"); err == nil {
		return
	}
	u, _ := b.Store.UserByUPN(t.Context(), alice)
	if err := b.Store.CreateGroup(t.Context(), store.Group{ID: "g", Name: "Pilot"}, store.Change{}); err != nil {
		t.Fatal(err)
	}
	if err := b.Store.AddMember(t.Context(), "g", u, store.Change{}); err != nil {
		t.Fatal(err)
	}
}

// The admin turns phone sign-in off: at once no number is seen, no phone signs in, none is added; turned on, all is back.
func TestPhoneOffByPolicy(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	enabling := w.enabling()
	w.post("/signout")
	asked := w.waiting(alice)
	b.rule(t, false, "phone=off", "passkeys=off", "instead=off")

	w.answer(asked, w.assert(key, asked)).is(403).code("phone_disabled_by_policy").lacks("Signed in as")
	if e := b.lastIs(t, "phone", "phone_disabled_by_policy", alice); e.Policy != "phone=off by tenant, passkeys=off by tenant, instead=off by tenant" {
		t.Errorf("the log says %q", e.Policy)
	}
	w.post("/signin", "username", alice).has("Enter your password").lacks("The number is on your desktop")
	anyone := w.post("/signin/any")
	w.answer(anyone, w.assert(key, anyone)).is(403).code("phone_disabled_by_policy")
	b.lastIs(t, "phone", "phone_disabled_by_policy", alice)
	w.byPassword(alice) // password off means nothing then
	w.get("/security").has("Phone sign-in is off for you", "P").lacks(`id="enable"`)
	w.post("/security/confirm", "password", password).code("phone_disabled_by_policy")
	w.post("/security/enable", "request", enabling.request(), "credential", "{}").is(403)

	b.rule(t, false, "phone=optional", "passkeys=optional", "instead=on")
	w.post("/signout")
	page := w.waiting(alice)
	w.answer(page, w.assert(key, page)).has("Signed in as " + alice)
}

// Turned off between the question and the answer, no phone is added.
func TestPolicyChangesWhileAPhoneIsAdded(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	page := w.enabling()
	b.rule(t, true, "phone=off", "instead=on")
	w.post("/security/enable", "request", page.request(), "credential", w.create(softkey.New(origin), page)).is(403).code("phone_disabled_by_policy")
	b.lastIs(t, "register", "phone_disabled_by_policy", alice)
}

// A pilot: bob is not in the group and nothing changes for him.
func TestPilot(t *testing.T) {
	b := newBench(t)
	b.rule(t, false, "phone=off", "instead=on")
	b.rule(t, true, "phone=required", "instead=on")
	w := b.browser(t)
	w.byPassword(bob).has("Signed in as " + bob)
	w.get("/security").has("Phone sign-in is off for you")
	w.post("/signout")

	w.post("/password", "username", alice, "password", password).is(200).has("Your organisation asks for phone sign-in")
	w.get("/").has("Your organisation asks for phone sign-in").lacks("Signed in as")
	key := w.enable("P")
	w.get("/").has("Signed in as " + alice)
	w.post("/signout")
	page := w.waiting(alice).lacks("Use your password instead")
	w.answer(page, w.assert(key, page)).has("Signed in as " + alice)
	if e := b.lastIs(t, "phone", "approved", alice); e.Policy != "phone=required by group Pilot (g), instead=on by group Pilot (g)" {
		t.Errorf("the log says %q", e.Policy)
	}
}

// Who has a phone can't use the password, and only who knows the password is told so.
func TestPasswordOffByPolicy(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	b.rule(t, false, "phone=optional", "instead=off")
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	page := w.waiting(alice).lacks("Use your password instead")
	w.post("/signin/phone", "request", page.request(), "failure", "NotAllowedError", "waited", "10").code("not_completed").lacks("Use your password instead")
	w.post("/password", "username", alice, "password", "wrong").code("password_wrong")
	w.post("/password", "username", alice, "password", password).is(403).code("password_not_allowed")
	b.lastIs(t, "password", "password_not_allowed", alice)
	w.get("/").lacks("Signed in as")
	page = w.waiting(alice)
	w.answer(page, w.assert(key, page)).has("Signed in as")
	other := b.browser(t)
	other.byPassword(bob) // has no phone
}

// A disabled account is signed out at once and comes in by no way; a stranger is told nothing.
func TestDisabledAccount(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	other := b.browser(t)
	asked := other.post("/signin/any")
	u, err := b.Store.UserByUPN(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Store.DisableUser(t.Context(), u, b.clock, store.Change{}); err != nil {
		t.Fatal(err)
	}
	if got := w.get("/security"); got.path != "/signin" {
		t.Errorf("still signed in, at %s", got.path)
	}
	other.answer(asked, other.assert(key, asked)).is(403).code("account_disabled")
	b.lastIs(t, "phone", "account_disabled", alice)
	w.post("/signin", "username", alice).has("Enter your password")
	w.post("/password", "username", alice, "password", "wrong").code("password_wrong")
	w.post("/password", "username", alice, "password", password).is(403).code("account_disabled")
	if err := b.Store.DisableUser(t.Context(), u, time.Time{}, store.Change{}); err != nil {
		t.Fatal(err)
	}
	w.byPassword(alice)
}
