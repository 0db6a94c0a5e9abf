// Package platform verifies what a phone's platform credential proves: that the person at the phone unlocked it, with a
// fingerprint, a face or the screen lock, for exactly this challenge. The phone app is the relying party here, and the
// desktop verifies in its place. The credential may be synced to the person's other devices, so it proves the person;
// the phone itself is proved by its device key.
package platform

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"

	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

// ErrInvalid means that a response does not prove what it should: api code verification_failed. Every error of this
// package wraps it.
var ErrInvalid = errors.New("platform: the phone's verification does not hold")

// Credential is a phone's platform credential, as the desktop keeps it.
type Credential struct {
	ID        []byte
	PublicKey []byte         // COSE_Key, ES256 on P-256
	Origin    string         // of the phone app
	RPID      string         // the host in Origin
	Flags     webauthn.Flags // BE and BS as they were on registration
}

// VerifyRegistration checks a RegistrationResponseJSON that the phone app at origin made for challenge, with user
// verification, and returns its credential. The app asks for ES256 and attestation "none".
func VerifyRegistration(origin string, challenge [32]byte, response json.RawMessage) (Credential, error) {
	rpID, err := webauthn.EffectiveRPID(origin, "")
	if err != nil {
		return Credential{}, invalid(err)
	}
	return verifyRegistration(origin, rpID, challenge, response)
}

func verifyRegistration(origin, rpID string, challenge [32]byte, response json.RawMessage) (Credential, error) {
	if err := checkSize(response); err != nil {
		return Credential{}, err
	}
	p, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Credential{}, invalid(err)
	}
	if err := checkClient(p.Response.CollectedClientData, origin, challenge); err != nil {
		return Credential{}, err
	}
	// Any other format asks the verifier for more trust than was asked for, and for code that nobody needs.
	if f := p.Response.AttestationObject.Format; f != string(protocol.AttestationFormatNone) {
		return Credential{}, invalid(fmt.Errorf("attestation format %.16q", f))
	}
	only := []protocol.CredentialParameter{{Type: protocol.PublicKeyCredentialType, Algorithm: webauthn.ES256}}
	_, err = p.Verify(encode(challenge), rpID, []string{origin}, nil, nil, noTopOrigin, false, true, true, nil, only,
		protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	if err != nil {
		return Credential{}, invalid(err)
	}
	return newCredential(origin, rpID, p.Response.AttestationObject.AuthData)
}

func newCredential(origin, rpID string, a protocol.AuthenticatorData) (Credential, error) {
	flags := webauthn.Flags(a.Flags)
	if flags.Has(webauthn.BS) && !flags.Has(webauthn.BE) {
		return Credential{}, invalid(errors.New("backed up but not eligible"))
	}
	if n := len(a.AttData.CredentialID); n > webauthn.MaxCredentialID {
		return Credential{}, invalid(fmt.Errorf("credential ID of %d bytes", n))
	}
	if _, err := es256(a.AttData.CredentialPublicKey); err != nil {
		return Credential{}, err
	}
	return Credential{ID: bytes.Clone(a.AttData.CredentialID), PublicKey: bytes.Clone(a.AttData.CredentialPublicKey),
		Origin: origin, RPID: rpID, Flags: flags & (webauthn.BE | webauthn.BS)}, nil
}

// VerifyPresented checks an AuthenticationResponseJSON for challenge by a credential that this desktop meets for the
// first time: the phone app at origin made it earlier, and presents its public key (COSE_Key) beside the assertion. It
// returns the credential.
//
// That is no weaker than a registration. With attestation "none" a registration response carries no signature at all:
// that the key exists, and is held by an authenticator, is the phone's word there as it is here, and here the phone
// shows besides that it can use it. What either is worth comes from the pairing around it: the link's secret and the
// number. The credential's flags are those of the assertion; only BS may change later.
func VerifyPresented(origin string, publicKey []byte, challenge [32]byte, response json.RawMessage) (Credential, error) {
	rpID, err := webauthn.EffectiveRPID(origin, "")
	if err != nil {
		return Credential{}, invalid(err)
	}
	return verifyPresented(origin, rpID, publicKey, challenge, response)
}

