package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tallykey/tenant/passkey/softkey"
	"tallykey/tenant/store"
)

var removalToken = []byte("a token of 16 by")

// wants is a phone whose desktop says the hash of a token when it registers.
func wants(token []byte) *softkey.Key {
	hash := sha256.Sum256(token)
	k := softkey.New(origin)
	k.Unregister = map[string]string{"hash": base64.RawURLEncoding.EncodeToString(hash[:])}
	return k
}

// registered enables phone sign-in with a phone and signs in by it.
func (w *browser) registered(upn string, key *softkey.Key) (credential []byte) {
	w.t.Helper()
	w.byPassword(upn)
	page := w.enabling()
	w.post("/security/enable", "request", page.request(), "name", "P", "credential", w.create(key, page)).is(200)
	w.post("/signout")
	waiting := w.waiting(upn)
	w.answer(waiting, w.assert(key, waiting)).has("Signed in as " + upn)
	return key.Credentials[len(key.Credentials)-1].ID
}

// told sends what a desktop sends.
func (b *bench) told(t testing.TB, body, kind string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("POST", origin+"/unregister", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("User-Agent", "tallykey")
	r.RemoteAddr = "192.0.2.9:1234"
	rec := httptest.NewRecorder()
	b.ServeHTTP(rec, r)
	return rec
}

func removalOf(credential, token []byte, on string) string {
	raw, _ := json.Marshal(map[string]string{"credential": base64.RawURLEncoding.EncodeToString(credential),
		"token": base64.RawURLEncoding.EncodeToString(token), "on": on})
	return string(raw)
}

const jsonType = "application/json"

// A registration that was removed on the phone is gone here at once, with the session that it began, and the log says how.
func TestUnregisteredElsewhere(t *testing.T) {
	for on, detail := range map[string]string{"phone": "unregistered on the phone", "desktop": "unregistered on a desktop", "": "unregistered by its token", "<b>": "unregistered by its token"} {
		b := newBench(t)
		w := b.browser(t)
		id := w.registered(alice, wants(removalToken))
		if got := b.told(t, removalOf(id, removalToken, on), jsonType); got.Code != http.StatusNoContent || got.Body.Len() != 0 {
			t.Fatalf("%d %s", got.Code, got.Body)
		}
		e := b.lastIs(t, "remove", "registration_removed", alice)
		if e.Detail != detail || e.Address != "192.0.2.9" || e.Agent != "tallykey" || e.Device != "P" || string(e.Registration) != string(id) {
			t.Errorf("%+v", e)
		}
		w.get("/").lacks("Signed in as")
		w.post("/signin", "username", alice).lacks("The number is on your desktop").has("Password")
		if got := b.told(t, removalOf(id, removalToken, on), jsonType); got.Code != http.StatusNoContent { // a desktop says it again
			t.Error(got.Code)
		}
	}
}

// Policy may keep the sessions; other sessions stay in any case.
func TestUnregisteredElsewhereKeepsWhatPolicyKeeps(t *testing.T) {
	b := newBench(t)
	byPassword, byPhone := b.browser(t), b.browser(t)
	id := byPhone.registered(alice, wants(removalToken))
	byPassword.byPassword(alice)
	b.rule(t, false, "sessions=keep")
	b.told(t, removalOf(id, removalToken, "phone"), jsonType)
	byPhone.get("/security").has("Phone sign-in is off")
	byPassword.get("/").has("Signed in as " + alice)
}

// Nothing that a stranger says removes anything, and no answer tells whether there is such a credential.
func TestStrangersUnregisterNothing(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	id := w.registered(alice, wants(removalToken))
	silent := b.browser(t).registered(bob, softkey.New(origin)) // whose desktop said no hash
	zeros, other := make([]byte, 16), []byte("another token 16")
	hash := sha256.Sum256(removalToken)
	var answers []string
	for _, body := range []string{removalOf(id, other, "phone"), removalOf(id, zeros, "phone"), removalOf(silent, zeros, "phone"), removalOf(silent, removalToken, "phone"),
		removalOf([]byte("a credential that is not there"), removalToken, "phone"), removalOf(id, hash[:16], "phone")} {
		got := b.told(t, body, jsonType)
		answers = append(answers, fmt.Sprint(got.Code, got.Header(), got.Body))
	}
	for _, a := range answers {
		if a != answers[0] || !strings.HasPrefix(a, "204 ") {
			t.Errorf("%s is not %s", a, answers[0])
		}
	}
	w.get("/").has("Signed in as " + alice)
	if a, b := len(b.devicesOf(t, alice)), len(b.devicesOf(t, bob)); a != 1 || b != 1 {
		t.Errorf("%d and %d devices", a, b)
	}
}

func TestWhatIsNoRemoval(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	id := w.registered(alice, wants(removalToken))
	good := removalOf(id, removalToken, "phone")
	for name, c := range map[string]struct {
		body, kind string
		want       int
	}{
		"nothing":           {"", jsonType, 400},
		"no JSON":           {"credential=AQ", jsonType, 400},
		"two":               {good + good, jsonType, 400},
		"a form":            {good, "application/x-www-form-urlencoded", 400},
		"text":              {good, "text/plain", 400},
		"no type":           {good, "", 400},
		"a short token":     {removalOf(id, removalToken[:15], "phone"), jsonType, 400},
		"a long token":      {removalOf(id, append(removalToken, 0), "phone"), jsonType, 400},
		"no credential":     {removalOf(nil, removalToken, "phone"), jsonType, 400},
		"a long credential": {removalOf(make([]byte, 1024), removalToken, "phone"), jsonType, 400},
		"padded":            {strings.Replace(good, `","on"`, `==","on"`, 1), jsonType, 400},
		"oversize":          {strings.Replace(good, `{`, `{"a":"`+strings.Repeat("a", 5000)+`",`, 1), jsonType, 400},
		"huge":              {strings.Repeat(" ", 1<<20) + good, jsonType, 400},
	} {
		if got := b.told(t, c.body, c.kind); got.Code != c.want {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	if got := w.get("/unregister"); got.status == http.StatusNoContent {
		t.Error("GET is taken")
	}
	w.get("/").has("Signed in as " + alice)
}

// A flood from one address is turned away, another address is not, and after a minute it may speak again.
func TestManyRemovals(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	id := w.registered(alice, wants(removalToken))
	lines := func() int {
		list, err := b.Store.Find(t.Context(), store.Filter{Code: "registration_unknown"}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	for range maxRush {
		if got := b.told(t, removalOf(id, make([]byte, 16), "phone"), jsonType); got.Code != http.StatusNoContent {
			t.Fatal(got.Code)
		}
	}
	good := removalOf(id, removalToken, "phone")
	if got := b.told(t, good, jsonType); got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") != "60" {
		t.Errorf("%d %v", got.Code, got.Header())
	}
	if n := lines(); n != 3 { // the first, tenth and hundredth
		t.Errorf("%d lines for a flood", n)
	}
	b.clock = b.clock.Add(rushWindow)
	b.told(t, good, jsonType)
	b.lastIs(t, "remove", "registration_removed", alice)
}

// The old registration of a renewal is taken away, and the new one stays: it has a token of its own.
func TestTheOldOneIsUnregisteredWhileItIsRenewed(t *testing.T) {
	b := newBench(t)
	old := b.browser(t).registered(alice, wants(removalToken))
	anew := b.devicesOf(t, alice)[0]
	other := sha256.Sum256([]byte("another token 16"))
	anew.ID, anew.Renews, anew.Unregister = []byte("the new credential"), old, other[:]
	if err := b.Store.CreateRegistration(t.Context(), anew, b.last(t)); err != nil {
		t.Fatal(err)
	}
	for _, credential := range [][]byte{old, anew.ID, old} {
		b.told(t, removalOf(credential, removalToken, "phone"), jsonType)
	}
	if has := b.devicesOf(t, alice); len(has) != 1 || string(has[0].ID) != string(anew.ID) {
		t.Errorf("%+v", has)
	}
}

// What a token took away, the password alone does not replace: else who reads the token and the password would have a
// phone of the account.
func TestThePasswordAddsNothingAfterAToken(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	id := w.registered(alice, wants(removalToken))
	b.told(t, removalOf(id, removalToken, "phone"), jsonType)
	u, err := b.Store.UserByUPN(t.Context(), alice)
	if err != nil || u.Bare.IsZero() {
		t.Errorf("%v, %v", u.Bare, err)
	}
}

func (b *bench) devicesOf(t testing.TB, upn string) []store.Registration {
	t.Helper()
	u, err := b.Store.UserByUPN(t.Context(), upn)
	if err != nil {
		t.Fatal(err)
	}
	list, err := b.Store.Registrations(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func FuzzRemoval(f *testing.F) {
	f.Add([]byte(removalOf([]byte("a credential"), removalToken, "phone")))
	f.Add([]byte(`{"credential":"AQ","token":"AAECAwQFBgcICQoLDA0ODw","on":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, ok := parseRemoval(body)
		if ok && (len(m.token) != tokenBytes || len(m.credential) == 0 || len(m.credential) > maxCredential || !strings.HasPrefix(m.on, "unregistered ")) {
			t.Errorf("%q: %+v", body, m)
		}
	})
}
