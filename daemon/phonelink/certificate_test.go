package phonelink

import (
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"tallykey/phone/virtual/dial"
)

func TestCertificate(t *testing.T) {
	cert, err := NewCertificate(rand.Reader, noon)
	if err != nil {
		t.Fatal(err)
	}
	if !cert.Expires().Equal(NoEnd) {
		t.Errorf("expires %v", cert.Expires())
	}
	text, err := EncodeCertificate(cert)
	if err != nil || len(text) > 1<<10 {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	again, err := ParseCertificate(text)
	if err != nil || !again.Equals(cert) {
		t.Errorf("after a round trip: %v", err)
	}
	a, _ := Fingerprint(cert)
	b, err := Fingerprint(again)
	if a != b || err != nil {
		t.Errorf("fingerprints %x, %x, %v", a, b, err)
	}
	if _, err := ParseCertificate(text[:len(text)/2]); err == nil {
		t.Error("half a certificate parsed")
	}
}

// ending makes a certificate that ends, as earlier versions did.
func ending(t testing.TB, at time.Time) webrtc.Certificate {
	t.Helper()
	c, err := webrtc.NewCertificate(newKey(t), x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: noon.AddDate(-1, 0, 0), NotAfter: at})
	if err != nil {
		t.Fatal(err)
	}
	return *c
}

// Phones that know a former certificate are shown that one, the others the new one.
func TestCertificateOfPeer(t *testing.T) {
	former, r := ending(t, time.Now().AddDate(1, 0, 0)), newRecorder()
	var now webrtc.Certificate
	d := newDesk(t, r, func(c *Config) {
		now = c.Certificate
		c.CertificateOf = func(peer string) webrtc.Certificate {
			if peer == peers[0] {
				return former
			}
			return now
		}
	})
	for peer, cert := range map[string]webrtc.Certificate{peers[0]: former, peers[1]: now} {
		cfg := d.config(peer)
		var err error
		if cfg.Certificate, err = Fingerprint(cert); err != nil {
			t.Fatal(err)
		}
		c, err := dial.Open(t.Context(), cfg)
		if err != nil {
			t.Fatalf("%s: %v", peer, err)
		}
		r.next(t, "opened")
		c.Close()
		r.next(t, "closed")
	}
}
