package link

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// Secret is what phone and desktop share: 32 bytes after pairing, 16 bytes in a pairing link.
type Secret []byte

// Sizes of secrets in bytes.
const (
	PhoneSecretBytes = 32
	OfferSecretBytes = 16
)

// iceChars is base64 in its standard alphabet without padding, which is exactly ice-char of RFC 8839 section 5.4.
var iceChars = base64.RawStdEncoding.Strict()

const (
	ufragPrefix = "tk1/"
	nonceBytes  = 12 // 4 of time, 8 random
	tagBytes    = 9
	// UfragLength is the length of every user name fragment of this protocol.
	UfragLength = len(ufragPrefix) + 16 + 1 + 12 + 1 + 43
	// MaxClockDifference bounds how far the phone's clock may be from the desktop's. A first packet outside it is not
	// answered, so that a captured one is worthless after this time; inside it every fragment is good once.
	MaxClockDifference = 10 * time.Minute
)

// Ufrag is the ICE user name fragment that a phone gives to the desktop's side of a connection. With the password that
// only the holder of the secret can compute (Secret.Password), the first STUN packet proves the secret and names the
// DTLS certificate that the phone will use, before the desktop keeps any state.
//
//	tk1/<nonce>/<tag>/<SHA-256 of the phone's DTLS certificate>
//
// nonce: 4 bytes of Unix time, big-endian, and 8 random bytes. tag: the first 9 bytes of HMAC-SHA-256(secret,
// "tallykey/1 tag" and nonce). The tag lets the desktop find the secret and tells a listener on the network nothing:
// it is another one each time, so a phone cannot be followed.
type Ufrag struct {
	Nonce       [nonceBytes]byte
	Tag         [tagBytes]byte
	Certificate [sha256.Size]byte
}

// NewUfrag makes the fragment for a connection that starts now. random is fresh for each connection; certificate is the
// SHA-256 of the phone's DTLS certificate in DER.
func NewUfrag(s Secret, now time.Time, random [8]byte, certificate [sha256.Size]byte) Ufrag {
	u := Ufrag{Certificate: certificate}
	binary.BigEndian.PutUint32(u.Nonce[:], uint32(now.Unix()))
	copy(u.Nonce[4:], random[:])
	u.Tag = s.tag(u.Nonce)
	return u
}

// ParseUfrag reads a fragment. The error is ErrUfrag; it says nothing about the secret.
func ParseUfrag(s string) (Ufrag, error) {
	var u Ufrag
	if len(s) != UfragLength || s[:4] != ufragPrefix || s[20] != '/' || s[33] != '/' {
		return u, ErrUfrag
	}
	ok := decodeInto(u.Nonce[:], s[4:20]) && decodeInto(u.Tag[:], s[21:33]) && decodeInto(u.Certificate[:], s[34:])
	if !ok {
		return Ufrag{}, ErrUfrag
	}
	return u, nil
}

func decodeInto(dst []byte, s string) bool {
	b, err := iceChars.DecodeString(s)
	return err == nil && copy(dst, b) == len(dst) && len(b) == len(dst)
}

// String is the fragment as it stands in SDP and in the STUN user name.
func (u Ufrag) String() string {
	return ufragPrefix + iceChars.EncodeToString(u.Nonce[:]) + "/" + iceChars.EncodeToString(u.Tag[:]) + "/" +
		iceChars.EncodeToString(u.Certificate[:])
}

// Time is the phone's clock when it made the fragment, to the second.
func (u Ufrag) Time() time.Time { return time.Unix(int64(binary.BigEndian.Uint32(u.Nonce[:])), 0) }

// Fresh says whether the fragment's time is within MaxClockDifference of now.
func (u Ufrag) Fresh(now time.Time) bool { return now.Sub(u.Time()).Abs() <= MaxClockDifference }

// Owns says, in constant time, whether the fragment's tag was made with this secret. It finds the secret; only the
// password proves it.
func (s Secret) Owns(u Ufrag) bool {
	t := s.tag(u.Nonce)
	return subtle.ConstantTimeCompare(t[:], u.Tag[:]) == 1
}

// Password is the ICE password of the desktop's side for a fragment, as RFC 8445 uses it to key MESSAGE-INTEGRITY:
// HMAC-SHA-256(secret, "tallykey/1 password" and fragment), in ice-chars.
func (s Secret) Password(ufrag string) string {
	return iceChars.EncodeToString(s.mac("tallykey/1 password", []byte(ufrag)))
}

func (s Secret) tag(nonce [nonceBytes]byte) (t [tagBytes]byte) {
	copy(t[:], s.mac("tallykey/1 tag", nonce[:]))
	return t
}

// mac keeps the uses of one secret apart by a label, so that no tag can ever serve as a password.
func (s Secret) mac(label string, data []byte) []byte {
	m := hmac.New(sha256.New, s)
	m.Write([]byte(label))
	m.Write(data)
	return m.Sum(nil)
}
