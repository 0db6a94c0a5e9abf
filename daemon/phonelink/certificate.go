package phonelink

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"
)

// NoEnd is the end of a certificate that has none (RFC 5280 section 4.1.2.5). Phones pin the certificate's hash at pairing,
// so one that expired would silently end every pairing.
var NoEnd = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)

// NewCertificate makes the desktop's DTLS certificate: P-256, signed by itself, valid from a day before now (phones'
// clocks differ) and without an end. random gives its serial number; the key always comes from the system's generator.
func NewCertificate(random io.Reader, now time.Time) (webrtc.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return webrtc.Certificate{}, fmt.Errorf("phonelink: certificate key: %w", err)
	}
	var serial [16]byte
	if _, err := io.ReadFull(random, serial[:]); err != nil {
		return webrtc.Certificate{}, fmt.Errorf("phonelink: certificate serial number: %w", err)
	}
	serial[0] &= 0x7f // positive, RFC 5280 section 4.1.2.2
	cert, err := webrtc.NewCertificate(key, x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial[:]),
		Subject:      pkix.Name{CommonName: "tallykey"},
		NotBefore:    now.AddDate(0, 0, -1),
		NotAfter:     NoEnd,
	})
	if err != nil {
		return webrtc.Certificate{}, fmt.Errorf("phonelink: certificate: %w", err)
	}
	return *cert, nil
}

// EncodeCertificate writes a certificate with its private key as PEM, under 1 KiB. It is a secret.
func EncodeCertificate(c webrtc.Certificate) ([]byte, error) {
	text, err := c.PEM()
	return []byte(text), err
}

// ParseCertificate reads what EncodeCertificate wrote.
func ParseCertificate(text []byte) (webrtc.Certificate, error) {
	c, err := webrtc.CertificateFromPEM(string(text))
	if err != nil {
		return webrtc.Certificate{}, fmt.Errorf("phonelink: stored certificate: %w", err)
	}
	return *c, nil
}

// Fingerprint is the SHA-256 of the certificate in DER: what a pairing link tells the phone to pin.
func Fingerprint(c webrtc.Certificate) (f [sha256.Size]byte, err error) {
	all, err := c.GetFingerprints()
	if err != nil {
		return f, fmt.Errorf("phonelink: fingerprint: %w", err)
	}
	for _, one := range all {
		if one.Algorithm != "sha-256" {
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(one.Value, ":", ""))
		if err == nil && len(b) == len(f) {
			return [sha256.Size]byte(b), nil
		}
	}
	return f, fmt.Errorf("phonelink: certificate without SHA-256 fingerprint")
}
