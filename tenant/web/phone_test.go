package web

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tallykey/tenant/passkey/softkey"
)

// The whole story: password, phone sign-in enabled, signed in by phone with and without a UPN.
func TestPhoneSignIn(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	w.get("/security").has("Phone sign-in is off", "Enable phone sign-in")
	key := w.enable("Alice’s phone")
	b.lastIs(t, "register", "registered", alice)
	w.post("/signout")

	page := w.waiting(alice)
	if !bytes.Contains(page.options(), []byte(`"allowCredentials"`)) {
		t.Error("no allow list")
	}
	w.answer(page, w.assert(key, page)).is(200).has("Signed in as "+alice, "Your phone")
	e := b.lastIs(t, "phone", "approved", alice)
	if e.UserID == "" || e.Request != page.request() || e.Address != "192.0.2.7" || e.Agent != "Test browser" || len(e.Registration) == 0 {
		t.Errorf("%+v", e)
	}
	w.get("/security").has("last used 23 Nov 2026")
	w.post("/signout")

	page = w.post("/signin/any").is(200).has("The number is on your desktop").lacks(alice)
	if bytes.Contains(page.options(), []byte("allowCredentials")) {
		t.Error("an allow list, and nobody was named")
	}
	w.answer(page, w.assert(key, page)).has("Signed in as " + alice)
	b.lastIs(t, "phone", "approved", alice)
}

func TestNoNumberOnThePage(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	w.enable("P")
	w.waiting(alice).lacks("number-match", "data-number").has("Use your password instead", "Waiting for your answer")
}

func TestChallengeIsGoodForOneAnswer(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	page := w.waiting(alice)
	credential := w.assert(key, page)
	w.answer(page, credential).has("Signed in as")
	w.post("/signout")
	w.answer(page, credential).is(403).code("request_unknown").lacks("Signed in as")
	next := w.waiting(alice)
	w.answer(next, credential).is(403).code("request_unknown") // a new request, the old answer
	b.lastIs(t, "phone", "request_unknown", alice)
	w.get("/").lacks("Signed in as")
}

// A wrong answer uses the challenge up as well.
func TestWrongAnswerUsesTheChallengeUp(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	for name, bad := range map[string]string{"not JSON": "{", "too large": strings.Repeat("x", 40<<10), "of another kind": `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`} {
		page := w.waiting(alice)
		w.answer(page, bad).is(403).code("answer_unreadable")
		b.lastIs(t, "phone", "answer_unreadable", alice)
		w.answer(page, w.assert(key, page)).code("request_unknown")
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestAnswerComesTooLate(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	page := w.waiting(alice)
	b.clock = b.clock.Add(119 * time.Second) // the page gave up asking, the answer was on its way
	w.answer(page, w.assert(key, page)).has("Signed in as")
	w.post("/signout")
	page = w.waiting(alice)
	b.clock = b.clock.Add(120 * time.Second)
	w.answer(page, w.assert(key, page)).is(403).code("challenge_expired")
	b.lastIs(t, "phone", "challenge_expired", alice)
}

func TestAnswerIsVerified(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*softkey.Key)
		code  string
	}{
		"another origin":  {func(k *softkey.Key) { k.Origin = "https://login.contoso.example.evil.example" }, "origin_wrong"},
		"no verification": {func(k *softkey.Key) { k.Flags = softkey.UP }, "user_verification_unset"},
		"bad signature":   {func(k *softkey.Key) { k.Spoil = true }, "signature_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			w := b.browser(t)
			w.byPassword(alice)
			key := w.enable("P")
			w.post("/signout")
			page := w.waiting(alice)
			c.spoil(key)
			w.answer(page, w.assert(key, page)).is(403).code(c.code).has(page.request())
			if e := b.lastIs(t, "phone", c.code, alice); e.Detail == "" {
				t.Error("the log does not say why")
			}
			w.get("/").lacks("Signed in as")
		})
	}
}

// A challenge belongs to the browser that asked for it.
func TestAnotherBrowser(t *testing.T) {
	b := newBench(t)
	w, other := b.browser(t), b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	page := w.waiting(alice)
	other.answer(page, w.assert(key, page)).is(403).code("request_unknown")
	other.post("/signin/any") // now with a cookie of its own
	other.answer(page, w.assert(key, page)).is(403).code("request_unknown")
	other.get("/signin/phone?request=" + page.request()).code("request_unknown").lacks(alice)
	w.answer(page, w.assert(key, page)).has("Signed in as " + alice)
}

