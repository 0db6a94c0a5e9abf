package virtual

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

// platform is what a phone's operating system does on a real one: a credential of the phone app itself, which the
// screen lock opens. It is not synced, so BE and BS are clear.
type platform struct {
	ID         link.Bytes `json:"id"`
	UserHandle link.Bytes `json:"userHandle"`
	Origin     string     `json:"origin"`
	Key        key        `json:"key"`
}

func (p *Phone) newPlatform() (platform, error) {
	k, err := newKey()
	if err != nil {
		return platform{}, err
	}
	c := platform{ID: make(link.Bytes, 32), UserHandle: make(link.Bytes, 16), Origin: p.Origin, Key: k}
	if err := p.random(c.ID); err != nil {
		return platform{}, err
	}
	return c, p.random(c.UserHandle)
}

// register is the platform's create(): RegistrationResponseJSON, attestation "none".
func (c platform) register(challenge [sha256.Size]byte) (json.RawMessage, error) {
	data, err := c.data()
	if err != nil {
		return nil, err
	}
	data.Attested = &webauthn.AttestedCredential{ID: c.ID, PublicKey: &c.Key.PublicKey}
	client := webauthn.ClientData(webauthn.Create, challenge[:], c.Origin, false, "")
	r, err := webauthn.NewRegistrationResponse(client, data.Encode(), false)
	if err != nil {
		return nil, err
	}
	return json.Marshal(r)
}

// assert is the platform's get(): AuthenticationResponseJSON.
func (c platform) assert(challenge [sha256.Size]byte) (json.RawMessage, error) {
	data, err := c.data()
	if err != nil {
		return nil, err
	}
	auth := data.Encode()
	client := webauthn.ClientData(webauthn.Get, challenge[:], c.Origin, false, "")
	digest := sha256.Sum256(signed(auth, client))
	der, err := ecdsa.SignASN1(rand.Reader, c.Key.PrivateKey, digest[:])
	if err != nil {
		return nil, err
	}
	return json.Marshal(webauthn.NewAuthenticationResponse(c.ID, client, auth, der, c.UserHandle))
}

func (c platform) data() (webauthn.AuthenticatorData, error) {
	rpID, err := webauthn.EffectiveRPID(c.Origin, "")
	return webauthn.AuthenticatorData{RPIDHash: sha256.Sum256([]byte(rpID)), Flags: webauthn.UP | webauthn.UV}, err
}

// signed is what a WebAuthn signature covers, section 6.3.3: authenticatorData and the hash of clientDataJSON.
func signed(authenticatorData, clientDataJSON []byte) []byte {
	hash := sha256.Sum256(clientDataJSON)
	return append(authenticatorData[:len(authenticatorData):len(authenticatorData)], hash[:]...)
}

// sign is ECDSA with SHA-256 as WebCrypto writes it: r and s of 32 bytes each.
func (k key) sign(message []byte) (link.Bytes, error) {
	digest := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, k.PrivateKey, digest[:])
	if err != nil {
		return nil, fmt.Errorf("virtual: sign: %w", err)
	}
	raw := make(link.Bytes, webauthn.RawSignature)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	return raw, nil
}
