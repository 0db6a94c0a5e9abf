package platform_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/webauthn"
	"tallykey/daemon/webauthn/platform"
	"tallykey/daemon/webauthn/platform/platformtest"
)

const app = "https://phone.example"

var challenge = [32]byte{1, 2, 3}

func TestRegistrationThenAssertion(t *testing.T) {
	for _, origin := range []string{app, "https://phone.example:8443", "http://localhost:5173"} {
		for _, backup := range []webauthn.Flags{0, webauthn.BE, webauthn.BE | webauthn.BS} {
			c := platformtest.New(origin)
			c.Flags |= backup
			got, err := platform.VerifyRegistration(origin, challenge, c.Register(challenge))
			if err != nil {
				t.Fatalf("%s with %s: %v", origin, backup, err)
			}
			want := platform.Credential{ID: c.ID, PublicKey: webauthn.EncodeCOSE(&c.Key.PublicKey), Origin: origin,
				RPID: c.RPID, Flags: backup}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("credential: %s", d)
			}
			for _, counter := range []uint32{0, 7, 3} {
				c.Counter = counter
				if err := platform.VerifyAssertion(got, challenge, c.Assert(challenge)); err != nil {
					t.Errorf("%s with %s, counter %d: %v", origin, backup, counter, err)
				}
			}
		}
	}
}

// A phone that paired before shows the credential that it has.
func TestPresented(t *testing.T) {
	for _, backup := range []webauthn.Flags{0, webauthn.BE, webauthn.BE | webauthn.BS} {
		c, registered := register(t, backup)
		got, err := platform.VerifyPresented(app, registered.PublicKey, challenge, c.Assert(challenge))
		if err != nil {
			t.Fatalf("with %s: %v", backup, err)
		}
		if d := cmp.Diff(registered, got); d != "" {
			t.Errorf("with %s: not the credential that registration gave: %s", backup, d)
		}
		if !got.Same(registered) {
			t.Error("not the same")
		}
	}
	one, two := platform.Credential{ID: []byte{1}, PublicKey: []byte{1}}, platform.Credential{ID: []byte{1}, PublicKey: []byte{2}}
	if one.Same(two) || (platform.Credential{}).Same(platform.Credential{}) {
		t.Error("another key under the same ID is the same credential")
	}
}

func TestPresentedLies(t *testing.T) {
	for _, l := range lies {
		c, registered := register(t, 0)
		l.tell(c)
		_, err := platform.VerifyPresented(app, registered.PublicKey, challenge, c.Assert(challenge))
		refused(t, l.name, err)
	}
	c, registered := register(t, 0)
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	for name, key := range map[string][]byte{"another key": webauthn.EncodeCOSE(&other.PublicKey), "no key": nil,
		"a key of another kind": webauthn.EncodeCOSE(make(ed25519.PublicKey, ed25519.PublicKeySize)),
		"key and more":          append(bytes.Clone(registered.PublicKey), 0)} {
		_, err := platform.VerifyPresented(app, key, challenge, c.Assert(challenge))
		refused(t, name, err)
	}
	_, err := platform.VerifyPresented(app, registered.PublicKey, challenge, c.Register(challenge))
	refused(t, "a registration", err)
	_, err = platform.VerifyPresented("http://phone.example", registered.PublicKey, challenge, c.Assert(challenge))
	refused(t, "insecure app", err)
	c.Flags |= webauthn.BS
	_, err = platform.VerifyPresented(app, registered.PublicKey, challenge, c.Assert(challenge))
	refused(t, "backed up but not eligible", err)
}

// A passkey may become backed up later, and its user handle may be left out where the credential was named.
func TestAssertionMayDiffer(t *testing.T) {
	c, registered := register(t, webauthn.BE)
	c.Flags |= webauthn.BS
	c.UserHandle = nil
	if err := platform.VerifyAssertion(registered, challenge, c.Assert(challenge)); err != nil {
		t.Error(err)
	}
}

func register(t *testing.T, backup webauthn.Flags) (*platformtest.Credential, platform.Credential) {
	t.Helper()
	c := platformtest.New(app)
	c.Flags |= backup
	registered, err := platform.VerifyRegistration(app, challenge, c.Register(challenge))
	if err != nil {
		t.Fatal(err)
	}
	return c, registered
}

