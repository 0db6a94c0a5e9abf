package signin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"testing"

	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

const phoneOrigin = "https://phone.contoso.example"

// testPhone is the phone's half of the protocol without a network: it answers requests as the phone app does, and its
// fields let a test make it answer wrongly.
type testPhone struct {
	t        *testing.T
	desktop  string
	platform *ecdsa.PrivateKey
	handle   []byte // the platform credential's ID
	device   *ecdsa.PrivateKey
	presents bool                         // pairs with the platform credential that it has
	origin   string                       // of its app
	rpID     string                       // of the platform credential
	keeps    link.KeyProtection           // what it says of its keys
	keys     map[string]*ecdsa.PrivateKey // by credential ID in base64url

	spoil func(*link.Answer) // changes an answer before it is sent
	flags webauthn.Flags     // of the platform ceremony; zero: UP|UV
}

func newTestPhone(t *testing.T, desktop string) *testPhone {
	return &testPhone{t: t, desktop: desktop, platform: newKey(t), device: newKey(t), handle: random(t, 16),
		origin: phoneOrigin, rpID: "phone.contoso.example", keeps: link.Device,
		keys: map[string]*ecdsa.PrivateKey{}}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func random(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}

func (p *testPhone) sign(key *ecdsa.PrivateKey, data []byte) []byte {
	hash := sha256.Sum256(data)
	r, s, err := ecdsa.Sign(rand.Reader, key, hash[:])
	if err != nil {
		p.t.Fatal(err)
	}
	raw := make([]byte, 64)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	return raw
}

// answer approves a request with a number.
func (p *testPhone) answer(r *link.Request, number string) *link.Answer {
	a := link.Approval{Request: r.ID, Action: r.Action, Desktop: p.desktop, Origin: r.Origin, RPID: r.RPID, Number: number}
	m := &link.Answer{ID: r.ID, KeyProtection: p.keeps}
	switch r.Action {
	case link.Pair:
		spki, err := x509.MarshalPKIXPublicKey(&p.device.PublicKey)
		if err != nil {
			p.t.Fatal(err)
		}
		m.DeviceKey, a.Payload = spki, spki
	case link.Create:
		id := random(p.t, 16)
		m.Credential = link.B64.EncodeToString(id)
		p.keys[m.Credential] = newKey(p.t)
		m.AuthenticatorData = p.authData(r.RPID, &webauthn.AttestedCredential{AAGUID: webauthn.AAGUID, ID: id,
			PublicKey: &p.keys[m.Credential].PublicKey})
	case link.Get:
		m.Credential, m.AuthenticatorData, m.KeyProtection = r.Accounts[0].Credential, p.authData(r.RPID, nil), ""
	}
	if r.Action != link.Pair {
		hash := sha256.Sum256(r.ClientData)
		a.Payload = append(append([]byte{}, m.AuthenticatorData...), hash[:]...)
		a.Credential, a.Account = m.Credential, r.Accounts[0].Name
	}
	if key := p.keys[m.Credential]; r.Action == link.Get && key != nil {
		m.Signature = p.sign(key, a.Payload)
	}
	challenge := a.Challenge()
	m.DeviceSignature = p.sign(p.device, challenge[:])
	m.Verification = p.verification(r.Action, challenge)
	if r.Action == link.Pair && p.presents {
		m.PlatformKey = webauthn.EncodeCOSE(&p.platform.PublicKey)
	}
	if p.spoil != nil {
		p.spoil(m)
	}
	return m
}

func (p *testPhone) authData(rpID string, made *webauthn.AttestedCredential) []byte {
	flags := p.flags
	if flags == 0 {
		flags = webauthn.UP | webauthn.UV
	}
	return webauthn.AuthenticatorData{RPIDHash: sha256.Sum256([]byte(rpID)), Flags: flags, Attested: made}.Encode()
}

// verification is the platform credential's ceremony.
func (p *testPhone) verification(action link.Action, challenge [32]byte) json.RawMessage {
	var response any
	if action == link.Pair && !p.presents {
		client := webauthn.ClientData(webauthn.Create, challenge[:], p.origin, false, "")
		data := p.authData(p.rpID, &webauthn.AttestedCredential{ID: p.handle, PublicKey: &p.platform.PublicKey})
		made, err := webauthn.NewRegistrationResponse(client, data, false)
		if err != nil {
			p.t.Fatal(err)
		}
		response = made
	} else {
		client := webauthn.ClientData(webauthn.Get, challenge[:], p.origin, false, "")
		data := p.authData(p.rpID, nil)
		hash := sha256.Sum256(client)
		der, err := webauthn.RawToDER(p.sign(p.platform, append(append([]byte{}, data...), hash[:]...)))
		if err != nil {
			p.t.Fatal(err)
		}
		response = webauthn.NewAuthenticationResponse(p.handle, client, data, der, nil)
	}
	j, err := json.Marshal(response)
	if err != nil {
		p.t.Fatal(err)
	}
	return j
}
