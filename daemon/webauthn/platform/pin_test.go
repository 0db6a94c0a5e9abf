package platform_test

import (
	"errors"
	"testing"

	"tallykey/daemon/webauthn"
	"tallykey/daemon/webauthn/platform"
	"tallykey/daemon/webauthn/platform/platformtest"
)

// pinCredential is a credential that an app at an address made under its PIN.
func pinCredential(origin, rpID string) *platformtest.Credential {
	c := platformtest.New("https://phone.example")
	c.Origin, c.RPID = origin, rpID
	return c
}

func TestAnAddressMayBeAnRPIDUnderAPIN(t *testing.T) {
	challenge := [32]byte{1}
	for origin, rpID := range map[string]string{
		"https://192.0.2.7:47114":                 "192.0.2.7",
		"https://192.0.2.7":                       "192.0.2.7",
		"https://[2001:db8::7]:47114":             "2001:db8::7",
		"https://tk-abcdefghij234567.local:47114": "tk-abcdefghij234567.local",
		"https://phone.contoso.example":           "phone.contoso.example",
	} {
		c := pinCredential(origin, rpID)
		registered, err := platform.VerifyPINRegistration(origin, challenge, c.Register(challenge))
		if err != nil || registered.RPID != rpID || registered.Origin != origin {
			t.Errorf("%s: %+v, %v", origin, registered, err)
			continue
		}
		if err := platform.VerifyAssertion(registered, challenge, c.Assert(challenge)); err != nil {
			t.Errorf("%s: assertion: %v", origin, err)
		}
		presented, err := platform.VerifyPINPresented(origin, registered.PublicKey, challenge, c.Assert(challenge))
		if err != nil || !presented.Same(registered) {
			t.Errorf("%s: presented: %v", origin, err)
		}
	}
}

func TestAnAddressIsNoRPIDWithoutAPIN(t *testing.T) {
	challenge, origin := [32]byte{1}, "https://192.0.2.7:47114"
	c := pinCredential(origin, "192.0.2.7")
	if _, err := platform.VerifyRegistration(origin, challenge, c.Register(challenge)); !errors.Is(err, platform.ErrInvalid) {
		t.Errorf("registration: got %v, want ErrInvalid", err)
	}
	key := webauthn.EncodeCOSE(&c.Key.PublicKey)
	if _, err := platform.VerifyPresented(origin, key, challenge, c.Assert(challenge)); !errors.Is(err, platform.ErrInvalid) {
		t.Errorf("presented: got %v, want ErrInvalid", err)
	}
}

func TestOriginsThatNoAppUnderAPINHas(t *testing.T) {
	challenge := [32]byte{1}
	for _, origin := range []string{"http://192.0.2.7:47114", "https://192.0.2.7:443", "https://192.0.2.7:0", "https://192.0.2.7:080",
		"https://192.0.2.7:99999", "https://192.0.2.7/", "https://192.0.2.07", "https://3221225991", "https://[fe80::1%25eth0]",
		"https://[2001:db8:0::7]", "https://[2001:DB8::7]", "https://[::ffff:192.0.2.7]", "https://alice@192.0.2.7",
		"https://192.0.2.7.", "https://com", "", "https://"} {
		c := pinCredential(origin, "192.0.2.7")
		if got, err := platform.VerifyPINRegistration(origin, challenge, c.Register(challenge)); !errors.Is(err, platform.ErrInvalid) {
			t.Errorf("%q: got RP ID %q, %v; want ErrInvalid", origin, got.RPID, err)
		}
	}
}

// The PIN weakens nothing else: each of these is refused as with a platform credential.
func TestAPINStillNeedsEverythingElse(t *testing.T) {
	challenge, origin := [32]byte{1}, "https://192.0.2.7:47114"
	for name, spoil := range map[string]func(*platformtest.Credential){
		"user not verified":     func(c *platformtest.Credential) { c.Flags = webauthn.UP },
		"user not present":      func(c *platformtest.Credential) { c.Flags = webauthn.UV },
		"another relying party": func(c *platformtest.Credential) { c.RPID = "192.0.2.8" },
		"another origin":        func(c *platformtest.Credential) { c.Origin = "https://192.0.2.7:47115" },
	} {
		c := pinCredential(origin, "192.0.2.7")
		key := webauthn.EncodeCOSE(&c.Key.PublicKey)
		spoil(c)
		if _, err := platform.VerifyPINRegistration(origin, challenge, c.Register(challenge)); !errors.Is(err, platform.ErrInvalid) {
			t.Errorf("%s: registration: got %v, want ErrInvalid", name, err)
		}
		if _, err := platform.VerifyPINPresented(origin, key, challenge, c.Assert(challenge)); !errors.Is(err, platform.ErrInvalid) {
			t.Errorf("%s: presented: got %v, want ErrInvalid", name, err)
		}
	}
}

func FuzzPINOrigin(f *testing.F) {
	for _, s := range []string{"https://192.0.2.7:47114", "https://[2001:db8::7]", "https://phone.example"} {
		f.Add(s)
	}
	challenge := [32]byte{1}
	f.Fuzz(func(t *testing.T, origin string) {
		c := pinCredential(origin, "192.0.2.7")
		if got, err := platform.VerifyPINRegistration(origin, challenge, c.Register(challenge)); err == nil && got.RPID != "192.0.2.7" {
			t.Errorf("%q has RP ID %q", origin, got.RPID)
		}
	})
}
