package oidc

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
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

func newSigningKey(now time.Time) (store.Key, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return store.Key{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return store.Key{ID: newID(), Use: "sig", Material: der, Created: now}, err
}

// prepareKeys makes the keys that are not there yet and gives the one that encrypts codes and access tokens.
func prepareKeys(ctx context.Context, s *store.Store, now func() time.Time) (secret [32]byte, err error) {
	signing, err := newSigningKey(now())
	if err != nil {
		return secret, err
	}
	raw := make([]byte, 32)
	rand.Read(raw)
	err = errors.Join(s.FirstKey(ctx, signing), s.FirstKey(ctx, store.Key{ID: newID(), Use: "enc", Material: raw, Created: now()}))
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

// Rotate makes a new key that signs from now on. The old one stays in /keys for two days, so that what it signed can be
// verified until it expires.
func Rotate(ctx context.Context, s *store.Store, now time.Time, c store.Change) (store.Key, error) {
	k, err := newSigningKey(now)
	if err != nil {
		return k, err
	}
	c.Target = "key " + k.ID
	return k, s.RotateKey(ctx, k, now.Add(-published), c)
}

// signer is a key that signs.
type signer struct {
	id  string
	key *ecdsa.PrivateKey
}

func parseKey(k store.Key) (signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(k.Material)
	private, ok := key.(*ecdsa.PrivateKey)
	if err != nil || !ok {
		return signer{}, fmt.Errorf("key %s of the store is no P-256 key: %w", k.ID, err)
	}
	return signer{k.ID, private}, nil
}

func (k signer) ID() string                                  { return k.id }
func (k signer) Key() any                                    { return k.key }
func (k signer) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }

// verifier is the public half of a signer.
type verifier struct{ signer }

func (k verifier) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k verifier) Use() string                        { return "sig" }
func (k verifier) Key() any                           { return &k.key.PublicKey }
