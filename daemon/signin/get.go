package signin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

// assertion signs in: WebAuthn section 6.3.3, with the phone as the place of the key.
type assertion struct {
	site
	engine  *Engine
	held    []registration.Registration // that the website would take, newest first
	browser string
	options webauthn.RequestOptions
	how     link.Mode
	name    string                     // of the phone, once one has it
	chosen  *registration.Registration // once the person has
}

// Get asks a phone for an assertion and waits for the person. See Create for taken and the errors.
func (e *Engine) Get(ctx context.Context, p api.GetParams, browser string, taken func(request string)) (api.GetResult, error) {
	c, err := e.newAssertion(ctx, p, browser)
	if err != nil {
		return api.GetResult{}, err
	}
	result, err := e.website(ctx, link.Get, c, browser, taken)
	if err != nil {
		return api.GetResult{}, err
	}
	return result.(api.GetResult), nil
}

func (e *Engine) newAssertion(ctx context.Context, p api.GetParams, browser string) (*assertion, error) {
	c, err := e.match(ctx, p)
	if err != nil {
		return nil, err
	}
	c.browser = browser
	open := slices.DeleteFunc(slices.Clone(c.held), e.pausedRegistration)
	if len(open) == 0 {
		return nil, e.refuse(link.Get, c, browser, api.Paused)
	}
	if e.askedTooOften(c.rpID) {
		return nil, e.refuse(link.Get, c, browser, api.AskedTooOften)
	}
	c.held, c.how = open, e.strictest(c.options.NumberMatch, open...)
	return c, nil
}

// match reads the options and finds the registrations that could answer: at least one.
func (e *Engine) match(ctx context.Context, p api.GetParams) (*assertion, error) {
	options, err := webauthn.ParseRequestOptions(p.Options)
	if err != nil {
		return nil, optionsError(err)
	}
	known := len(e.cfg.Store.ByRPID(options.RPID)) > 0
	s, err := e.newSite(ctx, webauthn.Get, p.Caller, options.RPID, options.Challenge, known)
	if err != nil {
		return nil, err
	}
	if len(e.cfg.Store.Phones()) == 0 {
		return nil, api.Errorf(api.NoPhone, "")
	}
	held := e.held(s.rpID, options)
	if len(held) == 0 {
		return nil, api.Errorf(api.NotOurs, "")
	}
	return &assertion{site: s, engine: e, options: options, held: held}, nil
}

// Candidates lists the registrations that could answer a website's request, the newest first, and asks nobody: for a list
// that the browser shows before the person has chosen anything (conditional mediation). Accounts that are paused are not
// among them. Errors are those of Get.
func (e *Engine) Candidates(ctx context.Context, p api.GetParams) ([]registration.Registration, error) {
	c, err := e.match(ctx, p)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(c.held, e.pausedRegistration), nil
}

// held lists the registrations for a relying party, or those among them that an allow list names. What the list says
// about transports decides nothing: other software has lost sign-ins by believing it. What the website has had hidden
// answers only where it is named.
func (e *Engine) held(rpID string, options webauthn.RequestOptions) []registration.Registration {
	all := slices.DeleteFunc(slices.Clone(e.cfg.Store.ByRPID(rpID)), func(r registration.Registration) bool {
		if options.Discoverable {
			return r.Hidden
		}
		return !named(options.Allow, r.Credential)
	})
	slices.SortFunc(all, func(a, b registration.Registration) int { return b.Created.Compare(a.Created) })
	return all
}

func named(ids [][]byte, credential []byte) bool {
	return slices.ContainsFunc(ids, func(id []byte) bool { return bytes.Equal(id, credential) })
}

func (c *assertion) mode() link.Mode { return c.how }

func (c *assertion) credential() string {
	if c.chosen != nil {
		return link.B64.EncodeToString(c.chosen.Credential)
	} else if len(c.held) == 1 {
		return link.B64.EncodeToString(c.held[0].Credential)
	}
	return ""
}

func (c *assertion) describe(r *api.Request) {
	c.site.describe(r)
	if c.chosen != nil {
		r.Account = c.chosen.User.Name
	} else if len(c.held) == 1 {
		r.Account = c.held[0].User.Name
	}
	r.Phone = c.name
	if phone, ok := c.engine.cfg.Store.Phone(c.held[0].Phone); ok && r.Phone == "" {
		r.Phone = phone.Name
	}
}

