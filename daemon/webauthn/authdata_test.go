package webauthn

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testKey is always the same key, so that golden bytes are possible.
func testKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	d := sha256.Sum256([]byte("a key for tests"))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d[:])
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sampleData(t testing.TB) AuthenticatorData {
	return AuthenticatorData{RPIDHash: sha256.Sum256([]byte("contoso.example")), Flags: UP | UV | AT, Counter: 0,
		Attested: &AttestedCredential{AAGUID: AAGUID, ID: bytes.Repeat([]byte{7}, 32), PublicKey: &testKey(t).PublicKey}}
}

var samePublicKey = cmp.Comparer(func(a, b *ecdsa.PublicKey) bool { return a == b || a != nil && a.Equal(b) })

func TestAuthenticatorDataRoundTrip(t *testing.T) {
	created := sampleData(t)
	asserted := AuthenticatorData{RPIDHash: created.RPIDHash, Flags: UP | UV, Counter: 0xfffefdfc}
	extended := asserted
	extended.Flags |= ED | BE | BS
	extended.Extensions = []byte("\xa1\x6bnumberMatch\x01")
	okp := created
	okp.Attested = &AttestedCredential{AAGUID: AAGUID, ID: created.Attested.ID, PublicKey: edKey(t).Public()}
	both := created
	both.Flags |= ED
	both.Extensions = extended.Extensions
	for name, want := range map[string]AuthenticatorData{
		"created": created, "asserted": asserted, "extended": extended, "both": both, "okp": okp,
	} {
		got, err := ParseAuthenticatorData(want.Encode())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, got, samePublicKey); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestAuthenticatorDataFlagsFollowContents(t *testing.T) {
	a := AuthenticatorData{Flags: UP | AT | ED}
	if got := Flags(a.Encode()[32]); got != UP {
		t.Errorf("flags %s, want UP", got)
	}
}

func TestParseAuthenticatorDataRefuses(t *testing.T) {
	sound := sampleData(t).Encode()
	change := func(f func(b []byte) []byte) []byte { return f(bytes.Clone(sound)) }
	for name, data := range map[string][]byte{
		"empty":                {},
		"only a head, cut":     sound[:36],
		"AT without data":      sound[:37],
		"one byte more":        append(bytes.Clone(sound), 0),
		"one byte less":        sound[:len(sound)-1],
		"data without AT":      change(func(b []byte) []byte { b[32] &^= byte(AT); return b }),
		"ED without data":      change(func(b []byte) []byte { b[32] |= byte(ED); return b }),
		"ED with a number":     change(func(b []byte) []byte { b[32] |= byte(ED); return append(b, 0x01) }),
		"ED with null":         change(func(b []byte) []byte { b[32] |= byte(ED); return append(b, 0xf6) }),
		"ED with two maps":     change(func(b []byte) []byte { b[32] |= byte(ED); return append(b, 0xa0, 0xa0) }),
		"ED, key twice":        change(func(b []byte) []byte { b[32] |= byte(ED); return append(b, "\xa2ax\x01ax\x02"...) }),
		"ED, indefinite":       change(func(b []byte) []byte { b[32] |= byte(ED); return append(b, 0xbf, 0xff) }),
		"reserved flag 1":      change(func(b []byte) []byte { b[32] |= 0x02; return b }),
		"reserved flag 2":      change(func(b []byte) []byte { b[32] |= 0x20; return b }),
		"BS without BE":        change(func(b []byte) []byte { b[32] |= byte(BS); return b }),
		"short credential ID":  change(func(b []byte) []byte { b[54] = 15; return b }),
		"credential ID of 64K": change(func(b []byte) []byte { b[53], b[54] = 0xff, 0xff; return b }),
		"credential ID beyond": change(func(b []byte) []byte { b[53], b[54] = 0x01, 0xff; return b }),
		"too long":             make([]byte, MaxAuthenticatorData+1),
	} {
		if _, err := ParseAuthenticatorData(data); !errors.Is(err, ErrData) {
			t.Errorf("%s: got %v, want ErrData", name, err)
		}
	}
}

func TestParseCOSERefuses(t *testing.T) {
	sound := EncodeCOSE(&testKey(t).PublicKey)
	if len(sound) != 77 {
		t.Fatalf("key of %d bytes, want 77", len(sound))
	}
	x, y := string(sound[10:42]), string(sound[45:])
	offCurve := make([]byte, 32)
	offCurve[31] = 5
	for name, key := range map[string]string{
		"empty":             "",
		"not a map":         "\x80",
		"cut":               string(sound[:76]),
		"one byte more":     string(sound) + "\x00",
		"ES384":             "\xa5\x01\x02\x03\x38\x22\x20\x01\x21\x58\x20" + x + "\x22\x58\x20" + y,
		"P-384":             "\xa5\x01\x02\x03\x26\x20\x02\x21\x58\x20" + x + "\x22\x58\x20" + y,
		"OKP":               "\xa5\x01\x01\x03\x26\x20\x01\x21\x58\x20" + x + "\x22\x58\x20" + y,
		"no y":              "\xa4\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x,
		"compressed y":      "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + "\x22\xf5",
		"x of 33 bytes":     "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x21\x00" + x + "\x22\x58\x20" + y,
		"not on the curve":  "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + "\x22\x58\x20" + string(offCurve),
		"one member more":   "\xa6\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + "\x22\x58\x20" + y + "\x23\x01",
		"alg twice":         "\xa6\x01\x02\x03\x26\x03\x26\x20\x01\x21\x58\x20" + x + "\x22\x58\x20" + y,
		"another order":     "\xa5\x03\x26\x01\x02\x20\x01\x21\x58\x20" + x + "\x22\x58\x20" + y,
		"longer integer":    "\xa5\x01\x18\x02\x03\x26\x20\x01\x21\x58\x20" + x + "\x22\x58\x20" + y,
		"indefinite length": "\xbf\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + "\x22\x58\x20" + y + "\xff",
		"tagged":            "\xc1" + string(sound),
		"names for numbers": "\xa5\x61" + "1\x02\x03\x26\x20\x01\x21\x58\x20" + x + "\x22\x58\x20" + y,
	} {
		if _, err := ParseCOSE([]byte(key)); !errors.Is(err, ErrData) {
			t.Errorf("%s: got %v, want ErrData", name, err)
		}
	}
	if got, err := ParseCOSE(sound); err != nil || !testKey(t).PublicKey.Equal(got) {
		t.Errorf("sound key: %v", err)
	}
}

func TestEncodeCOSEWantsItsKeys(t *testing.T) {
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.PublicKey{"P-224": &p224.PublicKey, "a short Ed25519 key": ed25519.PublicKey{1},
		"RSA": &rsa.PublicKey{}, "nothing": nil} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was encoded")
				}
			}()
			EncodeCOSE(key)
		})
	}
}

