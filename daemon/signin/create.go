package signin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
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
	how     link.Mode
	made    []byte // the new credential's ID, once there is one
	token   []byte // of its removal, for the website that asked for the extension; else nil
}

// Create asks a phone for a registration and waits for the person. taken is called once, with the request's id, when it
// has become a prompt: from then on the browser must wait. Every failure is an *api.Error; one whose outcome falls
// through came before taken, and the browser's own WebAuthn goes on.
func (e *Engine) Create(ctx context.Context, p api.CreateParams, browser string, taken func(request string)) (api.CreateResult, error) {
	c, err := e.newCreation(ctx, p, browser)
	if err != nil {
		return api.CreateResult{}, err
	}
	result, err := e.website(ctx, link.Create, c, browser, taken)
	if err != nil {
		return api.CreateResult{}, err
	}
	return result.(api.CreateResult), nil
}

func (e *Engine) newCreation(ctx context.Context, p api.CreateParams, browser string) (*creation, error) {
	options, err := webauthn.ParseCreationOptions(p.Options)
	if err != nil {
		return nil, optionsError(err)
	}
	phones := len(e.cfg.Store.Phones()) > 0
	s, err := e.newSite(ctx, webauthn.Create, p.Caller, options.RPID, options.Challenge, phones)
	if err != nil {
		return nil, err
	}
	if !phones {
		return nil, api.Errorf(api.NoPhone, "")
	}
	token, err := e.removalToken(options.Unregister)
	if err != nil {
		return nil, err
	}
	c := &creation{site: s, engine: e, options: options, browser: browser, how: e.strictest(options.NumberMatch), token: token}
	if e.paused(s.rpID, options.User.Name, "") {
		return nil, e.refuse(link.Create, c, browser, api.Paused)
	}
	if e.askedTooOften(s.rpID) {
		return nil, e.refuse(link.Create, c, browser, api.AskedTooOften)
	}
	return c, nil
}

// removalToken is made here and not on the phone: the website gets its hash from the desktop, so also for a phone that
// knows nothing of it this desktop can have the website remove the registration.
func (e *Engine) removalToken(asked bool) ([]byte, error) {
	if !asked {
		return nil, nil
	}
	token := make([]byte, link.RemovalToken)
	_, err := io.ReadFull(e.cfg.Rand, token)
	return token, err
}

// excluded says whether a phone holds a credential that the website does not want made twice.
func (c *creation) excluded(phone string) bool {
	return slices.ContainsFunc(c.engine.cfg.Store.ByRPID(c.rpID), func(r registration.Registration) bool {
		return r.Phone == phone && named(c.options.Exclude, r.Credential)
	})
}

func (c *creation) mode() link.Mode { return c.how }

func (c *creation) credential() string { return link.B64.EncodeToString(c.made) }

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
	r := c.request([]link.Account{account}, c.browser)
	r.Algorithms, r.NumberMatch = c.options.Algorithms, c.options.NumberMatch != ""
	r.Accounts[0].PRF, r.PRF = c.salts(), c.options.PRF != nil
	r.Unregister = c.token
	return r
}

// choose is where an excluded credential ends the request. WebAuthn section 6.3.2 step 3 wants the person's consent first:
// a website that is told without it could find out unseen whose phone this is. The right number is the consent; the phone
// that said it is told the end in place of being told to go on, and keeps no key. Another phone of the person may register
// all the same.
func (c *creation) choose(peer, _ string) error {
	phone, _ := c.engine.cfg.Store.Phone(peer)
	c.name = phone.Name
	if c.excluded(peer) {
		return api.Errorf(api.RegistrationExists, "")
	}
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
	made, err := c.check(m)
	if err != nil {
		return done{}, err
	}
	result, err := c.response(m)
	if err != nil {
		return done{}, err
	}
	approval := link.Approval{Request: m.ID, Action: link.Create, Desktop: c.engine.cfg.Desktop, Origin: c.origin,
		RPID: c.rpID, Credential: m.Credential, Account: c.options.User.Name, Number: number,
		Payload: c.payload(m.AuthenticatorData)}
	if err := verifyApproval(phone, approval, m); err != nil {
		return done{}, err
	}
	return done{code: api.Registered, result: result}, c.keep(ctx, phone, made, m)
}

// response is the website's answer, with the results of the extensions that it asked for.
func (c *creation) response(m *link.Answer) (api.CreateResult, error) {
	prf, err := prfResult(c.options.PRF, len(c.salts()), m)
	if err != nil {
		return api.CreateResult{}, err
	}
	if prf != nil {
		enabled := m.PRF != nil
		prf.Enabled = &enabled
	}
	result, err := webauthn.NewRegistrationResponse(c.clientData, m.AuthenticatorData, false)
	result.ClientExtensionResults = webauthn.ExtensionResults{CredProps: c.options.CredProps, PRF: prf, Unregister: c.token}.JSON()
	return result, err
}

// salts of the one account; none where the website only asks whether there is a prf.
func (c *creation) salts() []link.Bytes {
	if c.options.PRF == nil {
		return nil
	}
	return wired(c.options.PRF.Eval)
}

// check reads the authenticator data of a new registration: ours in every bit but the credential's id and key.
func (c *creation) check(m *link.Answer) (*webauthn.AttestedCredential, error) {
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
	case m.KeyProtection == "":
		return nil, errors.New("the answer does not say how the key is kept")
	case !slices.Contains(c.options.Algorithms, webauthn.Algorithm(data.Attested.PublicKey)):
		return nil, errors.New("the phone made a key that the website does not take")
	}
	want := webauthn.AuthenticatorData{RPIDHash: data.RPIDHash, Flags: webauthn.UP | webauthn.UV, Attested: data.Attested}
	want.Attested.AAGUID = webauthn.AAGUID
	if c.options.NumberMatch != "" {
		want.Extensions = link.NumberMatchOutput(c.how, m.KeyProtection)
	}
	if !bytes.Equal(want.Encode(), m.AuthenticatorData) {
		return nil, errors.New("authenticator data has other flags, counter, AAGUID or extensions than agreed")
	}
	return data.Attested, nil
}

func (c *creation) keep(ctx context.Context, phone registration.Phone, made *webauthn.AttestedCredential, m *link.Answer) error {
	err := c.engine.cfg.Store.Add(ctx, registration.Registration{Credential: made.ID, RPID: c.rpID,
		User:      c.options.User,
		PublicKey: webauthn.EncodeCOSE(made.PublicKey), Phone: phone.ID, KeyProtection: m.KeyProtection, Created: time.Now(),
		Unregister: c.token})
	if err != nil {
		return api.Errorf(registration.Code(err), "%v", err)
	}
	c.made = made.ID
	return nil
}
