// Package passkey is the tenant's side of WebAuthn: it asks for registrations and assertions and verifies what comes
// back. To the browser it is a plain relying party; nothing in it is known to tallykey only, so any authenticator that
// keeps discoverable credentials and verifies its user can sign in.
//
// What it demands: a discoverable credential (so that nobody has to type a UPN), user verification always (it is the
// second factor: the number and the key are the first), no attestation (a phone is trusted because its owner registered
// it). A sign counter is recorded but not required: the phones of tallykey have none. Extension outputs that were not
// asked for are ignored, as WebAuthn Level 3 section 9 lets a relying party do: some password managers add them unasked.
// The one that is asked for is numberMatch (docs/protocol.md): it says how the person showed that they saw the number and
// how the phone verified them. What policy demands of it is decided by the packages above. A registration is asked for
// unregister too (likewise there): its output lets the desktop take the registration back when the person removed it.
//
// Challenges are not kept here. The state that Begin… returns goes to the store with the browser it belongs to and
// comes back exactly once.
package passkey

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"tallykey/tenant/store"
)

const (
	// Patience is how long the browser may wait for the person.
	Patience = 60 * time.Second
	// MaxResponse is the largest answer of a browser that is read, in bytes.
	MaxResponse = 32 << 10
)

// RelyingParty verifies for one issuer.
type RelyingParty struct {
	lib    *webauthn.WebAuthn
	id     string
	origin string
}

// New makes the relying party of an issuer such as "https://login.contoso.example": its host is the RP ID, its origin the
// only one that may ask. WebAuthn has no RP IDs that are IP addresses: those give an error.
func New(issuer *url.URL, name string) (*RelyingParty, error) {
	origin := (&url.URL{Scheme: issuer.Scheme, Host: issuer.Host}).String()
	lib, err := webauthn.New(&webauthn.Config{
		RPID: issuer.Hostname(), RPDisplayName: name, RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{ // for the browser; the tenant's own clock is the store's
			Login:        webauthn.TimeoutConfig{Timeout: Patience},
			Registration: webauthn.TimeoutConfig{Timeout: Patience},
		},
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("issuer %s: %w", issuer, err)
	}
	return &RelyingParty{lib, issuer.Hostname(), origin}, nil
}

// parameters are the algorithms, the best known first: ES256, EdDSA, RS256.
var parameters = []protocol.CredentialParameter{
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
}

// BeginRegistration asks for a new key for the user, by a number in this mode, on a device that has none of the
// registrations yet. options is PublicKeyCredentialCreationOptionsJSON for the page, state is for FinishRegistration.
func (rp *RelyingParty) BeginRegistration(u store.User, has []store.Registration, m Mode) (options, state []byte, err error) {
	o := owner{u, has}
	creation, session, err := rp.lib.BeginRegistration(o,
		webauthn.WithExclusions(o.descriptors()), webauthn.WithCredentialParameters(parameters), webauthn.WithExtensions(asking(m), toHear()))
	if err != nil {
		return nil, nil, err
	}
	return pair(creation.Response, session)
}

// BeginSignIn asks one of the user's devices. options is PublicKeyCredentialRequestOptionsJSON.
func (rp *RelyingParty) BeginSignIn(u store.User, has []store.Registration, m Mode) (options, state []byte, err error) {
	assertion, session, err := rp.lib.BeginLogin(owner{u, has}, webauthn.WithAssertionExtensions(asking(m)))
	if err != nil {
		return nil, nil, err
	}
	return pair(assertion.Response, session)
}

// BeginAnySignIn asks any device, which then says whose it is.
func (rp *RelyingParty) BeginAnySignIn(m Mode) (options, state []byte, err error) {
	assertion, session, err := rp.lib.BeginDiscoverableLogin(webauthn.WithAssertionExtensions(asking(m)))
	if err != nil {
		return nil, nil, err
	}
	return pair(assertion.Response, session)
}

func pair(options, session any) (o, s []byte, err error) {
	if o, err = json.Marshal(options); err != nil {
		return nil, nil, err
	}
	s, err = json.Marshal(session)
	return o, s, err
}
