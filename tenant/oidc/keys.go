package oidc

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"tallykey/tenant/store"
)

// published is how long a key that signs no more can still be fetched: longer than any ID token lasts.
const published = 48 * time.Hour

func newID() string {
	raw := make([]byte, 16)
	rand.Read(raw)
	return hex.EncodeToString(raw)
}

// Algs are the algorithms that ID tokens can be signed with. The first is what apps get that ask for none; RS256 is what
// every OpenID Connect library can verify (OpenID Connect Core section 15.1), at many times the cost.
var Algs = []string{string(jose.ES256), string(jose.RS256)}

func newSigningKey(alg string, now time.Time) (store.Key, error) {
	var key any
	var err error
	switch alg {
	case string(jose.ES256):
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case string(jose.RS256):
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		err = fmt.Errorf("no key signs %q", alg)
	}
	if err != nil {
		return store.Key{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return store.Key{ID: newID(), Use: "sig", Alg: alg, Material: der, Created: now}, err
}

// signingKey is the key that signs with an algorithm. The first is made when it is needed: an RSA key takes its time, and
// few tenants have an app for it.
func signingKey(ctx context.Context, s *store.Store, alg string, now func() time.Time) (store.Key, error) {
	if alg == "" {
		alg = Algs[0]
	}
	for range 2 {
		list, err := s.Keys(ctx, "sig")
		if err != nil {
			return store.Key{}, err
		}
		if i := slices.IndexFunc(list, func(k store.Key) bool { return k.Alg == alg && k.Retired.IsZero() }); i >= 0 {
			return list[i], nil
		}
		k, err := newSigningKey(alg, now())
		if err != nil {
			return store.Key{}, err
		}
		if err := s.FirstKey(ctx, k); err != nil {
			return store.Key{}, err
		}
	}
	return store.Key{}, errors.New("no key signs")
}

// prepareKeys makes the keys that are not there yet and gives the one that encrypts codes and access tokens.
func prepareKeys(ctx context.Context, s *store.Store, now func() time.Time) (secret [32]byte, err error) {
	raw := make([]byte, 32)
	rand.Read(raw)
	_, err = signingKey(ctx, s, Algs[0], now)
	err = errors.Join(err, s.FirstKey(ctx, store.Key{ID: newID(), Use: "enc", Material: raw, Created: now()}))
	if err != nil {
		return secret, err
	}
	list, err := s.Keys(ctx, "enc")
	if err != nil {
		return secret, err
	}
	if len(list) == 0 || len(list[0].Material) != len(secret) {
		return secret, errors.New("the store's encryption key can't be used")
	}
	return [32]byte(list[0].Material), nil
}

// Rotate makes a new key for each algorithm in use, which signs from now on. The old ones stay in /keys for two days, so
// that what they signed can be verified until it expires.
func Rotate(ctx context.Context, s *store.Store, now time.Time, c store.Change) ([]store.Key, error) {
	list, err := s.Keys(ctx, "sig")
	if err != nil {
		return nil, err
	}
	var fresh []store.Key
	for _, alg := range Algs {
		if alg != Algs[0] && !slices.ContainsFunc(list, func(k store.Key) bool { return k.Alg == alg }) {
			continue // no app has asked for it yet
		}
		k, err := newSigningKey(alg, now)
		if err != nil {
			return nil, err
		}
		fresh = append(fresh, k)
		c.Target += " key " + k.ID
	}
	c.Target = strings.TrimSpace(c.Target)
	return fresh, s.RotateKeys(ctx, fresh, now.Add(-published), c)
}

// signer is a key that signs.
type signer struct {
	id  string
	alg jose.SignatureAlgorithm
	key crypto.Signer
}

func parseKey(k store.Key) (signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(k.Material)
	private, ok := key.(crypto.Signer)
	if err != nil || !ok {
		return signer{}, fmt.Errorf("key %s of the store does not sign: %w", k.ID, err)
	}
	return signer{k.ID, jose.SignatureAlgorithm(k.Alg), private}, nil
}

func (k signer) ID() string                                  { return k.id }
func (k signer) Key() any                                    { return k.key }
func (k signer) SignatureAlgorithm() jose.SignatureAlgorithm { return k.alg }

// verifier is the public half of a signer.
type verifier struct{ signer }

func (k verifier) Algorithm() jose.SignatureAlgorithm { return k.alg }
func (k verifier) Use() string                        { return "sig" }
func (k verifier) Key() any                           { return k.key.Public() }