func verifyPresented(origin, rpID string, publicKey []byte, challenge [32]byte, response json.RawMessage) (Credential, error) {
	key, err := es256(publicKey)
	if err != nil {
		return Credential{}, err
	}
	if err := checkSize(response); err != nil {
		return Credential{}, err
	}
	p, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Credential{}, invalid(err)
	}
	if n := len(p.RawID); n > webauthn.MaxCredentialID {
		return Credential{}, invalid(fmt.Errorf("credential ID of %d bytes", n))
	}
	flags := webauthn.Flags(p.Response.AuthenticatorData.Flags) & (webauthn.BE | webauthn.BS)
	c := Credential{ID: bytes.Clone(p.RawID), PublicKey: webauthn.EncodeCOSE(key), Origin: origin, RPID: rpID, Flags: flags}
	return c, VerifyAssertion(c, challenge, response)
}

// es256 reads a COSE_Key of the one kind that the phone app asks its platform for.
func es256(cose []byte) (*ecdsa.PublicKey, error) {
	any, err := webauthn.ParseCOSE(cose)
	if err != nil {
		return nil, invalid(err)
	}
	key, ok := any.(*ecdsa.PublicKey)
	if !ok {
		return nil, invalid(errors.New("the platform credential's key is not ES256"))
	}
	return key, nil
}

// Same says whether two are one credential, ID and key: whoever answered with both holds the same private key.
func (c Credential) Same(other Credential) bool {
	return len(c.ID) > 0 && bytes.Equal(c.ID, other.ID) && bytes.Equal(c.PublicKey, other.PublicKey)
}

// VerifyAssertion checks an AuthenticationResponseJSON of this credential for challenge, with user verification.
//
// The sign counter is not looked at: platform credentials are synced and leave it at 0, and one that counts would count
// on each of the person's devices.
func VerifyAssertion(c Credential, challenge [32]byte, response json.RawMessage) error {
	if err := checkSize(response); err != nil {
		return err
	}
	p, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return invalid(err)
	}
	if !bytes.Equal(p.RawID, c.ID) {
		return invalid(errors.New("another credential"))
	}
	if n := len(p.Response.UserHandle); n > webauthn.MaxUserID {
		return invalid(fmt.Errorf("user handle of %d bytes", n))
	}
	if err := checkClient(p.Response.CollectedClientData, c.Origin, challenge); err != nil {
		return err
	}
	if err := c.checkBackup(webauthn.Flags(p.Response.AuthenticatorData.Flags)); err != nil {
		return err
	}
	err = p.Verify(encode(challenge), c.RPID, "", []string{c.Origin}, nil, nil, noTopOrigin, false, true, true,
		c.PublicKey, protocol.SignaturePolicy{})
	if err != nil {
		return invalid(err)
	}
	return nil
}

// checkBackup: eligibility for backup never changes in the life of a credential (WebAuthn section 6.1.3).
func (c Credential) checkBackup(now webauthn.Flags) error {
	if now.Has(webauthn.BE) != c.Flags.Has(webauthn.BE) || now.Has(webauthn.BS) && !now.Has(webauthn.BE) {
		return invalid(fmt.Errorf("backup flags %s, registered with %s", now&(webauthn.BE|webauthn.BS), c.Flags))
	}
	return nil
}

// noTopOrigin: the phone app is never in a frame.
const noTopOrigin = protocol.TopOriginExplicitVerificationMode

// checkClient compares byte for byte: go-webauthn folds case and default ports, which no browser writes, and its error
// for a challenge quotes it, from which the person's number could be tried out.
func checkClient(c protocol.CollectedClientData, origin string, challenge [32]byte) error {
	if c.Origin != origin || c.TopOrigin != "" {
		return invalid(fmt.Errorf("origin %.64q", c.Origin))
	}
	if c.Challenge != encode(challenge) {
		return invalid(errors.New("another challenge"))
	}
	return nil
}

func checkSize(response json.RawMessage) error {
	if len(response) > link.MaxCeremony {
		return invalid(fmt.Errorf("%d bytes", len(response)))
	}
	return nil
}

func encode(challenge [32]byte) string { return base64.RawURLEncoding.EncodeToString(challenge[:]) }

// invalid keeps the reason for the log and shows callers one error only. go-webauthn puts the reason into two fields.
func invalid(err error) error {
	var p *protocol.Error
	if errors.As(err, &p) && p.DevInfo != "" {
		return fmt.Errorf("%w: %s (%.200s)", ErrInvalid, p.Details, p.DevInfo)
	}
	return fmt.Errorf("%w: %v", ErrInvalid, err)
}
