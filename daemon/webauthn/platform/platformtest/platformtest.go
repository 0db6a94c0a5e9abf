// Package platformtest is a platform credential in software, for tests of whoever verifies one. It is as honest as the
// phone's own and can be told to lie in any single field.
package platformtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"tallykey/daemon/webauthn"
)

// Credential is one platform credential. Its fields may be changed between ceremonies; each is what the next response
// says.
type Credential struct {
	Origin     string
	RPID       string
	ID         []byte
	UserHandle []byte
	Key        *ecdsa.PrivateKey
	Flags      webauthn.Flags // UP and UV at first, as of a credential that isn't synced
	Counter    uint32
	// Client, where set, may change clientDataJSON before it is signed.
	Client func([]byte) []byte
}

// New makes a credential for the phone app at origin.
func New(origin string) *Credential {
	rpID, err := webauthn.EffectiveRPID(origin, "")
	if err != nil {
		panic("platformtest: " + err.Error())
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic("platformtest: " + err.Error())
	}
	c := &Credential{Origin: origin, RPID: rpID, Key: key, Flags: webauthn.UP | webauthn.UV,
		ID: make([]byte, 32), UserHandle: make([]byte, 16)}
	rand.Read(c.ID)
	rand.Read(c.UserHandle)
	return c
}

// Register answers create() with RegistrationResponseJSON.
func (c *Credential) Register(challenge [32]byte) json.RawMessage {
	a := c.authData()
	a.Attested = &webauthn.AttestedCredential{ID: c.ID, PublicKey: &c.Key.PublicKey}
	r, err := webauthn.NewRegistrationResponse(c.clientData(webauthn.Create, challenge), a.Encode(), false)
	if err != nil {
		panic("platformtest: " + err.Error())
	}
	return encode(r)
}

// Assert answers get() with AuthenticationResponseJSON.
func (c *Credential) Assert(challenge [32]byte) json.RawMessage {
	client, auth := c.clientData(webauthn.Get, challenge), c.authData().Encode()
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(auth[:len(auth):len(auth)], hash[:]...))
	der, err := ecdsa.SignASN1(rand.Reader, c.Key, digest[:])
	if err != nil {
		panic("platformtest: " + err.Error())
	}
	return encode(webauthn.NewAuthenticationResponse(c.ID, client, auth, der, c.UserHandle))
}

func (c *Credential) authData() webauthn.AuthenticatorData {
	return webauthn.AuthenticatorData{RPIDHash: sha256.Sum256([]byte(c.RPID)), Flags: c.Flags, Counter: c.Counter}
}

func (c *Credential) clientData(kind webauthn.Kind, challenge [32]byte) []byte {
	data := webauthn.ClientData(kind, challenge[:], c.Origin, false, "")
	if c.Client != nil {
		return c.Client(data)
	}
	return data
}

// Edit changes one member of a response's inner "response" object, by its decoded bytes.
func Edit(response json.RawMessage, member string, change func([]byte) []byte) json.RawMessage {
	var outer, inner map[string]json.RawMessage
	var text string
	mustDecode(response, &outer)
	mustDecode(outer["response"], &inner)
	mustDecode(inner[member], &text)
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		panic("platformtest: " + err.Error())
	}
	inner[member] = encode(base64.RawURLEncoding.EncodeToString(change(data)))
	outer["response"] = encode(inner)
	return encode(outer)
}

func mustDecode(data []byte, into any) {
	if err := json.Unmarshal(data, into); err != nil {
		panic("platformtest: " + err.Error())
	}
}

func encode(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic("platformtest: " + err.Error())
	}
	return data
}
