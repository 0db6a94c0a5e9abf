package web

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"tallykey/tenant/passkey/softkey"
	"tallykey/tenant/store"
)

func TestSecurityNeedsASession(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	for _, path := range []string{"/security", "/security/confirm", "/security/enable", "/security/remove?id=AA"} {
		if got := w.get(path); got.path != "/signin" {
			t.Errorf("GET %s came to %s", path, got.path)
		}
	}
	for _, path := range []string{"/security/confirm", "/security/enable", "/security/remove"} {
		if got := w.post(path, "password", password, "id", "AA"); got.path != "/signin" {
			t.Errorf("POST %s came to %s", path, got.path)
		}
	}
}

func TestPasswordIsAskedOnceMore(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	if got := w.get("/security/enable"); got.path != "/security/confirm" {
		t.Fatalf("a phone could be added right after signing in, at %s", got.path)
	}
	old := w.cookie("__Host-tallykey-session")
	w.post("/security/confirm", "password", "wrong").is(403).code("password_wrong")
	b.lastIs(t, "confirm", "password_wrong", alice)
	page := w.post("/security/confirm", "username", bob, "password", password).is(200).has("Register your phone", alice)
	b.lastIs(t, "confirm", "password_right", alice) // not bob's, whatever the form says
	if w.cookie("__Host-tallykey-session") == old {
		t.Error("the session kept its token")
	}
	b.clock = b.clock.Add(5 * time.Minute)
	w.post("/security/enable", "request", page.request(), "credential", w.create(softkey.New(origin), page)).code("confirmation_needed")
	if got := w.get("/security/enable"); got.path != "/security/confirm" {
		t.Errorf("an old confirmation counts, at %s", got.path)
	}
}

func TestConfirmationLocksToo(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	for range 5 {
		w.post("/security/confirm", "password", "wrong")
	}
	w.post("/security/confirm", "password", password).is(429).code("account_locked")
}

func TestRegistrationIsVerified(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*softkey.Key)
		code  string
	}{
		"another origin":  {func(k *softkey.Key) { k.Origin = "https://evil.example" }, "origin_wrong"},
		"no verification": {func(k *softkey.Key) { k.Flags = softkey.UP }, "user_verification_unset"},
		"old challenge":   {func(k *softkey.Key) { k.Challenge = strings.Repeat("A", 43) }, "request_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			w := b.browser(t)
			w.byPassword(alice)
			key := softkey.New(origin)
			c.spoil(key)
			page := w.enabling()
			credential := w.create(key, page)
			w.post("/security/enable", "request", page.request(), "credential", credential).is(403).code(c.code).has(page.request())
			b.lastIs(t, "register", c.code, alice)
			w.post("/security/enable", "request", page.request(), "credential", credential).code("request_unknown")
			w.get("/security").has("Phone sign-in is off")
		})
	}
}

func TestRegistrationFails(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	for failure, code := range map[string]string{"InvalidStateError": "registration_exists", "NotAllowedError": "not_completed"} {
		page := w.enabling()
		w.post("/security/enable", "request", page.request(), "failure", failure, "waited", "10").is(200).code(code)
		b.lastIs(t, "register", code, alice)
	}
	page := w.enabling()
	b.clock = b.clock.Add(time.Minute)
	w.post("/security/enable", "request", page.request(), "failure", "NotAllowedError", "waited", "60001").code("timed_out")
	w.post("/security/enable", "request", w.enabling().request()).code("webauthn_missing") // no script: nothing was asked
	page = w.enabling()
	b.clock = b.clock.Add(2 * time.Minute)
	w.post("/security/enable", "request", page.request(), "credential", w.create(softkey.New(origin), page)).code("challenge_expired")
	w.get("/security").has("Phone sign-in is off")
}

// A registration belongs to the session that began it, and to its user.
func TestRegistrationOfAnotherSession(t *testing.T) {
	b := newBench(t)
	a, o := b.browser(t), b.browser(t)
	a.byPassword(alice)
	o.byPassword(bob)
	page := a.enabling()
	o.enabling()
	credential := a.create(softkey.New(origin), page)
	o.post("/security/enable", "request", page.request(), "credential", credential).code("request_unknown")
	o.get("/security").has("Phone sign-in is off")
	a.byPassword(alice) // signing in anew ends what the old session began
	a.enabling()
	a.post("/security/enable", "request", page.request(), "credential", credential).code("request_unknown")
}

