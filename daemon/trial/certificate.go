package trial

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"time"
)

const (
	// certificateLife is the longest that browsers take: CA/Browser Forum baseline requirements, section 6.3.2.
	certificateLife = 397 * 24 * time.Hour
	// renewBefore: a new certificate is another warning for the person, so it comes when it must and not earlier, and
	// still before the old one gives a warning that nobody can click away.
	renewBefore = 30 * 24 * time.Hour
	// maxAddresses bounds how many addresses a certificate remembers: a laptop that goes home again needs no new one.
	maxAddresses = 16
)

// certificate returns the one to serve with, and makes a new one if the old one is missing, ends soon or lacks an
// address of this desktop. It is called for every handshake, so nothing needs to watch clock or network.
func (s *Server) certificate() (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, _ := s.cfg.Load()
	if s.cert == nil {
		s.cert, _ = parse(kept.CertificatePEM) // one that can't be read is as good as none
	}
	now, addresses := s.cfg.Now(), s.local()
	if s.cert != nil && good(s.cert.Leaf, s.cfg.Host, addresses, now) {
		return s.cert, nil
	}
	if s.cert != nil {
		addresses = remember(addresses, s.cert.Leaf.IPAddresses)
	}
	text, cert, err := issue(s.cfg.Host, addresses, now)
	if err != nil {
		return nil, fmt.Errorf("trial: certificate: %w", err)
	}
	s.cert, kept.CertificatePEM = cert, text
	if err := s.cfg.Keep(kept); err != nil {
		s.cfg.Log.Warn("the trial's certificate is not kept: phones will be warned again", "err", err)
	}
	return s.cert, nil
}

func (s *Server) local() []netip.Addr {
	return slices.DeleteFunc(slices.Clone(s.cfg.Addresses()), func(a netip.Addr) bool { return !Local(a) })
}

// good says whether a certificate serves for these addresses for a while.
func good(c *x509.Certificate, host string, addresses []netip.Addr, now time.Time) bool {
	lacks := func(a netip.Addr) bool { return c.VerifyHostname(a.String()) != nil }
	return now.After(c.NotBefore) && now.Add(renewBefore).Before(c.NotAfter) && c.VerifyHostname(host) == nil &&
		!slices.ContainsFunc(addresses, lacks)
}

// remember adds earlier addresses to those of now.
func remember(now []netip.Addr, before []net.IP) []netip.Addr {
	for _, ip := range before {
		if a, ok := netip.AddrFromSlice(ip); ok && !slices.Contains(now, a.Unmap()) {
			now = append(now, a.Unmap())
		}
	}
	return now[:min(len(now), maxAddresses)]
}

// issue makes a certificate and its private key, also as PEM. Its life begins a day early, for phones whose clock is slow.
func issue(host string, addresses []netip.Addr, now time.Time) ([]byte, *tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) // positive, RFC 5280 section 4.1.2.2
	if err != nil {
		return nil, nil, err
	}
	start := now.Add(-24 * time.Hour)
	template := x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "tallykey trial"}, NotBefore: start,
		NotAfter: start.Add(certificateLife), DNSNames: []string{host}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true}
	for _, a := range addresses {
		template.IPAddresses = append(template.IPAddresses, a.AsSlice())
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	cert, err := parse(text)
	return text, cert, err
}

// parse reads what issue wrote.
func parse(text []byte) (*tls.Certificate, error) {
	cert, err := tls.X509KeyPair(text, bytes.Clone(text))
	if err != nil {
		return nil, err
	}
	if cert.Leaf == nil {
		cert.Leaf, err = x509.ParseCertificate(cert.Certificate[0])
	}
	return &cert, err
}
