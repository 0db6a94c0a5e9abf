package passkey

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"tallykey/tenant/outcome"
	"tallykey/tenant/passkey/softkey"
	"tallykey/tenant/store"
)

const issuer = "https://login.contoso.example:8443"

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// first leaves the second of three out.
func first[A, B any](a A, _ B, err error) (A, error) { return a, err }

// bench is a relying party, one user, and her phone.
type bench struct {
	*RelyingParty
	user store.User
	has  []store.Registration
	key  *softkey.Key
}

func newBench(t testing.TB) *bench {
	t.Helper()
	u := must[*url.URL](t)(url.Parse(issuer))
	b := &bench{RelyingParty: must[*RelyingParty](t)(New(u, "Contoso")), key: softkey.New(issuer),
		user: store.User{ID: "a1", Handle: []byte("a random handle"), UPN: "alice@contoso.example", Name: "Alice"}}
	return b
}

func (b *bench) register(t testing.TB) store.Registration {
	t.Helper()
	options, state, err := b.BeginRegistration(b.user, b.has, Choose)
	if err != nil {
		t.Fatal(err)
	}
	r := must[store.Registration](t)(first(b.FinishRegistration(b.user, state, must[[]byte](t)(b.key.Create(options)))))
	b.has = append(b.has, r)
	return r
}

func (b *bench) find(handle []byte) (store.User, []store.Registration, error) {
	if !bytes.Equal(handle, b.user.Handle) {
		return store.User{}, nil, store.ErrNotFound
	}
	return b.user, b.has, nil
}

func (b *bench) signIn(t testing.TB) (SignedIn, error) {
	t.Helper()
	options, state, err := b.BeginSignIn(b.user, b.has, Choose)
	if err != nil {
		t.Fatal(err)
	}
	return b.FinishSignIn(state, must[[]byte](t)(b.key.Get(options)), b.find)
}

func wantCode(t testing.TB, err error, want outcome.Code) {
	t.Helper()
	if err == nil {
		t.Fatalf("accepted, want %s", want)
	}
	if got, detail := outcome.CodeOf(err); got != want {
		t.Fatalf("got %s (%s), want %s", got, detail, want)
	}
}

func TestRegisterAndSignIn(t *testing.T) {
	b := newBench(t)
	r := b.register(t)
	if r.UserID != "a1" || r.Transports != "internal,hybrid" || len(r.AAGUID) != 16 {
		t.Errorf("%+v", r)
	}
	b.key.Counter = 3
	who := must[SignedIn](t)(b.signIn(t))
	if who.User.ID != "a1" || !bytes.Equal(who.Device.ID, r.ID) || who.SignCount != 3 || who.Rewound {
		t.Errorf("%+v", who)
	}
	options, state, _ := b.BeginAnySignIn(Choose)
	who = must[SignedIn](t)(b.FinishSignIn(state, must[[]byte](t)(b.key.Get(options)), b.find))
	if who.User.ID != "a1" {
		t.Errorf("discoverable: %+v", who)
	}
}

func TestOptions(t *testing.T) {
	b := newBench(t)
	r := b.register(t)
	options, _, _ := b.BeginRegistration(b.user, b.has, Choose)
	var create struct {
		RP                     struct{ ID, Name string }
		User                   struct{ ID, Name, DisplayName string }
		AuthenticatorSelection struct {
			ResidentKey, UserVerification string
			RequireResidentKey            bool
		}
		Attestation        string
		Timeout            int
		ExcludeCredentials []struct{ ID string }
		PubKeyCredParams   []struct{ Alg int }
	}
	if err := json.Unmarshal(options, &create); err != nil {
		t.Fatal(err)
	}
	s := create.AuthenticatorSelection
	if create.RP.ID != "login.contoso.example" || create.RP.Name != "Contoso" || create.User.Name != b.user.UPN || create.Timeout != 60000 ||
		s.ResidentKey != "required" || !s.RequireResidentKey || s.UserVerification != "required" || create.Attestation != "none" ||
		len(create.ExcludeCredentials) != 1 || len(create.PubKeyCredParams) != 3 || create.PubKeyCredParams[0].Alg != -7 {
		t.Errorf("%s", options)
	}
	if strings.Contains(create.User.ID, "alice") || create.User.ID == "" {
		t.Errorf("user handle %q", create.User.ID)
	}
	if _, err := b.key.Create(options); err == nil {
		t.Error("the phone was registered twice")
	}
	options, _, _ = b.BeginSignIn(b.user, b.has, Choose)
	if !bytes.Contains(options, []byte(`"userVerification":"required"`)) || !bytes.Contains(options, []byte(`"allowCredentials"`)) || len(r.ID) == 0 {
		t.Errorf("%s", options)
	}
	options, _, _ = b.BeginAnySignIn(Choose)
	if bytes.Contains(options, []byte(`allowCredentials`)) {
		t.Errorf("%s", options)
	}
}

