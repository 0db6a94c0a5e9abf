package virtual

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

// COSE algorithm identifiers (RFC 9053 section 2) of the keys that this phone makes.
const (
	algorithmES256 = -7 // ECDSA with SHA-256, here on P-256
	algorithmEdDSA = -8 // here with Ed25519
)

// errAlgorithm means that a website takes none of the algorithms that this phone has.
var errAlgorithm = errors.New("virtual: no algorithm that the website takes")

// chooseAlgorithm is the first of the website's that this phone has. A desktop that names none means ES256.
func chooseAlgorithm(wanted []int64) (int64, error) {
	if len(wanted) == 0 {
		return algorithmES256, nil
	}
	i := slices.IndexFunc(wanted, func(a int64) bool { return a == algorithmES256 || a == algorithmEdDSA })
	if i < 0 {
		return 0, errAlgorithm
	}
	return wanted[i], nil
}

// siteKey is the private key of a registration: *ecdsa.PrivateKey on P-256 or ed25519.PrivateKey. Its text form is
// PKCS #8 in base64url.
type siteKey struct{ crypto.Signer }

func newSiteKey(algorithm int64) (siteKey, error) {
	if algorithm == algorithmEdDSA {
		_, k, err := ed25519.GenerateKey(rand.Reader)
		return siteKey{k}, err
	}
	k, err := newKey()
	return siteKey{k.PrivateKey}, err
}

// sign is the signature as it travels: r and s of 32 bytes each, or the 64 bytes of Ed25519.
func (k siteKey) sign(message []byte) (link.Bytes, error) {
	switch k := k.Signer.(type) {
	case *ecdsa.PrivateKey:
		return key{k}.sign(message)
	case ed25519.PrivateKey:
		return ed25519.Sign(k, message), nil
	}
	return nil, fmt.Errorf("virtual: sign with %T", k.Signer)
}

// cose is the public key as a COSE_Key in CTAP2 canonical form.
func (k siteKey) cose() []byte {
	if public, ok := k.Public().(ed25519.PublicKey); ok {
		// kty OKP, alg EdDSA, crv Ed25519, x (RFC 9053 section 7.2).
		return append([]byte{0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20}, public...)
	}
	return webauthn.EncodeCOSE(k.Public().(*ecdsa.PublicKey))
}

// MarshalText implements encoding.TextMarshaler.
func (k siteKey) MarshalText() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.Signer)
	return []byte(link.B64.EncodeToString(der)), err
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *siteKey) UnmarshalText(text []byte) error {
	der, err := link.B64.DecodeString(string(text))
	if err != nil {
		return err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return err
	}
	switch parsed := parsed.(type) {
	case *ecdsa.PrivateKey:
		if parsed.Curve == elliptic.P256() {
			k.Signer = parsed
			return nil
		}
	case ed25519.PrivateKey:
		k.Signer = parsed
		return nil
	}
	return errors.New("neither a P-256 nor an Ed25519 key")
}

// prfBytes is the size of a registration's secret for the prf extension.
const prfBytes = 32

// prf is what the prf extension answers with: a result for each salt, HMAC-SHA-256 under the registration's secret; nil
// where the request did not ask for it, or the registration is of a time before it had a secret.
func (a account) prf(asked bool, salts []link.Bytes) *link.PRFOutput {
	if !asked || len(a.PRF) != prfBytes {
		return nil
	}
	out := &link.PRFOutput{}
	for _, salt := range salts {
		m := hmac.New(sha256.New, a.PRF)
		m.Write(salt)
		out.Results = append(out.Results, m.Sum(nil))
	}
	return out
}
