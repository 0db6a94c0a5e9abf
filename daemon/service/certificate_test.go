package service

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"tallykey/daemon/api"
	"tallykey/daemon/phonelink"
	"tallykey/daemon/registration"
)

// early makes an identity as an earlier version did, with a certificate that ends.
func early(t *testing.T, ends time.Time) registration.Identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := webrtc.NewCertificate(key, x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: ends.AddDate(-20, 0, 0), NotAfter: ends})
	if err != nil {
		t.Fatal(err)
	}
	pem, err := phonelink.EncodeCertificate(*cert)
	if err != nil {
		t.Fatal(err)
	}
	return registration.Identity{Desktop: "74aaaaaaaaaaaaaa", CertificatePEM: pem, Port: 47113, Created: ends.AddDate(-20, 0, 0)}
}

// TestCertificateIsRenewed follows a desktop from an early version on: what it says of the end, which phone knows what, and
// that the keyring takes it.
func TestCertificateIsRenewed(t *testing.T) {
	day := func(y int) time.Time { return time.Date(y, 3, 1, 9, 0, 0, 0, time.UTC) }
	ends := day(2046)
	i := early(t, ends)
	before := bytes.Clone(i.CertificatePEM)
	alice := registration.Phone{ID: "alice", Paired: day(2027)}
	if changed, err := renew(&i, []registration.Phone{alice}, day(2028)); err != nil || !changed {
		t.Fatalf("not renewed: %v", err)
	}
	if !bytes.Equal(i.FormerPEM, before) || bytes.Equal(i.CertificatePEM, before) {
		t.Fatal("the former certificate is not kept beside a new one")
	}
	if changed, err := renew(&i, []registration.Phone{alice}, day(2029)); err != nil || changed {
		t.Errorf("renewed again: %v", err)
	}
	keyring := &registration.Memory{}
	store, err := registration.Open(t.Context(), keyring)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.SetIdentity(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	if store, err = registration.Open(t.Context(), keyring); err != nil {
		t.Fatal(err)
	}
	i, _ = store.Identity()
	c, err := readCertificates(i)
	if err != nil {
		t.Fatal(err)
	}
	again := registration.Phone{ID: "alice again", Paired: day(2030)}
	if got := c.ends(alice); !got.Equal(ends) || !c.firstEnd([]registration.Phone{again, alice}).Equal(ends) {
		t.Errorf("alice's pairing ends %v", got)
	}
	if got := c.ends(again); !got.IsZero() || !c.of(again).Equals(c.now) || c.of(alice).Equals(c.now) {
		t.Errorf("the pairing anew ends %v", got)
	}
	if changed, err := renew(&i, []registration.Phone{again}, day(2031)); err != nil || !changed || i.FormerPEM != nil {
		t.Errorf("a certificate that no phone knows any more is kept: %v", err)
	}
}

// Without a phone nothing has to be kept; and what is made now does not end.
func TestCertificateOfNobody(t *testing.T) {
	i := early(t, time.Now().AddDate(1, 0, 0))
	if changed, err := renew(&i, nil, time.Now()); err != nil || !changed || i.FormerPEM != nil || !i.Renewed.IsZero() {
		t.Errorf("%v; former %d bytes", err, len(i.FormerPEM))
	}
	i, err := newIdentity(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := renew(&i, nil, time.Now().AddDate(1000, 0, 0)); err != nil || changed {
		t.Errorf("a new one is renewed after a thousand years: %v", err)
	}
	i.CertificatePEM = i.CertificatePEM[:20]
	if _, err := renew(&i, nil, time.Now()); err == nil {
		t.Error("half a certificate is one")
	}
}

// A daemon of today on an early keyring: the pairing link names the new certificate, and the status says what ends.
func TestEarlyKeyringGoesOn(t *testing.T) {
	ends := time.Now().AddDate(0, 6, 0).Truncate(time.Second)
	d := start(t, func(c *Config) {
		store, err := registration.Open(t.Context(), c.Keyring)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.SetIdentity(t.Context(), early(t, ends)); err != nil {
			t.Fatal(err)
		}
		if err := store.AddPhone(t.Context(), earlyPhone()); err != nil {
			t.Fatal(err)
		}
	})
	c := d.client(t)
	if err := c.Call(t.Context(), api.MethodPhones, nil, nil); err != nil { // waits until the keyring is open
		t.Fatal(err)
	}
	var s api.Status
	if err := c.Call(t.Context(), api.MethodStatus, nil, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Phones) != 1 || !s.Phones[0].Ends.Equal(ends) || !s.LinkEnds.Equal(ends) {
		t.Errorf("link ends %v, phones %+v", s.LinkEnds, s.Phones)
	}
	core := d.core.Load()
	if former := core.certificateOf(s.Phones[0].ID); former.Equals(core.certificateOf("offer")) {
		t.Error("the phone that knows the former certificate is shown the new one")
	}
}

// A phone is told in its welcome when its pairing ends; one that was paired with the new certificate is told nothing.
func TestEndIsTold(t *testing.T) {
	ends := time.Date(2046, 3, 1, 9, 0, 0, 0, time.UTC)
	d := newSyncDesk(t, t.TempDir(), &registration.Memory{})
	i := early(t, ends)
	if _, err := renew(&i, d.store.Phones(), ends.AddDate(-1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	var err error
	if d.certificates, err = readCertificates(i); err != nil {
		t.Fatal(err)
	}
	const again = "againeeeeeeeeeee"
	d.pairPhone(again, []byte(again), ends)
	for phone, want := range map[string]int64{alicePhone: ends.UnixMilli(), again: 0, "nobody": 0} {
		if got := d.endOf(phone); got != want {
			t.Errorf("%s: %d, want %d", phone, got, want)
		}
	}
}
