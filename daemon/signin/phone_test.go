package signin

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"slices"
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
	presents bool                     // pairs with the platform credential that it has
	keys     map[string]crypto.Signer // by credential ID in base64url
	secrets  map[string][]byte        // for the prf extension, by the same
	can      []int64                  // algorithms; none: all
	without  bool                     // makes keys without a secret
	keeps    link.KeyProtection
	origin   string // of its app
	rpID     string // of the platform credential

	spoil func(*link.Answer) // changes an answer before it is sent
	flags webauthn.Flags     // of the platform ceremony; zero: UP|UV
}

func newTestPhone(t *testing.T, desktop string) *testPhone {
	return &testPhone{t: t, desktop: desktop, platform: newKey(t), device: newKey(t), handle: random(t, 16),
		keys: map[string]crypto.Signer{}, secrets: map[string][]byte{}, keeps: link.Device, origin: phoneOrigin,
		rpID: "phone.contoso.example"}
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
		p.keys[m.Credential] = p.makeKey(r.Algorithms)
		if !p.without {
			p.secrets[m.Credential] = random(p.t, 32)
		}
		m.AuthenticatorData = p.siteData(r, &webauthn.AttestedCredential{AAGUID: webauthn.AAGUID, ID: id,
			PublicKey: p.keys[m.Credential].Public()})
	case link.Get:
		m.Credential, m.AuthenticatorData, m.KeyProtection = r.Accounts[0].Credential, p.siteData(r, nil), ""
	}
	if secret := p.secrets[m.Credential]; r.PRF && secret != nil {
		m.PRF = evaluated(secret, r.Accounts[0].PRF)
	}
	if r.Action != link.Pair {
		hash := sha256.Sum256(r.ClientData)
		a.Payload = append(append([]byte{}, m.AuthenticatorData...), hash[:]...)
		a.Credential, a.Account = m.Credential, r.Accounts[0].Name
	}
	if key := p.keys[m.Credential]; r.Action == link.Get && key != nil {
		m.Signature = p.signAsSite(key, a.Payload)
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

// makeKey makes the first key that it can.
func (p *testPhone) makeKey(algorithms []int64) crypto.Signer {
	for _, a := range algorithms {
		if len(p.can) > 0 && !slices.Contains(p.can, a) {
			continue
		}
		if a == webauthn.EdDSA {
			return ed25519.NewKeyFromSeed(random(p.t, 32))
		}
		return newKey(p.t)
	}
	p.t.Fatalf("no key for any of %v", algorithms)
	return nil
}

func (p *testPhone) signAsSite(key crypto.Signer, data []byte) []byte {
	if k, ok := key.(ed25519.PrivateKey); ok {
		return ed25519.Sign(k, data)
	}
	return p.sign(key.(*ecdsa.PrivateKey), data)
}

func evaluated(secret []byte, salts []link.Bytes) *link.PRFOutput {
	out := &link.PRFOutput{}
	for _, salt := range salts {
		h := hmac.New(sha256.New, secret)
		h.Write(salt)
		out.Results = append(out.Results, h.Sum(nil))
	}
	return out
}

// siteData is authenticatorData for a website, with the extensions that it asked for.
func (p *testPhone) siteData(r *link.Request, made *webauthn.AttestedCredential) []byte {
	a := webauthn.AuthenticatorData{RPIDHash: sha256.Sum256([]byte(r.RPID)), Flags: webauthn.UP | webauthn.UV, Attested: made}
	if p.flags != 0 {
		a.Flags = p.flags
	}
	if r.NumberMatch {
		a.Extensions = link.NumberMatchOutput(r.Mode, p.keeps)
	}
	return a.Encode()
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
