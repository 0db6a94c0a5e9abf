package platform_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"

	"tallykey/daemon/webauthn/platform"
)

// What the phone app makes under its PIN, by the golden values that its own tests are held to.
func TestThePhoneAppsPINCredential(t *testing.T) {
	data, err := os.ReadFile("../../../phone/link/testdata/pin.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		Name, Origin, RPID, Challenge, PublicKey string
		Registration, Assertion                  json.RawMessage
	}
	if err := json.Unmarshal(data, &golden); err != nil || len(golden) == 0 {
		t.Fatalf("%d examples, %v", len(golden), err)
	}
	for _, g := range golden {
		t.Run(g.Name, func(t *testing.T) {
			challenge := [32]byte(decoded(t, g.Challenge))
			c, err := platform.VerifyPINRegistration(g.Origin, challenge, g.Registration)
			if err != nil {
				t.Fatal(err)
			}
			if c.RPID != g.RPID {
				t.Errorf("RP ID %q, want %q", c.RPID, g.RPID)
			}
			if err := platform.VerifyAssertion(c, challenge, g.Assertion); err != nil {
				t.Error(err)
			}
			presented, err := platform.VerifyPINPresented(g.Origin, decoded(t, g.PublicKey), challenge, g.Assertion)
			if err != nil || !presented.Same(c) {
				t.Errorf("presented: %v", err)
			}
			if err := platform.VerifyAssertion(c, [32]byte{}, g.Assertion); err == nil {
				t.Error("taken for another challenge")
			}
		})
	}
}

func decoded(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