func replace(old, new string) func([]byte) []byte {
	return func(data []byte) []byte {
		out := bytes.Replace(data, []byte(old), []byte(new), 1)
		if bytes.Equal(out, data) {
			panic("nothing to replace: " + old)
		}
		return out
	}
}

// lies are what makes a response of either ceremony worthless; each is told before the signature is made.
var lies = []struct {
	name string
	tell func(*platformtest.Credential)
}{
	{"type", func(c *platformtest.Credential) { c.Client = replace(`"webauthn.`, `"payment.`) }},
	{"challenge", func(c *platformtest.Credential) { c.Client = replace(`"AQID`, `"AQIE`) }},
	{"origin", func(c *platformtest.Credential) { c.Origin = "https://phone.example.evil.example" }},
	{"origin with another port", func(c *platformtest.Credential) { c.Origin = "https://phone.example:444" }},
	{"origin in capitals", func(c *platformtest.Credential) { c.Origin = "https://PHONE.example" }},
	{"origin with the default port", func(c *platformtest.Credential) { c.Origin = "https://phone.example:443" }},
	{"origin over http", func(c *platformtest.Credential) { c.Origin = "http://phone.example" }},
	{"cross-origin", func(c *platformtest.Credential) { c.Client = replace("false", "true") }},
	{"top origin", func(c *platformtest.Credential) {
		c.Client = replace("}", `,"topOrigin":"https://phone.example"}`)
	}},
	{"client data is not JSON", func(c *platformtest.Credential) { c.Client = replace("}", "") }},
	{"RP ID", func(c *platformtest.Credential) { c.RPID = "example" }},
	{"not present", func(c *platformtest.Credential) { c.Flags &^= webauthn.UP }},
	{"not verified", func(c *platformtest.Credential) { c.Flags &^= webauthn.UV }},
}

func TestRegistrationLies(t *testing.T) {
	for _, l := range lies {
		c := platformtest.New(app)
		l.tell(c)
		_, err := platform.VerifyRegistration(app, challenge, c.Register(challenge))
		refused(t, l.name, err)
	}
}

func TestAssertionLies(t *testing.T) {
	for _, l := range lies {
		c, registered := register(t, 0)
		l.tell(c)
		refused(t, l.name, platform.VerifyAssertion(registered, challenge, c.Assert(challenge)))
	}
	for _, l := range []struct {
		name string
		tell func(*platformtest.Credential)
	}{
		{"another key", func(c *platformtest.Credential) {
			c.Key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		}},
		{"another credential", func(c *platformtest.Credential) { c.ID = bytes.Repeat([]byte{9}, 32) }},
		{"became eligible for backup", func(c *platformtest.Credential) { c.Flags |= webauthn.BE }},
		{"user handle too long", func(c *platformtest.Credential) { c.UserHandle = make([]byte, 65) }},
	} {
		c, registered := register(t, 0)
		l.tell(c)
		refused(t, l.name, platform.VerifyAssertion(registered, challenge, c.Assert(challenge)))
	}
	c, registered := register(t, webauthn.BE)
	c.Flags &^= webauthn.BE
	refused(t, "no longer eligible for backup", platform.VerifyAssertion(registered, challenge, c.Assert(challenge)))
}

func TestBackedUpWithoutEligible(t *testing.T) {
	c := platformtest.New(app)
	response := platformtest.Edit(c.Register(challenge), "attestationObject", func(o []byte) []byte {
		i := bytes.Index(o, []byte("authData")) + 10 + 32
		o[i] |= byte(webauthn.BS)
		return o
	})
	_, err := platform.VerifyRegistration(app, challenge, response)
	refused(t, "registration", err)
}

// Whatever single byte is changed on the way, nothing verifies.
func TestAssertionTamperedOnTheWay(t *testing.T) {
	c, registered := register(t, 0)
	sound := c.Assert(challenge)
	for _, member := range []string{"clientDataJSON", "authenticatorData", "signature"} {
		var n int
		platformtest.Edit(sound, member, func(b []byte) []byte { n = len(b); return b })
		for i := range n {
			response := platformtest.Edit(sound, member, func(b []byte) []byte { b[i] ^= 0x01; return b })
			refused(t, member, platform.VerifyAssertion(registered, challenge, response))
		}
	}
}

