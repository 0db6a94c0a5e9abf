package webauthn

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/google/go-cmp/cmp"

	"tallykey/phone/link"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	site      = "https://login.contoso.example:8443"
	rpID      = "contoso.example"
	challenge = "a challenge of the website"
)

// A registration has no signature, so that the whole answer is known to the byte.
func TestRegistrationGolden(t *testing.T) {
	r := newRegistration(t, Create, site, sampleData(t))
	got, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/registration.json"
	if *update {
		if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)+"\n"); d != "" {
		t.Error(d)
	}
}

func newRegistration(t *testing.T, kind Kind, origin string, a AuthenticatorData) RegistrationResponse {
	t.Helper()
	r, err := NewRegistrationResponse(ClientData(kind, []byte(challenge), origin, false, ""), a.Encode(), true)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newAssertion(t *testing.T, kind Kind, origin string, a AuthenticatorData) AuthenticationResponse {
	t.Helper()
	client, auth := ClientData(kind, []byte(challenge), origin, false, ""), a.Encode()
	return NewAuthenticationResponse(bytes.Repeat([]byte{7}, 32), client, auth, sign(t, testKey(t), auth, client),
		[]byte("user"))
}

// registers and signsIn are what a website does with go-webauthn, which knows nothing of this package.
func registers(t *testing.T, r RegistrationResponse) (*protocol.ParsedCredentialCreationData, error) {
	t.Helper()
	return registersWith(t, r, ES256)
}

func registersWith(t *testing.T, r RegistrationResponse, algorithm int) (*protocol.ParsedCredentialCreationData, error) {
	t.Helper()
	p, err := protocol.ParseCredentialCreationResponseBytes(marshal(t, r))
	if err != nil {
		return nil, err
	}
	only := []protocol.CredentialParameter{{Type: "public-key", Algorithm: webauthncose.COSEAlgorithmIdentifier(algorithm)}}
	_, err = p.Verify(b64.EncodeToString([]byte(challenge)), rpID, []string{site}, nil, nil,
		protocol.TopOriginExplicitVerificationMode, false, true, true, nil, only, protocol.AttestationPolicy{},
		protocol.SignaturePolicy{})
	return p, err
}

func signsIn(t *testing.T, r AuthenticationResponse, cose []byte) (*protocol.ParsedCredentialAssertionData, error) {
	t.Helper()
	p, err := protocol.ParseCredentialRequestResponseBytes(marshal(t, r))
	if err != nil {
		return nil, err
	}
	return p, p.Verify(b64.EncodeToString([]byte(challenge)), rpID, "", []string{site}, nil, nil,
		protocol.TopOriginExplicitVerificationMode, false, true, true, cose, protocol.SignaturePolicy{})
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestCeremoniesVerifyElsewhere(t *testing.T) {
	p, err := registers(t, newRegistration(t, Create, site, sampleData(t)))
	if err != nil {
		t.Fatalf("registration: %v", err)
	}
	auth := p.Response.AttestationObject.AuthData
	if !bytes.Equal(auth.AttData.AAGUID, AAGUID[:]) || p.Response.AttestationObject.Format != "none" {
		t.Errorf("AAGUID %x, format %q", auth.AttData.AAGUID, p.Response.AttestationObject.Format)
	}
	if rk := p.ClientExtensionResults.CredProps; rk == nil || rk.RK == nil || !*rk.RK {
		t.Errorf("credProps %+v", rk)
	}
	if d := cmp.Diff([]protocol.AuthenticatorTransport{"internal", "hybrid"}, p.Response.Transports); d != "" {
		t.Errorf("transports: %s", d)
	}
	a := AuthenticatorData{RPIDHash: sha256.Sum256([]byte(rpID)), Flags: UP | UV}
	s, err := signsIn(t, newAssertion(t, Get, site, a), auth.AttData.CredentialPublicKey)
	if err != nil {
		t.Fatalf("assertion: %v", err)
	}
	if !bytes.Equal(s.RawID, auth.AttData.CredentialID) || string(s.Response.UserHandle) != "user" {
		t.Errorf("credential %x, user %q", s.RawID, s.Response.UserHandle)
	}
}

func TestEdDSAVerifiesElsewhere(t *testing.T) {
	created := sampleData(t)
	created.Attested.PublicKey = edKey(t).Public()
	r := newRegistration(t, Create, site, created)
	if spki, err := x509.MarshalPKIXPublicKey(edKey(t).Public()); err != nil || r.Response.PublicKey != b64.EncodeToString(spki) ||
		r.Response.PublicKeyAlgorithm != EdDSA {
		t.Errorf("SPKI %s for algorithm %d, %v", r.Response.PublicKey, r.Response.PublicKeyAlgorithm, err)
	}
	p, err := registersWith(t, r, EdDSA)
	if err != nil {
		t.Fatalf("registration: %v", err)
	}
	if _, err := registersWith(t, r, ES256); err == nil {
		t.Error("a website that takes only ES256 took it")
	}
	a := AuthenticatorData{RPIDHash: created.RPIDHash, Flags: UP | UV, Extensions: link.NumberMatchOutput(link.Approve, link.PRF)}
	auth, client := a.Encode(), ClientData(Get, []byte(challenge), site, false, "")
	hash := sha256.Sum256(client)
	signature, err := WebSignature(edKey(t).Public(), ed25519.Sign(edKey(t), append(bytes.Clone(auth), hash[:]...)))
	if err != nil {
		t.Fatal(err)
	}
	if err := VerifySignature(edKey(t).Public(), auth, client, signature); err != nil {
		t.Error(err)
	}
	s, err := signsIn(t, NewAuthenticationResponse(created.Attested.ID, client, auth, signature, nil),
		p.Response.AttestationObject.AuthData.AttData.CredentialPublicKey)
	if err != nil {
		t.Fatalf("assertion: %v", err)
	}
	if d := cmp.Diff(a.Extensions, []byte(s.Response.AuthenticatorData.ExtData)); d != "" {
		t.Errorf("the output of numberMatch: %s", d)
	}
}

// The verifier is one: each lie is told by our own code, and go-webauthn refuses it.
func TestCeremoniesThatLieFailElsewhere(t *testing.T) {
	hash := func(rpID string) [32]byte { return sha256.Sum256([]byte(rpID)) }
	cose := EncodeCOSE(&testKey(t).PublicKey)
	for _, tt := range []struct {
		name             string
		kind, creation   Kind
		origin           string
		rpIDHash         [32]byte
		flags            Flags
		signsIn, enrolls bool
	}{
		{"type", Create, Get, site, hash(rpID), UP | UV, false, false},
		{"origin", Get, Create, "https://contoso.example", hash(rpID), UP | UV, false, false},
		{"RP ID", Get, Create, site, hash("example"), UP | UV, false, false},
		{"no UP", Get, Create, site, hash(rpID), UV, false, false},
		{"no UV", Get, Create, site, hash(rpID), UP, false, false},
		{"sound", Get, Create, site, hash(rpID), UP | UV, true, true},
	} {
		a := AuthenticatorData{RPIDHash: tt.rpIDHash, Flags: tt.flags}
		if _, err := signsIn(t, newAssertion(t, tt.kind, tt.origin, a), cose); (err == nil) != tt.signsIn {
			t.Errorf("%s: assertion gave %v", tt.name, err)
		}
		a.Attested = sampleData(t).Attested
		if _, err := registers(t, newRegistration(t, tt.creation, tt.origin, a)); (err == nil) != tt.enrolls {
			t.Errorf("%s: registration gave %v", tt.name, err)
		}
	}
}

func TestRegistrationResponseNeedsACredential(t *testing.T) {
	a := AuthenticatorData{Flags: UP | UV}
	for name, auth := range map[string][]byte{"assertion": a.Encode(), "empty": nil} {
		if _, err := NewRegistrationResponse([]byte("{}"), auth, false); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestExtensionResultsOnlyWhereAsked(t *testing.T) {
	r, err := NewRegistrationResponse([]byte("{}"), sampleData(t).Encode(), false)
	if err != nil || string(r.ClientExtensionResults) != "{}" {
		t.Errorf("got %s, %v", r.ClientExtensionResults, err)
	}
}