func (c *assertion) on(peer string) []registration.Registration {
	return slices.DeleteFunc(slices.Clone(c.held), func(r registration.Registration) bool { return r.Phone != peer })
}

func (c *assertion) meet(up phoneUp) *link.Request {
	phone, ok := c.engine.cfg.Store.Phone(up.peer)
	held := c.on(up.peer)
	if !ok || len(held) == 0 {
		return nil
	}
	c.name = phone.Name
	var accounts []link.Account
	for _, r := range held[:min(len(held), link.MaxAccounts)] {
		accounts = append(accounts, link.Account{Credential: link.B64.EncodeToString(r.Credential), Name: r.User.Name,
			DisplayName: r.User.DisplayName, PRF: c.salts(r)})
	}
	r := c.request(accounts, c.browser)
	r.NumberMatch, r.PRF = c.options.NumberMatch != "", c.options.PRF != nil
	return r
}

func (c *assertion) salts(r registration.Registration) []link.Bytes {
	if c.options.PRF == nil {
		return nil
	}
	return wired(c.options.PRF.Salts(r.Credential))
}

func (c *assertion) choose(peer, credential string) error {
	held := c.on(peer)
	i := slices.IndexFunc(held, func(r registration.Registration) bool {
		return link.B64.EncodeToString(r.Credential) == credential
	})
	if i < 0 && credential == "" && len(held) == 1 {
		i = 0
	}
	if i < 0 {
		return errors.New("the phone chose an account that it was not asked about")
	}
	phone, _ := c.engine.cfg.Store.Phone(peer)
	c.chosen, c.name = &held[i], phone.Name
	return nil
}

func (c *assertion) accept(_ context.Context, peer, number string, m *link.Answer) (done, error) {
	phone, ok := c.engine.cfg.Store.Phone(peer)
	if !ok {
		return done{}, api.Errorf(api.PhoneRemoved, "")
	}
	id := link.B64.EncodeToString(c.chosen.Credential)
	if m.Credential != id {
		return done{}, errors.New("the answer is for another account than the one chosen")
	}
	want := c.agreed()
	if !bytes.Equal(m.AuthenticatorData, want) {
		return done{}, errors.New("authenticator data has another relying party, flags, counter or extensions than agreed")
	}
	approval := link.Approval{Request: m.ID, Action: link.Get, Desktop: c.engine.cfg.Desktop, Origin: c.origin,
		RPID: c.rpID, Credential: id, Account: c.chosen.User.Name, Number: number, Payload: c.payload(want)}
	if err := verifyApproval(phone, approval, m); err != nil {
		return done{}, err
	}
	return c.signed(want, m)
}

// agreed is the authenticator data of this assertion to the byte.
func (c *assertion) agreed() []byte {
	a := webauthn.AuthenticatorData{RPIDHash: sha256.Sum256([]byte(c.rpID)), Flags: webauthn.UP | webauthn.UV}
	if c.options.NumberMatch != "" {
		a.Extensions = link.NumberMatchOutput(c.how, c.chosen.KeyProtection)
	}
	return a.Encode()
}

// signed checks the website's signature as the website will, so that a phone that lost or mixed up its key is known
// here and not by a puzzling refusal of the website.
func (c *assertion) signed(authenticatorData []byte, m *link.Answer) (done, error) {
	key, err := webauthn.ParseCOSE(c.chosen.PublicKey)
	if err != nil {
		return done{}, err
	}
	signature, err := webauthn.WebSignature(key, m.Signature)
	if err != nil {
		return done{}, err
	}
	if err := webauthn.VerifySignature(key, authenticatorData, c.clientData, signature); err != nil {
		return done{}, err
	}
	prf, err := prfResult(c.options.PRF, len(c.salts(*c.chosen)), m)
	if err != nil {
		return done{}, err
	}
	result := webauthn.NewAuthenticationResponse(c.chosen.Credential, c.clientData, authenticatorData, signature, c.chosen.User.ID)
	result.ClientExtensionResults = webauthn.ExtensionResults{PRF: prf}.JSON()
	return done{code: api.Approved, result: result}, nil
}
