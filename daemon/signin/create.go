package signin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

// creation makes a registration: WebAuthn section 6.3.2, with the phone as the place of the key.
type creation struct {
	site
	engine  *Engine
	options webauthn.CreationOptions
	browser string
	name    string // of the phone, once one has it
}

// Create asks a phone for a registration and waits for the person. taken is called once, with the request's id, when it
// has become a prompt: from then on the browser must wait. Every failure is an *api.Error; one whose outcome falls
// through came before taken, and the browser's own WebAuthn goes on.
func (e *Engine) Create(ctx context.Context, p api.CreateParams, browser string, taken func(request string)) (api.CreateResult, error) {
	c, err := e.newCreation(p, browser)
	if err != nil {
		return api.CreateResult{}, err
	}
	result, err := e.website(ctx, link.Create, c, browser, taken)
	if err != nil {
		return api.CreateResult{}, err
	}
	return result.(api.CreateResult), nil
}

func (e *Engine) newCreation(p api.CreateParams, browser string) (*creation, error) {
	options, err := webauthn.ParseCreationOptions(p.Options)
	if err != nil {
		return nil, optionsError(err)
	}
	s, err := newSite(webauthn.Create, p.Caller, options.RPID, options.Challenge)
	if err != nil {
		return nil, err
	}
	if len(e.cfg.Store.Phones()) == 0 {
		return nil, api.Errorf(api.NoPhone, "")
	}
	if e.excluded(s.rpID, options.Exclude) {
		return nil, api.Errorf(api.RegistrationExists, "")
	}
	if e.paused(s.rpID, options.User.Name) {
		return nil, api.Errorf(api.Paused, "")
	}
	return &creation{site: s, engine: e, options: options, browser: browser}, nil
}

func (e *Engine) excluded(rpID string, ids [][]byte) bool {
	return slices.ContainsFunc(e.cfg.Store.ByRPID(rpID), func(r registration.Registration) bool {
		return slices.ContainsFunc(ids, func(id []byte) bool { return bytes.Equal(id, r.Credential) })
	})
}

func (c *creation) describe(r *api.Request) {
	c.site.describe(r)
	r.Account, r.Phone = c.options.User.Name, c.name
	if phones := c.engine.cfg.Store.Phones(); r.Phone == "" && len(phones) > 0 {
		r.Phone = phones[0].Name
	}
}

func (c *creation) meet(up phoneUp) *link.Request {
	phone, ok := c.engine.cfg.Store.Phone(up.peer)
	if !ok {
		return nil
	}
	c.name = phone.Name
	account := link.Account{Name: c.options.User.Name, DisplayName: c.options.User.DisplayName,
		UserID: c.options.User.ID}
	return c.request([]link.Account{account}, c.browser)
}

func (c *creation) choose(peer, _ string) error {
	phone, _ := c.engine.cfg.Store.Phone(peer)
	c.name = phone.Name
	return nil
}

func (c *creation) accept(ctx context.Context, peer, number string, m *link.Answer) (done, error) {
	phone, ok := c.engine.cfg.Store.Phone(peer)
	if !ok {
		return done{}, api.Errorf(api.PhoneRemoved, "")
	}
	if err := CheckProtection(phone, m.KeyProtection); err != nil {
		return done{}, err
	}
	made, err := c.made(m)
	if err != nil {
		return done{}, err
	}
	approval := link.Approval{Action: link.Create, Desktop: c.engine.cfg.Desktop, Origin: c.origin, RPID: c.rpID,
		Credential: m.Credential, Account: c.options.User.Name, Number: number, Payload: c.payload(m.AuthenticatorData)}
	approval.Request = m.ID
	if err := verifyApproval(phone, approval, m); err != nil {
		return done{}, err
	}
	return c.keep(ctx, phone, made, m)
}

// made checks the authenticator data of a new registration: ours in every bit but the credential's id and key.
func (c *creation) made(m *link.Answer) (*webauthn.AttestedCredential, error) {
	data, err := webauthn.ParseAuthenticatorData(m.AuthenticatorData)
	if err != nil {
		return nil, err
	}
	id, err := link.B64.DecodeString(m.Credential)
	switch {
	case err != nil || data.Attested == nil || !bytes.Equal(id, data.Attested.ID):
		return nil, errors.New("the answer names another credential than its authenticator data")
	case data.RPIDHash != sha256.Sum256([]byte(c.rpID)):
		return nil, errors.New("authenticator data is for another relying party")
	case data.Flags != webauthn.UP|webauthn.UV|webauthn.AT || data.Counter != 0 || data.Attested.AAGUID != webauthn.AAGUID:
		return nil, errors.New("authenticator data has other flags, counter or AAGUID than agreed")
	case m.KeyProtection == "":
		return nil, errors.New("the answer does not say how the key is kept")
	}
	return data.Attested, nil
}

func (c *creation) keep(ctx context.Context, phone registration.Phone, made *webauthn.AttestedCredential, m *link.Answer) (done, error) {
	err := c.engine.cfg.Store.Add(ctx, registration.Registration{Credential: made.ID, RPID: c.rpID,
		User:      c.options.User,
		PublicKey: webauthn.EncodeCOSE(made.PublicKey), Phone: phone.ID, KeyProtection: m.KeyProtection, Created: time.Now()})
	if err != nil {
		return done{}, api.Errorf(registration.Code(err), "%v", err)
	}
	result, err := webauthn.NewRegistrationResponse(c.clientData, m.AuthenticatorData, c.options.CredProps)
	return done{code: api.Registered, result: result}, err
}
