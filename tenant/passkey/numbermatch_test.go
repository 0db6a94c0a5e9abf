package passkey

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tallykey/tenant/passkey/softkey"
)

// What the phone says of number and verification comes out; a passkey of another maker says nothing.
func TestNumberMatch(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*softkey.Key)
		want NumberMatch
		kind string
	}{
		"as asked":             {func(*softkey.Key) {}, NumberMatch{Choose, "platform"}, "phone"},
		"typed, with a PIN":    {func(k *softkey.Key) { k.Mode, k.UV = "type", "pin" }, NumberMatch{Type, "pin"}, "phone"},
		"another maker":        {func(k *softkey.Key) { k.UV = "" }, NumberMatch{}, "passkey"},
		"another mode":         {func(k *softkey.Key) { k.Mode = "sing" }, NumberMatch{}, "passkey"},
		"another verification": {func(k *softkey.Key) { k.UV = "voice" }, NumberMatch{}, "passkey"},
		"a number":             {func(k *softkey.Key) { k.Says = []byte("\xa1\x6bnumberMatch\x01") }, NumberMatch{}, "passkey"},
		"another extension":    {func(k *softkey.Key) { k.Says = []byte("\xa1\x63odd\x01") }, NumberMatch{}, "passkey"},
		"half of it":           {func(k *softkey.Key) { k.Says = []byte("\xa1\x6bnumberMatch\xa1\x62uv\x68platform") }, NumberMatch{}, "passkey"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			c.set(b.key)
			r := b.register(t)
			if r.Kind != c.kind || r.UV != c.want.UV {
				t.Errorf("registered as %s %q", r.Kind, r.UV)
			}
			done := must[SignedIn](t)(b.signIn(t))
			if done.Number != c.want || string(done.Device.ID) != string(r.ID) {
				t.Errorf("%+v", done.Number)
			}
		})
	}
}

func TestModesHaveAnOrder(t *testing.T) {
	for i, strong := range modes {
		for j, weak := range modes {
			if strong.AtLeast(weak) != (i >= j) {
				t.Errorf("%q at least %q", strong, weak)
			}
		}
	}
	if Mode("sing").AtLeast(Approve) {
		t.Error("a mode that does not exist is strong")
	}
}

// The id that page, desktop, phone and log share comes from the challenge alone.
func TestRequestOfAChallenge(t *testing.T) {
	got, err := Request([]byte(`{"challenge":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}`))
	if err != nil || got != "630d-cd29-66c4-3366" { // SHA-256 of the bytes 0 to 31
		t.Error(got, err)
	}
	if _, err := Request([]byte(`{"challenge":"?"}`)); err == nil {
		t.Error("no challenge, and an id")
	}
}

// The phone's model is the one that the protocol's page and the daemon name.
func TestModel(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "daemon", "webauthn", "webauthn.go"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`authenticator, ([0-9a-f-]{36})`).FindStringSubmatch(string(raw))
	if len(m) < 2 || strings.ReplaceAll(m[1], "-", "") != strings.ReplaceAll(Grouped(model[:8])+Grouped(model[8:]), "-", "") {
		t.Error(m)
	}
}

func FuzzNumberMatch(f *testing.F) {
	b := newBench(f)
	b.register(f)
	f.Add([]byte("\xa1\x6bnumberMatch\xa2\x62uv\x68platform\x64mode\x66choose"))
	f.Add([]byte("\xbf\x6bnumberMatch\xbf\x62uv\x68platform\x64mode\x66choose\xff\xff"))
	f.Fuzz(func(t *testing.T, says []byte) {
		b.key.Says = says
		done, err := b.signIn(t)
		if err == nil && done.Number.Matched() && (done.Number.UV == "" || !done.Number.Mode.AtLeast(Approve)) {
			t.Errorf("%x: %+v", says, done.Number)
		}
	})
}

// The hash of a removal's token is kept where it is one.
func TestUnregisterHash(t *testing.T) {
	hash := encode([]byte("32 bytes that are a hash of such"))
	for name, c := range map[string]struct {
		says any
		want string
	}{
		"as asked": {map[string]any{"hash": hash}, "32 bytes that are a hash of such"}, "nothing": {nil, ""}, "true": {true, ""},
		"no hash": {map[string]any{}, ""}, "a number": {map[string]any{"hash": 1}, ""}, "short": {map[string]any{"hash": hash[:42]}, ""},
		"long": {map[string]any{"hash": hash + "AAAA"}, ""}, "padded": {map[string]any{"hash": hash + "="}, ""}, "broken": {map[string]any{"hash": "\n" + hash}, ""},
		"a list": {[]any{hash}, ""},
	} {
		b := newBench(t)
		b.key.Unregister = c.says
		if got := string(b.register(t).Unregister); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
