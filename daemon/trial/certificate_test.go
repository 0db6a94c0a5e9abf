package trial

import (
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func (d *desk) leaf(s *Server) *x509.Certificate {
	d.t.Helper()
	c, err := s.certificate()
	if err != nil {
		d.t.Fatal(err)
	}
	return c.Leaf
}

func TestTheCertificateIsOneThatBrowsersTake(t *testing.T) {
	d := newDesk(t, "192.168.1.7", "fd00::7", "203.0.113.7")
	c := d.leaf(d.start())
	if life := c.NotAfter.Sub(c.NotBefore); life > 397*24*time.Hour {
		t.Errorf("good for %s", life)
	}
	for _, name := range []string{host, "192.168.1.7", "fd00::7"} {
		if err := c.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if c.VerifyHostname("203.0.113.7") == nil {
		t.Error("it names an address that nobody is let in by")
	}
	roots := x509.NewCertPool()
	roots.AddCert(c)
	if _, err := c.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, CurrentTime: noon}); err != nil {
		t.Error(err)
	}
	if c.IsCA || c.SerialNumber.Sign() <= 0 || len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageServerAuth {
		t.Errorf("CA: %t, serial number %d, uses %v", c.IsCA, c.SerialNumber, c.ExtKeyUsage)
	}
}

func TestACertificateIsMadeAnewOnlyWhereItMust(t *testing.T) {
	d := newDesk(t, "192.168.1.7")
	s := d.start()
	first := d.place(s).Fingerprint
	d.wait(365 * 24 * time.Hour)
	if d.place(s).Fingerprint != first {
		t.Error("renewed after a year, a month early")
	}
	d.wait(2 * 24 * time.Hour)
	second := d.place(s).Fingerprint
	if second == first {
		t.Fatal("not renewed a month before its end")
	}
	d.at("10.0.0.7")
	third := d.place(s).Fingerprint
	if third == second || d.leaf(s).VerifyHostname("10.0.0.7") != nil {
		t.Fatal("a new address is not in it")
	}
	d.at("192.168.1.7")
	if d.place(s).Fingerprint != third {
		t.Error("a known address needed another one")
	}
	d.wait(-2 * 365 * 24 * time.Hour)
	if d.place(s).Fingerprint == third {
		t.Error("a clock that went back left one that is not good yet")
	}
}

func TestACertificateRemembersSomeAddresses(t *testing.T) {
	d := newDesk(t, "10.0.0.1")
	s := d.start()
	for n := 2; n <= 40; n++ {
		d.at(fmt.Sprint("10.0.0.", n))
		d.place(s)
	}
	c := d.leaf(s)
	if len(c.IPAddresses) != maxAddresses || c.VerifyHostname("10.0.0.40") != nil || c.VerifyHostname("10.0.0.39") != nil ||
		c.VerifyHostname("10.0.0.1") == nil {
		t.Errorf("it has %v", c.IPAddresses)
	}
	if len(d.kept.CertificatePEM) > 2000 {
		t.Errorf("%d bytes to keep, and some keyrings take no more than 2400", len(d.kept.CertificatePEM))
	}
}

func TestAKeyringThatFailsDoesNotStopTheTrial(t *testing.T) {
	d := newDesk(t, "192.168.1.7")
	d.broken = errors.New("locked")
	s := d.start()
	first := d.place(s)
	if again := d.place(s); again != first {
		t.Errorf("another certificate at each look: %v, %v", first, again)
	}
	if !strings.Contains(d.log.String(), "not kept") {
		t.Errorf("nothing is said: %s", d.log.String())
	}
}

func TestWhatCanNotBeReadIsMadeAnew(t *testing.T) {
	d := newDesk(t, "192.168.1.7")
	d.kept.CertificatePEM = []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
	if p := d.place(d.start()); p.Fingerprint == "" {
		t.Errorf("%v", p)
	}
}

func TestFingerprint(t *testing.T) {
	got := Fingerprint([]byte("abc")) // FIPS 180-2, appendix B.1
	raw, err := hex.DecodeString(strings.ReplaceAll(got, ":", ""))
	if err != nil || hex.EncodeToString(raw) != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" || got[2] != ':' {
		t.Errorf("got %s, %v", got, err)
	}
}
