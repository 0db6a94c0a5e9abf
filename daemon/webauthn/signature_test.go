package webauthn

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
)

// rawOf is the reverse of RawToDER.
func rawOf(t testing.TB, der []byte) []byte {
	t.Helper()
	var n struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &n); err != nil || len(rest) > 0 {
		t.Fatalf("%x: %v, %d bytes more", der, err, len(rest))
	}
	raw := make([]byte, RawSignature)
	n.R.FillBytes(raw[:32])
	n.S.FillBytes(raw[32:])
	return raw
}

func sign(t testing.TB, key *ecdsa.PrivateKey, authData, clientDataJSON []byte) []byte {
	t.Helper()
	hash := sha256.Sum256(clientDataJSON)
	digest := sha256.Sum256(append(bytes.Clone(authData), hash[:]...))
	der, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestSignatureForms(t *testing.T) {
	key, auth, client := testKey(t), []byte("authenticator data"), []byte("client data")
	for range 200 { // enough for numbers with leading zeros and with the top bit set
		der := sign(t, key, auth, client)
		again, err := RawToDER(rawOf(t, der))
		if err != nil || !bytes.Equal(again, der) {
			t.Fatalf("%x became %x, %v", der, again, err)
		}
		if err := VerifySignature(&key.PublicKey, auth, client, again); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVerifySignatureRefuses(t *testing.T) {
	key, auth, client := testKey(t), []byte("authenticator data"), []byte("client data")
	der := sign(t, key, auth, client)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	raw := rawOf(t, der)
	for name, err := range map[string]error{
		"another key":         VerifySignature(&other.PublicKey, auth, client, der),
		"another authData":    VerifySignature(&key.PublicKey, append(auth, 0), client, der),
		"another client data": VerifySignature(&key.PublicKey, auth, append(client, 0), der),
		"raw form":            VerifySignature(&key.PublicKey, auth, client, raw),
		"one byte more":       VerifySignature(&key.PublicKey, auth, client, append(bytes.Clone(der), 0)),
		"none":                VerifySignature(&key.PublicKey, auth, client, nil),
		"another kind of key": VerifySignature(edKey(t).Public(), auth, client, der),
		"its raw form":        VerifySignature(edKey(t).Public(), auth, client, raw),
		"no key":              VerifySignature(nil, auth, client, der),
	} {
		if !errors.Is(err, ErrSignature) {
			t.Errorf("%s: got %v, want ErrSignature", name, err)
		}
	}
}

func TestWebSignature(t *testing.T) {
	raw := rawOf(t, sign(t, testKey(t), []byte("a"), []byte("b")))
	if der, err := WebSignature(&testKey(t).PublicKey, raw); err != nil || bytes.Equal(der, raw) {
		t.Errorf("ES256: %x, %v", der, err)
	}
	if same, err := WebSignature(edKey(t).Public(), raw); err != nil || !bytes.Equal(same, raw) {
		t.Errorf("EdDSA: %x, %v", same, err)
	}
	if _, err := WebSignature(edKey(t).Public(), raw[:63]); !errors.Is(err, ErrData) {
		t.Errorf("EdDSA, 63 bytes: %v", err)
	}
}

func TestSignatureFormsRefuse(t *testing.T) {
	order := elliptic.P256().Params().N.Bytes()
	one := append(make([]byte, 31), 1)
	for name, raw := range map[string][]byte{
		"63 bytes": make([]byte, 63), "65 bytes": make([]byte, 65), "r is 0": append(make([]byte, 32), one...),
		"s is 0": append(bytes.Clone(one), make([]byte, 32)...), "r is the order": append(bytes.Clone(order), one...),
		"s is the order": append(bytes.Clone(one), order...),
	} {
		if _, err := RawToDER(raw); !errors.Is(err, ErrData) {
			t.Errorf("%s: got %v, want ErrData", name, err)
		}
	}
}

func FuzzSignature(f *testing.F) {
	f.Add([]byte("0\x06\x02\x01\x01\x02\x01\x01"))
	f.Add(make([]byte, 64))
	f.Fuzz(func(t *testing.T, data []byte) {
		if der, err := RawToDER(data); err == nil {
			if raw := rawOf(t, der); !bytes.Equal(raw, data) {
				t.Errorf("%x became %x", data, raw)
			}
		}
	})
}
