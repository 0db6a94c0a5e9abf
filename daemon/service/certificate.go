package service

import (
	"crypto/rand"
	"time"

	"github.com/pion/webrtc/v4"

	"tallykey/daemon/phonelink"
	"tallykey/daemon/registration"
)

// A phone pins the certificate that it saw when it was paired, so it can't be exchanged behind a phone's back. Those made now
// never end. One that an earlier version made does: phones that were paired with it go on with it, phones that pair from now
// on get one that does not end. Pairing such a phone again takes its registrations along.

// certificates are what phones know this desktop by.
type certificates struct {
	now     webrtc.Certificate
	former  webrtc.Certificate // of phones that were paired before renewed; where that is zero there is none
	renewed time.Time
}

// readCertificates reads those of an identity.
func readCertificates(i registration.Identity) (c certificates, err error) {
	if c.now, err = phonelink.ParseCertificate(i.CertificatePEM); err != nil || i.Renewed.IsZero() {
		return c, err
	}
	c.renewed = i.Renewed
	c.former, err = phonelink.ParseCertificate(i.FormerPEM)
	return c, err
}

// of is the certificate that a phone pins.
func (c certificates) of(p registration.Phone) webrtc.Certificate {
	if p.Paired.Before(c.renewed) {
		return c.former
	}
	return c.now
}

// ends is when a phone's pairing ends with its certificate; zero: it does not.
func (c certificates) ends(p registration.Phone) time.Time {
	if at := c.of(p).Expires(); at.Before(phonelink.NoEnd) {
		return at
	}
	return time.Time{}
}

// firstEnd is when the first of these pairings ends; zero: none does.
func (c certificates) firstEnd(all []registration.Phone) (first time.Time) {
	for _, p := range all {
		if at := c.ends(p); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// renew gives an identity a certificate without an end where it has none yet, and drops the former one when no phone knows
// it any more. It says whether anything has changed.
func renew(i *registration.Identity, all []registration.Phone, now time.Time) (changed bool, err error) {
	c, err := readCertificates(*i)
	if err != nil {
		return false, err
	}
	switch {
	case c.now.Expires().Before(phonelink.NoEnd):
		former := i.CertificatePEM
		if i.CertificatePEM, err = newCertificate(now); err != nil {
			return false, err
		}
		if i.FormerPEM, i.Renewed = former, now; len(all) == 0 {
			i.FormerPEM, i.Renewed = nil, time.Time{}
		}
		return true, nil
	case !i.Renewed.IsZero() && c.firstEnd(all).IsZero():
		i.FormerPEM, i.Renewed = nil, time.Time{}
		return true, nil
	}
	return false, nil
}

// newCertificate makes one as PEM.
func newCertificate(now time.Time) ([]byte, error) {
	cert, err := phonelink.NewCertificate(rand.Reader, now)
	if err != nil {
		return nil, err
	}
	return phonelink.EncodeCertificate(cert)
}

// certificateOf is what a peer of the link pins.
func (c *core) certificateOf(peer string) webrtc.Certificate {
	if p, ok := c.store.Phone(peer); ok {
		return c.certificates.of(p)
	}
	return c.certificates.now
}

// endOf is when a phone's pairing ends, as the phone is told it: in milliseconds since 1970, 0 for never.
func (c *core) endOf(phone string) int64 {
	p, ok := c.store.Phone(phone)
	if !ok {
		return 0
	}
	if at := c.certificates.ends(p); !at.IsZero() {
		return at.UnixMilli()
	}
	return 0
}