func TestOKPKeys(t *testing.T) {
	pub := edKey(t).Public().(ed25519.PublicKey)
	sound := EncodeCOSE(pub)
	if got, err := ParseCOSE(sound); err != nil || !pub.Equal(got) || Algorithm(got) != EdDSA || len(sound) != 42 {
		t.Errorf("%d bytes, %v, %v", len(sound), got, err)
	}
	x := string(sound[10:])
	for name, key := range map[string]string{
		"cut":              string(sound[:41]),
		"one byte more":    string(sound) + "\x00",
		"alg Ed25519, -19": "\xa4\x01\x01\x03\x32\x20\x06\x21\x58\x20" + x,
		"ES256":            "\xa4\x01\x01\x03\x26\x20\x06\x21\x58\x20" + x,
		"Ed448":            "\xa4\x01\x01\x03\x27\x20\x07\x21\x58\x20" + x,
		"X25519":           "\xa4\x01\x01\x03\x27\x20\x04\x21\x58\x20" + x,
		"EC2":              "\xa4\x01\x02\x03\x27\x20\x06\x21\x58\x20" + x,
		"x of 31 bytes":    "\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x1f" + x[1:],
		"a y":              "\xa5\x01\x01\x03\x27\x20\x06\x21\x58\x20" + x + "\x22\x58\x20" + x,
		"an empty y":       "\xa5\x01\x01\x03\x27\x20\x06\x21\x58\x20" + x + "\x22\x40",
		"another order":    "\xa4\x03\x27\x01\x01\x20\x06\x21\x58\x20" + x,
		"longer integer":   "\xa4\x01\x18\x01\x03\x27\x20\x06\x21\x58\x20" + x,
	} {
		if _, err := ParseCOSE([]byte(key)); !errors.Is(err, ErrData) {
			t.Errorf("%s: got %v, want ErrData", name, err)
		}
	}
}

// edKey is always the same key.
func edKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	seed := sha256.Sum256([]byte("an Ed25519 key for tests"))
	return ed25519.NewKeyFromSeed(seed[:])
}

func TestFlagsString(t *testing.T) {
	if got := (UP | UV | BE | BS | AT | ED | 0x02).String(); got != "UP|RFU1|UV|BE|BS|AT|ED" {
		t.Errorf("got %q", got)
	}
}

func TestAttestationObjectLengths(t *testing.T) {
	for n, head := range map[int]string{23: "57", 24: "5818", 255: "58ff", 256: "590100", 4096: "591000"} {
		object := AttestationObject(make([]byte, n))
		want := "a363666d74646e6f6e656761747453746d74a0686175746844617461" + head
		if got := hex.EncodeToString(object[:len(object)-n]); got != want {
			t.Errorf("%d bytes: head %s, want %s", n, got, want)
		}
	}
}

func FuzzAuthenticatorData(f *testing.F) {
	a := sampleData(f)
	f.Add(a.Encode())
	f.Add(a.Encode()[:37])
	okp := a
	okp.Attested = &AttestedCredential{AAGUID: AAGUID, ID: a.Attested.ID, PublicKey: edKey(f).Public()}
	f.Add(okp.Encode())
	a.Extensions = []byte{0xa0}
	f.Add(a.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ParseAuthenticatorData(data)
		if err == nil && !bytes.Equal(a.Encode(), data) {
			t.Errorf("%x reads as %+v", data, a)
		}
	})
}

func FuzzCOSE(f *testing.F) {
	f.Add(EncodeCOSE(&testKey(f).PublicKey))
	f.Add(EncodeCOSE(edKey(f).Public()))
	f.Fuzz(func(t *testing.T, data []byte) {
		key, err := ParseCOSE(data)
		if err == nil && !bytes.Equal(EncodeCOSE(key), data) {
			t.Errorf("%x is not its encoding", data)
		}
	})
}