// Everything that must be refused, at registration and at sign-in, with the code that tells why.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*softkey.Key)
		code  outcome.Code
	}{
		"another origin":      {func(k *softkey.Key) { k.Origin = "https://login.contoso.example.evil.example" }, outcome.OriginWrong},
		"another port":        {func(k *softkey.Key) { k.Origin = "https://login.contoso.example" }, outcome.OriginWrong},
		"plain http":          {func(k *softkey.Key) { k.Origin = "http://login.contoso.example:8443" }, outcome.OriginWrong},
		"inside a frame":      {func(k *softkey.Key) { k.CrossOrigin = true }, outcome.OriginWrong},
		"another RP ID":       {func(k *softkey.Key) { k.RPID = "evil.example" }, outcome.OriginWrong},
		"another challenge":   {func(k *softkey.Key) { k.Challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }, "request_unknown"},
		"no verification":     {func(k *softkey.Key) { k.Flags = softkey.UP }, outcome.UserVerificationUnset},
		"nobody there":        {func(k *softkey.Key) { k.Flags = softkey.UV }, outcome.UserVerificationUnset},
		"backed up, it can't": {func(k *softkey.Key) { k.Flags |= softkey.BS }, "signature_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.register(t)
			c.spoil(b.key)
			_, err := b.signIn(t)
			wantCode(t, err, c.code)
			options, state, _ := b.BeginRegistration(b.user, nil, Choose)
			_, _, err = b.FinishRegistration(b.user, state, must[[]byte](t)(b.key.Create(options)))
			wantCode(t, err, c.code)
		})
	}
}

func TestSignatureIsChecked(t *testing.T) {
	b := newBench(t)
	b.register(t)
	b.key.Spoil = true
	_, err := b.signIn(t)
	wantCode(t, err, "signature_invalid")
}

func TestSyncedPasskeyThatChangesItsMind(t *testing.T) {
	b := newBench(t)
	b.register(t)
	b.key.Flags |= softkey.BE
	_, err := b.signIn(t)
	wantCode(t, err, "signature_invalid")
}

// A registration that is removed while the phone answers signs nobody in; the other one still does.
func TestRemovedMeanwhile(t *testing.T) {
	b := newBench(t)
	b.register(t)
	other := softkey.New(issuer)
	first := b.key
	b.key, b.has = other, nil // a phone that holds no key yet
	b.register(t)
	kept := b.has
	b.has = append(b.has, store.Registration{ID: first.Credentials[0].ID})
	options, state, _ := b.BeginSignIn(b.user, b.has, Choose)
	b.has = kept
	_, err := b.FinishSignIn(state, must[[]byte](t)(first.Get(options)), b.find)
	wantCode(t, err, outcome.RegistrationRemoved)
	if who, err := b.FinishSignIn(state, must[[]byte](t)(other.Get(options)), b.find); err != nil || who.User.ID != "a1" {
		t.Error(who, err)
	}
}

// A key of the same user that was not asked for does not answer for one that was, also when all asked ones are gone.
func TestNotAskedFor(t *testing.T) {
	b := newBench(t)
	b.register(t)
	options, state, _ := b.BeginSignIn(b.user, b.has, Choose)
	b.has = nil
	b.register(t)
	later := b.key.Credentials[1]
	b.key.Credentials = []*softkey.Credential{{ID: b.key.Credentials[0].ID, RPID: later.RPID, UserHandle: later.UserHandle, Private: later.Private}}
	answer := must[[]byte](t)(b.key.Get(options))
	answer = bytes.ReplaceAll(answer, []byte(encode(b.key.Credentials[0].ID)), []byte(encode(later.ID)))
	_, err := b.FinishSignIn(state, answer, b.find)
	wantCode(t, err, "signature_invalid")
}

func TestForeignHandle(t *testing.T) {
	b := newBench(t)
	b.register(t)
	b.key.Credentials[0].UserHandle = []byte("somebody else")
	_, err := b.signIn(t)
	wantCode(t, err, "signature_invalid")
	options, state, _ := b.BeginAnySignIn(Choose)
	_, err = b.FinishSignIn(state, must[[]byte](t)(b.key.Get(options)), b.find)
	wantCode(t, err, outcome.RegistrationRemoved)
}

func TestCounterThatGoesBackIsTold(t *testing.T) {
	b := newBench(t)
	b.key.Counter = 9
	b.register(t)
	b.key.Counter = 4
	if who := must[SignedIn](t)(b.signIn(t)); !who.Rewound {
		t.Errorf("%+v", who)
	}
}

func TestIssuerMustHaveAName(t *testing.T) {
	for _, bad := range []string{"http://127.0.0.1:8470", "https://[::1]"} {
		if _, err := New(must[*url.URL](t)(url.Parse(bad)), "x"); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

func FuzzFinish(f *testing.F) {
	b := newBench(f)
	b.register(f)
	creation, createState, _ := b.BeginRegistration(b.user, nil, Choose)
	assertion, getState, _ := b.BeginSignIn(b.user, b.has, Choose)
	signed := must[[]byte](f)(b.key.Get(assertion))
	f.Add(signed[:len(signed)-2])
	created := must[[]byte](f)(softkey.New(issuer).Create(creation))
	f.Add(created[:len(created)-2])
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{}}`))
	f.Fuzz(func(t *testing.T, response []byte) {
		if bytes.Equal(response, signed) || bytes.Equal(response, created) {
			return
		}
		if _, _, err := b.FinishRegistration(b.user, createState, response); err != nil {
			if code, detail := outcome.CodeOf(err); code == outcome.StorageFailed {
				t.Errorf("registration: no code for %q", detail)
			}
		}
		if who, err := b.FinishSignIn(getState, response, b.find); err == nil && who.User.ID != "a1" {
			t.Errorf("%q signed in %+v", response, who)
		}
	})
}

func BenchmarkSignIn(t *testing.B) {
	b := newBench(t)
	b.register(t)
	for t.Loop() {
		if _, err := b.signIn(t); err != nil {
			t.Fatal(err)
		}
	}
}
