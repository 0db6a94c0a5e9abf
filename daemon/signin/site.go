package signin

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/webauthn"
	"tallykey/daemon/webauthn/platform"
	"tallykey/phone/link"
)

// site is who asks: what the browser says of the page, and nothing that the page says of itself.
type site struct {
	origin, host, domain, rpID, top string
	related                         bool // rpID is no suffix of the origin's host, and lists it
	clientData                      []byte
}

// newSite checks that the origin may use the RP ID, and writes clientDataJSON. fetch says that it is worth asking the RP
// ID for a list of its origins.
func (e *Engine) newSite(ctx context.Context, kind webauthn.Kind, c api.Caller, rpID string, challenge []byte, fetch bool) (site, error) {
	effective, related, err := e.mayUse(ctx, c.Origin, rpID, fetch)
	if err != nil {
		return site{}, err
	}
	s := site{origin: c.Origin, rpID: effective, related: related}
	s.host, s.domain = webauthn.Site(c.Origin)
	top := ""
	if c.CrossOrigin {
		top = c.TopOrigin
		s.top, _ = webauthn.Site(top)
	}
	s.clientData = webauthn.ClientData(kind, challenge, c.Origin, c.CrossOrigin, top)
	return s, nil
}

// mayUse is the RP ID that a page of origin gets, and whether it gets it as a related origin.
func (e *Engine) mayUse(ctx context.Context, origin, rpID string, fetch bool) (effective string, related bool, err error) {
	if effective, err = webauthn.EffectiveRPID(origin, rpID); err == nil {
		return effective, false, nil
	}
	if fetch && sound(origin, rpID) && e.cfg.Related(ctx, rpID, origin) {
		return rpID, true, nil
	}
	return "", false, api.Errorf(api.OriginMismatch, "%v", err)
}

// sound: an origin and an RP ID that each could use WebAuthn by itself.
func sound(origin, rpID string) bool {
	_, err := webauthn.EffectiveRPID(origin, "")
	return err == nil && checkRPID(rpID) == nil
}

func (s site) describe(r *api.Request) {
	r.Host, r.Domain, r.RPID, r.Top = s.host, s.domain, s.rpID, s.top
}

// request is what every phone is told about the website.
func (s site) request(accounts []link.Account, browser string) *link.Request {
	return &link.Request{Origin: s.origin, Domain: s.domain, RPID: s.rpID, Related: s.related, Accounts: accounts,
		ClientData: s.clientData, Browser: browser}
}

// payload is what the website's signature covers: WebAuthn section 6.3.3.
func (s site) payload(authenticatorData []byte) []byte {
	hash := sha256.Sum256(s.clientData)
	return append(authenticatorData[:len(authenticatorData):len(authenticatorData)], hash[:]...)
}

// optionsError gives a parse error of WebAuthn options its code.
func optionsError(err error) error {
	if errors.Is(err, webauthn.ErrUnsupported) {
		return api.Errorf(api.OptionsUnsupported, "%v", err)
	}
	return api.Errorf(api.OptionsInvalid, "%v", err)
}

// codeOfError is the code an error ends a prompt with; one without a code means the phone's answer does not fit.
func codeOfError(err error) api.Code {
	var e *api.Error
	switch {
	case errors.As(err, &e):
		return e.Code
	case errors.Is(err, platform.ErrInvalid):
		return api.VerificationFailed
	}
	return api.SignatureInvalid
}

// verifyApproval checks the two proofs that every approval of a paired phone needs: the platform credential's, that the
// person was verified, and the device key's, that it was this phone. A platform credential may be synced to the
// person's other devices, so it proves no phone; the device key proves no person.
func verifyApproval(phone registration.Phone, a link.Approval, m *link.Answer) error {
	challenge := a.Challenge()
	if err := platform.VerifyAssertion(phone.Platform, challenge, m.Verification); err != nil {
		return fmt.Errorf("user verification: %w", err)
	}
	return verifyDevice(phone.DeviceKey, challenge, m.DeviceSignature)
}

func verifyDevice(spki []byte, challenge [sha256.Size]byte, signature []byte) error {
	key, err := DeviceKey(spki)
	if err != nil {
		return err
	}
	if len(signature) != 64 {
		return errors.New("device signature has a wrong length")
	}
	hash := sha256.Sum256(challenge[:])
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(key, hash[:], r, s) {
		return errors.New("device signature is wrong")
	}
	return nil
}

// DeviceKey reads a phone's device key, a P-256 key as SubjectPublicKeyInfo.
func DeviceKey(spki []byte) (*ecdsa.PublicKey, error) {
	any, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, fmt.Errorf("device key: %w", err)
	}
	key, ok := any.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("device key is not a P-256 key")
	}
	return key, nil
}

func newRequestID(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	return link.B64.EncodeToString(b[:]), nil
}

// website makes the prompt of a website's ceremony, tells the caller that it is taken, and waits for the end.
func (e *Engine) website(ctx context.Context, action link.Action, c ceremony, browser string, taken func(string)) (any, error) {
	p, err := e.newPrompt(action, c, browser)
	if err != nil {
		return nil, err
	}
	if err := e.enqueue(p); err != nil {
		return nil, err
	}
	if err := p.refusedByLock(); err != nil {
		return nil, err
	}
	taken(p.id)
	return p.run(ctx)
}
