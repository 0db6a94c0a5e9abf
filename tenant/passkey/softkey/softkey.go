// Package softkey is a browser and an authenticator in software, for tests of a relying party. It is written from the
// WebAuthn specification and shares no code with the library that verifies, so that the two check each other. Each thing
// that a relying party must notice can be set wrong.
package softkey

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// Flags of authenticator data, WebAuthn section 6.1.
const (
	UP byte = 1 << 0
	UV byte = 1 << 2
	BE byte = 1 << 3
	BS byte = 1 << 4
	at byte = 1 << 6
	ed byte = 1 << 7
)

// Key holds credentials and answers for them. The zero value is not usable: see New.
type Key struct {
	Origin  string // that the browser stands at
	Flags   byte   // that the authenticator sets
	Counter uint32

	Challenge   string // overrides the one that was asked for
	RPID        string // overrides the one that was asked for
	CrossOrigin bool
	Spoil       bool // makes the signature wrong

	Mode string // how the number is matched; empty: as it was asked for
	UV   string // how the person is verified, "platform" or "pin"; empty: it knows nothing of numberMatch
	Says []byte // overrides the extension output

	Unregister any // the output of the extension of this name, where it is asked for; nil: it knows nothing of it

	Credentials []*Credential
}

// Credential is one discoverable credential.
type Credential struct {
	ID         []byte
	RPID       string
	UserHandle []byte
	Name       string
	Private    *ecdsa.PrivateKey
}

// New makes a phone that does everything right, in a browser at this origin.
func New(origin string) *Key { return &Key{Origin: origin, Flags: UP | UV, UV: "platform"} }

// NewPasskey makes an authenticator of another maker, which knows nothing of numbers.
func NewPasskey(origin string) *Key { return &Key{Origin: origin, Flags: UP | UV} }

var b64 = base64.RawURLEncoding

type options struct {
	Challenge string `json:"challenge"`
	RPID      string `json:"rpId"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"user"`
	Allow   []descriptor `json:"allowCredentials"`
	Exclude []descriptor `json:"excludeCredentials"`

	Extensions struct {
		NumberMatch *struct {
			Mode string `json:"mode"`
		} `json:"numberMatch"`
		Unregister bool `json:"unregister"`
	} `json:"extensions"`
}

type descriptor struct {
	ID string `json:"id"`
}

// Create answers PublicKeyCredentialCreationOptionsJSON with RegistrationResponseJSON. An excluded credential that it
// holds is an error, as a browser gives InvalidStateError.
func (k *Key) Create(optionsJSON []byte) ([]byte, error) {
	var o options
	if err := json.Unmarshal(optionsJSON, &o); err != nil {
		return nil, err
	}
	if len(o.Exclude) > 0 && k.find(o.RP.ID, o.Exclude) != nil {
		return nil, fmt.Errorf("InvalidStateError: it holds a credential of the exclude list")
	}
	handle, err := b64.DecodeString(o.User.ID)
	if err != nil {
		return nil, err
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	c := &Credential{ID: make([]byte, 32), RPID: o.RP.ID, UserHandle: handle, Name: o.User.Name, Private: private}
	rand.Read(c.ID)
	k.Credentials = append(k.Credentials, c)
	return k.attest(c, o)
}

func (k *Key) attest(c *Credential, o options) ([]byte, error) {
	public, err := coseKey(c.Private)
	if err != nil {
		return nil, err
	}
	says := k.says(o)
	data := k.authenticatorData(o.RP.ID, at|flag(says))
	data = append(data, make([]byte, 16)...) // AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(c.ID)))
	data = append(append(append(data, c.ID...), public...), says...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		return nil, err
	}
	return k.respond(c, map[string]any{"clientDataJSON": b64.EncodeToString(k.clientData("webauthn.create", o)),
		"attestationObject": b64.EncodeToString(object), "transports": []string{"internal", "hybrid"}}, k.results(o))
}

// Get answers PublicKeyCredentialRequestOptionsJSON with AuthenticationResponseJSON.
func (k *Key) Get(optionsJSON []byte) ([]byte, error) {
	var o options
	if err := json.Unmarshal(optionsJSON, &o); err != nil {
		return nil, err
	}
	c := k.find(o.RPID, o.Allow)
	if c == nil {
		return nil, fmt.Errorf("NotAllowedError: no credential for %q", o.RPID)
	}
	says := k.says(o)
	data, client := append(k.authenticatorData(o.RPID, flag(says)), says...), k.clientData("webauthn.get", o)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(slices.Clone(data), hash[:]...))
	if k.Spoil {
		digest[0] ^= 1
	}
	signature, err := ecdsa.SignASN1(rand.Reader, c.Private, digest[:])
	if err != nil {
		return nil, err
	}
	return k.respond(c, map[string]any{"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
		"signature": b64.EncodeToString(signature), "userHandle": b64.EncodeToString(c.UserHandle)}, map[string]any{})
}

// says is the extension output. Written by hand, in the order of CTAP2 canonical CBOR, so that it checks the reader.
func (k *Key) says(o options) []byte {
	if k.Says != nil {
		return k.Says
	}
	if k.UV == "" || o.Extensions.NumberMatch == nil {
		return nil
	}
	mode := k.Mode
	if mode == "" {
		mode = o.Extensions.NumberMatch.Mode
	}
	text := func(s string) string { return string(rune(0x60+len(s))) + s }
	return []byte("\xa1" + text("numberMatch") + "\xa2" + text("uv") + text(k.UV) + text("mode") + text(mode))
}

func flag(says []byte) byte {
	if says == nil {
		return 0
	}
	return ed
}

// find gives the credential of the relying party that is newest, of the list where there is one.
func (k *Key) find(rpID string, list []descriptor) *Credential {
	for _, c := range slices.Backward(k.Credentials) {
		listed := slices.Contains(list, descriptor{b64.EncodeToString(c.ID)})
		if c.RPID == rpID && (listed || len(list) == 0) {
			return c
		}
	}
	return nil
}

func (k *Key) authenticatorData(rpID string, more byte) []byte {
	if k.RPID != "" {
		rpID = k.RPID
	}
	hash := sha256.Sum256([]byte(rpID))
	return binary.BigEndian.AppendUint32(append(hash[:], k.Flags|more), k.Counter)
}

func (k *Key) clientData(kind string, o options) []byte {
	if k.Challenge != "" {
		o.Challenge = k.Challenge
	}
	raw, _ := json.Marshal(map[string]any{"type": kind, "challenge": o.Challenge, "origin": k.Origin, "crossOrigin": k.CrossOrigin})
	return raw
}

// results are the client extension results of a registration.
func (k *Key) results(o options) map[string]any {
	if !o.Extensions.Unregister || k.Unregister == nil {
		return map[string]any{}
	}
	return map[string]any{"unregister": k.Unregister}
}

func (k *Key) respond(c *Credential, response, results map[string]any) ([]byte, error) {
	id := b64.EncodeToString(c.ID)
	return json.Marshal(map[string]any{"id": id, "rawId": id, "type": "public-key", "response": response,
		"authenticatorAttachment": "cross-platform", "clientExtensionResults": results})
}

// coseKey is the public key in COSE form, RFC 9053 section 7.1.1: EC2, ES256, P-256.
func coseKey(private *ecdsa.PrivateKey) ([]byte, error) {
	point, err := private.PublicKey.ECDH()
	if err != nil {
		return nil, err
	}
	xy := point.Bytes()[1:]
	return cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: xy[:32], -3: xy[32:]})
}