func TestTwoTabs(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	first, second := w.waiting(alice), w.waiting(alice)
	w.answer(first, w.assert(key, first)).has("Signed in as")
	w.answer(second, w.assert(key, second)).has("Signed in as")
}

// What the page can tell of a failure is the name and the time; both clocks must say that 60 seconds are over.
func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		failure, waited string
		passed          time.Duration
		code, text      string
	}{
		"timed out":         {"NotAllowedError", "60012", 61 * time.Second, "timed_out", "Request timeout"},
		"aborted at 65 s":   {"AbortError", "65003", 65 * time.Second, "timed_out", "Request timeout"},
		"declined":          {"NotAllowedError", "4200", 5 * time.Second, "not_completed", "not completed"},
		"the page lies":     {"NotAllowedError", "60012", 5 * time.Second, "not_completed", "not completed"},
		"the page is slow":  {"NotAllowedError", "100", 70 * time.Second, "not_completed", "not completed"},
		"no WebAuthn":       {"NotSupportedError", "1", 0, "webauthn_missing", "can’t ask the phone"},
		"nonsense":          {"<script>", "-5", 0, "not_completed", "not completed"},
		"nothing was named": {"", "", 0, "not_completed", "not completed"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			w := b.browser(t)
			w.byPassword(alice)
			w.enable("P")
			page := w.waiting(alice)
			b.clock = b.clock.Add(c.passed)
			got := w.post("/signin/phone", "request", page.request(), "failure", c.failure, "waited", c.waited)
			got.is(200).code(c.code).has(c.text, page.request(), "Try again", "Use your password instead").lacks("<script>")
			e := b.lastIs(t, "phone", c.code, alice)
			if e.Millis != c.passed.Milliseconds() || strings.Contains(e.Detail, "<") {
				t.Errorf("%+v", e)
			}
			w.post("/signin/phone", "request", page.request(), "failure", c.failure).code("request_unknown")
		})
	}
}

func TestReload(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	page := w.waiting(alice)
	b.clock = b.clock.Add(59 * time.Second)
	again := w.get("/signin/phone?request=" + page.request()).has("The number is on your desktop")
	if !bytes.Equal(again.options(), page.options()) {
		t.Error("another challenge")
	}
	b.clock = b.clock.Add(time.Second)
	w.get("/signin/phone?request=" + page.request()).code("timed_out").lacks("data-options")
	w.answer(page, w.assert(key, page)).has("Signed in as")
	w.get("/signin/phone?request=" + page.request()).code("request_unknown")
}

func TestSendAgainReplaces(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	page := w.waiting(alice)
	next := w.post("/signin", "username", alice, "request", page.request()).has("The number is on your desktop")
	if e := b.lastIs(t, "phone", "request_replaced", alice); e.Request != page.request() {
		t.Errorf("%+v", e)
	}
	w.answer(page, w.assert(key, page)).code("request_unknown")
	w.answer(next, w.assert(key, next)).has("Signed in as")
}

func TestPasswordInstead(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	w.enable("P")
	w.post("/signout")
	page := w.waiting(alice)
	w.post("/password/instead", "username", alice, "request", page.request()).is(200).has("Enter your password", alice)
	b.lastIs(t, "phone", "password_chosen", alice)
	w.byPassword(alice)
	b.lastIs(t, "password", "password_right", alice)
}

// A sign-in that nobody finished is in the log too.
func TestPageLeft(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	w.enable("P")
	page := w.waiting(alice)
	b.clock = b.clock.Add(2 * time.Minute)
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := b.lastIs(t, "phone", "page_left", alice); e.Request != page.request() {
		t.Errorf("%+v", e)
	}
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.lastIs(t, "phone", "page_left", alice)
}

// A discoverable answer that names a user it does not belong to, or nobody.
func TestForeignUserHandle(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	u, err := b.Store.UserByUPN(t.Context(), bob)
	if err != nil {
		t.Fatal(err)
	}
	w.post("/signout")
	for _, handle := range [][]byte{u.Handle, []byte("nobody"), nil} {
		key.Credentials[0].UserHandle = handle
		page := w.post("/signin/any")
		w.answer(page, w.assert(key, page)).is(403).code("registration_removed")
		w.get("/").lacks("Signed in as")
	}
}

// What the tenant adds to a sign-in: three requests, one assertion verified, two commits synced to the disk.
func BenchmarkPhoneSignIn(t *testing.B) {
	b := newBench(t)
	w := b.browser(t)
	w.address = "127.0.0.1:1"
	w.byPassword(alice)
	key := w.enable("P")
	for t.Loop() {
		page := w.waiting(alice)
		w.answer(page, w.assert(key, page)).has("Signed in as")
	}
}
