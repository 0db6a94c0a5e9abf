package signin

import (
	"context"
	"errors"
	"io"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/webauthn/platform"
	"tallykey/phone/link"
)

// pairing lets a phone in: it ends with the same gesture as every sign-in, a number and the person's verification.
type pairing struct {
	engine *Engine
	secret link.Secret
	with   *link.PairWith // once a phone came with the link
}

// Pair begins a pairing and returns its request id and the secret for the link; an earlier pairing ends. finished is
// called once with its end.
func (e *Engine) Pair(ctx context.Context, finished func(error)) (request string, secret link.Secret, expires time.Time, err error) {
	secret = make(link.Secret, link.OfferSecretBytes)
	if _, err := io.ReadFull(e.cfg.Rand, secret); err != nil {
		return "", nil, time.Time{}, err
	}
	p, err := e.newPrompt(link.Pair, &pairing{engine: e, secret: secret}, "")
	if err != nil {
		return "", nil, time.Time{}, err
	}
	p.life = link.OfferSeconds * time.Second
	close(p.turn)
	before, err := e.replacePairing(p)
	if err != nil {
		return "", nil, time.Time{}, err
	}
	if before != nil {
		before.give(desktopEnd{api.CancelledOnDesktop})
	}
	if err := p.refusedByLock(); err != nil {
		return "", nil, time.Time{}, err
	}
	go func() {
		_, err := p.run(ctx)
		finished(err)
	}()
	return p.id, secret, time.Now().Add(p.life), nil
}

func (e *Engine) replacePairing(p *prompt) (before *prompt, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		return nil, api.Errorf(api.DaemonStopped, "")
	}
	e.work.Add(1)
	before, e.pairing = e.pairing, p
	return before, nil
}

// Offer is the secret of the pairing link on the screen, if there is one.
func (e *Engine) Offer() (link.Secret, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pairing == nil {
		return nil, false
	}
	return e.pairing.ceremony.(*pairing).secret, true
}

// Proved says whether a phone was paired, since the daemon started, by an assertion of its platform credential. A
// registration proves no key of its own (its attestation is none), so only such a phone may take over what another one
// of the same credential has.
func (e *Engine) Proved(phone string) bool {
	_, ok := e.proved.Load(phone)
	return ok
}

func (c *pairing) describe(r *api.Request) {
	if c.with != nil {
		r.Phone = c.with.Name
	}
}

func (c *pairing) meet(up phoneUp) *link.Request {
	if up.peer != OfferPeer || up.with == nil {
		return nil
	}
	c.with = up.with
	return &link.Request{}
}

func (c *pairing) choose(string, string) error { return nil }

// mode: a pairing has no registration that could want the number typed, and is never approved without one.
func (c *pairing) mode() link.Mode { return link.Choose }

func (c *pairing) credential() string { return "" }

func (c *pairing) accept(ctx context.Context, _, number string, m *link.Answer) (done, error) {
	if len(m.DeviceKey) == 0 || m.KeyProtection == "" {
		return done{}, errors.New("the answer has no device key or does not say how keys are kept")
	}
	approval := link.Approval{Request: m.ID, Action: link.Pair, Desktop: c.engine.cfg.Desktop, Number: number,
		Payload: m.DeviceKey}
	challenge := approval.Challenge()
	credential, err := c.verify(challenge, m)
	if err != nil {
		return done{}, err
	}
	if err := verifyDevice(m.DeviceKey, challenge, m.DeviceSignature); err != nil {
		return done{}, err
	}
	return c.keep(ctx, credential, m)
}

// verify takes what the phone has: a phone app keeps one platform credential for all its desktops, makes it in its first
// pairing and answers the later ones with an assertion by it, so that keys encrypted under it open through each of them.
// One that was made under the app's PIN must say so, for it may stand for an app at an address.
func (c *pairing) verify(challenge [32]byte, m *link.Answer) (platform.Credential, error) {
	switch pin := m.KeyProtection == link.PIN; {
	case pin && len(m.PlatformKey) > 0:
		return platform.VerifyPINPresented(c.with.Origin, m.PlatformKey, challenge, m.Verification)
	case pin:
		return platform.VerifyPINRegistration(c.with.Origin, challenge, m.Verification)
	case len(m.PlatformKey) > 0:
		return platform.VerifyPresented(c.with.Origin, m.PlatformKey, challenge, m.Verification)
	}
	return platform.VerifyRegistration(c.with.Origin, challenge, m.Verification)
}

func (c *pairing) keep(ctx context.Context, credential platform.Credential, m *link.Answer) (done, error) {
	var id [link.IDBytes]byte
	secret := make([]byte, link.PhoneSecretBytes)
	if _, err := io.ReadFull(c.engine.cfg.Rand, id[:]); err != nil {
		return done{}, err
	}
	if _, err := io.ReadFull(c.engine.cfg.Rand, secret); err != nil {
		return done{}, err
	}
	phone := registration.Phone{ID: link.NewID(id), Name: c.with.Name, App: c.with.App, Origin: c.with.Origin,
		Secret: secret, DeviceKey: m.DeviceKey, Platform: credential, KeyProtection: m.KeyProtection, Paired: time.Now()}
	if err := c.engine.cfg.Store.AddPhone(ctx, phone); err != nil {
		return done{}, api.Errorf(registration.Code(err), "%v", err)
	}
	if len(m.PlatformKey) > 0 {
		c.engine.proved.Store(phone.ID, true)
	}
	return done{code: api.Paired, result: phone.ID,
		last: &link.Paired{ID: m.ID, Phone: phone.ID, Secret: secret}}, nil
}