func TestRegistrationForms(t *testing.T) {
	c := platformtest.New(app)
	sound := string(c.Register(challenge))
	es384 := func(o []byte) []byte { return replace("\x01\x02\x03\x26", "\x01\x02\x03\x27")(o) }
	packed := func(o []byte) []byte { return replace("dnone", "fpacked")(o) }
	for name, response := range map[string]string{
		"empty":           "",
		"null":            "null",
		"two values":      sound + sound,
		"type":            strings.Replace(sound, `"public-key"`, `"password"`, 1),
		"id is not rawId": strings.Replace(sound, `"id":"`, `"id":"AAAA`, 1),
		"too long":        sound + strings.Repeat(" ", 16<<10),
		"algorithm":       string(platformtest.Edit(json.RawMessage(sound), "attestationObject", es384)),
		"format":          string(platformtest.Edit(json.RawMessage(sound), "attestationObject", packed)),
	} {
		_, err := platform.VerifyRegistration(app, challenge, json.RawMessage(response))
		refused(t, name, err)
	}
	_, err := platform.VerifyRegistration("http://phone.example", challenge, json.RawMessage(sound))
	refused(t, "insecure app", err)
}

// Self attestation is sound, go-webauthn takes it, and nobody asked for it.
func TestAttestationIsRefused(t *testing.T) {
	c := platformtest.New(app)
	sound := c.Register(challenge)
	var client []byte
	platformtest.Edit(sound, "clientDataJSON", func(b []byte) []byte { client = bytes.Clone(b); return b })
	response := platformtest.Edit(sound, "attestationObject", func(o []byte) []byte {
		var object struct {
			Format    string         `cbor:"fmt"`
			Statement map[string]any `cbor:"attStmt"`
			AuthData  []byte         `cbor:"authData"`
		}
		if err := cbor.Unmarshal(o, &object); err != nil {
			t.Fatal(err)
		}
		hash := sha256.Sum256(client)
		digest := sha256.Sum256(append(bytes.Clone(object.AuthData), hash[:]...))
		signature, err := ecdsa.SignASN1(rand.Reader, c.Key, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		object.Format, object.Statement = "packed", map[string]any{"alg": webauthn.ES256, "sig": signature}
		out, err := cbor.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		return out
	})
	_, err := platform.VerifyRegistration(app, challenge, response)
	if !errors.Is(err, platform.ErrInvalid) || !strings.Contains(err.Error(), "packed") {
		t.Errorf("got %v, want ErrInvalid for the format", err)
	}
}

func TestErrorsDoNotQuoteTheChallenge(t *testing.T) {
	c, registered := register(t, 0)
	err := platform.VerifyAssertion(registered, [32]byte{0xff}, c.Assert(challenge))
	if err == nil || strings.Contains(err.Error(), "AQID") || strings.Contains(err.Error(), "_wAA") {
		t.Errorf("got %v", err)
	}
}

func refused(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, platform.ErrInvalid) {
		t.Errorf("%s: got %v, want ErrInvalid", what, err)
	}
}

func FuzzVerify(f *testing.F) {
	c := platformtest.New(app)
	registered, err := platform.VerifyRegistration(app, challenge, c.Register(challenge))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(c.Register(challenge)))
	f.Add([]byte(c.Assert(challenge)))
	other := [32]byte{4}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := platform.VerifyRegistration(app, other, data); !errors.Is(err, platform.ErrInvalid) {
			t.Errorf("registration: %v", err)
		}
		if err := platform.VerifyAssertion(registered, other, data); !errors.Is(err, platform.ErrInvalid) {
			t.Errorf("assertion: %v", err)
		}
		if _, err := platform.VerifyPresented(app, registered.PublicKey, other, data); !errors.Is(err, platform.ErrInvalid) {
			t.Errorf("presented: %v", err)
		}
	})
}