// Removal counts at once: for new sign-ins, for one in progress, and for sessions elsewhere.
func TestRemove(t *testing.T) {
	b := newBench(t)
	w, elsewhere := b.browser(t), b.browser(t)
	w.byPassword(alice)
	key := w.enable("Alice’s <b>phone</b>")
	elsewhere.byPhone(key).has("Signed in as")
	pending := b.browser(t)
	pending.byPhone(key)
	inProgress := pending.waiting(alice)

	id := removeLink(t, w.get("/security").has("Alice’s &lt;b&gt;phone&lt;/b&gt;"))
	w.get("/security/remove?id="+id).is(200).has("It is the last one", "Alice’s &lt;b&gt;")
	w.post("/security/remove", "id", id).is(200).has("Phone sign-in is off")
	b.lastIs(t, "remove", "registration_removed", alice)
	w.post("/security/remove", "id", id).is(403).code("registration_unknown")
	w.get("/security/remove?id=" + id).code("registration_unknown")
	w.get("/security/remove?id=%25").code("registration_unknown")

	pending.answer(inProgress, w.assert(key, inProgress)).is(403).code("registration_removed")
	b.lastIs(t, "phone", "registration_removed", alice)
	pending.byPhone(key).is(403).code("registration_removed")
	if got := elsewhere.get("/"); got.path != "/signin" {
		t.Errorf("the phone's session elsewhere lives: %s", got.path)
	}
	w.get("/").has("Signed in as") // and the one that removed it stays
	w.post("/signin", "username", alice).has("Enter your password")
}

func removeLink(t *testing.T, v view) string {
	t.Helper()
	_, rest, ok := strings.Cut(v.body, `href="/security/remove?id=`)
	id, _, _ := strings.Cut(rest, `"`)
	if !ok || id == "" {
		t.Fatalf("no remove link\n%s", v.body)
	}
	return id
}

func TestNobodyRemovesAnothersPhone(t *testing.T) {
	b := newBench(t)
	w, o := b.browser(t), b.browser(t)
	w.byPassword(alice)
	w.enable("P")
	id := removeLink(t, w.get("/security"))
	o.byPassword(bob)
	o.get("/security/remove?id=" + id).code("registration_unknown")
	o.post("/security/remove", "id", id).code("registration_unknown")
	w.get("/security").has("Phone sign-in enabled")
}

func TestTenPhones(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	for range 10 {
		w.enable("P")
	}
	w.proving("/security/enable").is(403).code("registration_limit")
	w.get("/security").has("Add another phone")
}

func TestExcludedPhoneIsNotAskedTwice(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	if _, err := key.Create(w.enabling().options()); err == nil {
		t.Error("it made a second key")
	}
}

// Cookies, and that signing in makes the session anew.
func TestSessionRotation(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	planted := b.browser(t)
	planted.byPassword(bob)
	u, _ := url.Parse(origin)
	w.client.Jar.SetCookies(u, planted.client.Jar.Cookies(u)) // an attacker's own session, put into this browser
	before := w.cookie("__Host-tallykey-session")
	if before == "" {
		t.Fatal("no cookie was planted")
	}
	w.byPassword(alice)
	if after := w.cookie("__Host-tallykey-session"); after == before || after == "" {
		t.Error("the planted session is alice's now")
	}
	if got := planted.get("/"); got.path != "/signin" {
		t.Errorf("the planted session lives on at %s", got.path)
	}
	b.clock = b.clock.Add(12 * time.Hour)
	if got := w.get("/"); got.path != "/signin" {
		t.Error("a session lasts longer than a working day")
	}
}

// When the data can't be written nobody is signed in, and the page says so with a request number.
func TestStorageFails(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	page := w.waiting(alice)
	credential := w.assert(key, page)
	if err := b.Store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, v := range []view{w.answer(page, credential), w.post("/password", "username", alice, "password", password),
		w.post("/signin", "username", alice), w.post("/signin/any"), w.get("/signin/phone?request=" + page.request())} {
		v.is(500).code("storage_failed").lacks("Signed in as", "sql")
	}
	if w.cookie("__Host-tallykey-session") != "" {
		t.Error("a session without a row")
	}
}

func TestRegistrationRacesRemoval(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	page := w.waiting(alice)
	u, err := b.Store.UserByUPN(context.Background(), alice)
	if err != nil {
		t.Fatal(err)
	}
	done, _, err := b.flow.Answer(context.Background(), page.request(), browserHash(t, b, w), []byte(w.assert(key, page)))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Store.RemoveRegistration(context.Background(), store.Removal{UserID: u.ID, ID: key.Credentials[0].ID}, store.Entry{}); err != nil {
		t.Fatal(err)
	}
	done.Session.TokenHash = []byte("t")
	if err := b.Store.SignIn(context.Background(), done.Session, nil, 0, done.Entry); err == nil {
		t.Error("the removed phone signed in")
	}
}

// browserHash is what the browser's sign-ins are bound to.
func browserHash(t *testing.T, b *bench, w *browser) []byte {
	t.Helper()
	a := w.get("/signin").header // no new cookie: it has one
	if a.Get("Set-Cookie") != "" {
		t.Fatal("a second browser cookie")
	}
	r := newRequest("GET", "/")
	u, _ := url.Parse(origin)
	for _, c := range w.client.Jar.Cookies(u) {
		r.AddCookie(c)
	}
	return b.jar.Browser(r)
}
