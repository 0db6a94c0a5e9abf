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
	name    string                     // of the phone, once one has it
	chosen  *registration.Registration // once the person has
}

// Get asks a phone for an assertion and waits for the person. See Create for taken and the errors.
func (e *Engine) Get(ctx context.Context, p api.GetParams, browser string, taken func(request string)) (api.GetResult, error) {
	c, err := e.newAssertion(p, browser)
	if err != nil {
		return api.GetResult{}, err
	}
	result, err := e.website(ctx, link.Get, c, browser, taken)
	if err != nil {
		return api.GetResult{}, err
	}
	return result.(api.GetResult), nil
}

func (e *Engine) newAssertion(p api.GetParams, browser string) (*assertion, error) {
	options, err := webauthn.ParseRequestOptions(p.Options)
	if err != nil {
		return nil, optionsError(err)
	}
	s, err := newSite(webauthn.Get, p.Caller, options.RPID, options.Challenge)
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
	held = slices.DeleteFunc(held, func(r registration.Registration) bool { return e.paused(r.RPID, r.User.Name) })
	if len(held) == 0 {
		return nil, api.Errorf(api.Paused, "")
	}
	return &assertion{site: s, engine: e, held: held, browser: browser}, nil
}

// held lists the registrations for a relying party, or those among them that an allow list names. What the list says
// about transports decides nothing: other software has lost sign-ins by believing it.
func (e *Engine) held(rpID string, options webauthn.RequestOptions) []registration.Registration {
	all := slices.Clone(e.cfg.Store.ByRPID(rpID))
	if !options.Discoverable {
		all = slices.DeleteFunc(all, func(r registration.Registration) bool {
			return !slices.ContainsFunc(options.Allow, func(id []byte) bool { return bytes.Equal(id, r.Credential) })
		})
	}
	slices.SortFunc(all, func(a, b registration.Registration) int { return b.Created.Compare(a.Created) })
	return all
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
			DisplayName: r.User.DisplayName})
	}
	return c.request(accounts, c.browser)
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
	want := webauthn.AuthenticatorData{RPIDHash: sha256.Sum256([]byte(c.rpID)), Flags: webauthn.UP | webauthn.UV}.Encode()
	if !bytes.Equal(m.AuthenticatorData, want) {
		return done{}, errors.New("authenticator data has another relying party, flags or counter than agreed")
	}
	approval := link.Approval{Request: m.ID, Action: link.Get, Desktop: c.engine.cfg.Desktop, Origin: c.origin,
		RPID: c.rpID, Credential: id, Account: c.chosen.User.Name, Number: number, Payload: c.payload(want)}
	if err := verifyApproval(phone, approval, m); err != nil {
		return done{}, err
	}
	return c.signed(want, m.Signature)
}

// signed checks the website's signature as the website will, so that a phone that lost or mixed up its key is known
// here and not by a puzzling refusal of the website.
func (c *assertion) signed(authenticatorData, raw []byte) (done, error) {
	key, err := webauthn.ParseCOSE(c.chosen.PublicKey)
	if err != nil {
		return done{}, err
	}
	der, err := webauthn.RawToDER(raw)
	if err != nil {
		return done{}, err
	}
	if err := webauthn.VerifySignature(key, authenticatorData, c.clientData, der); err != nil {
		return done{}, err
	}
	return done{code: api.Approved, result: webauthn.NewAuthenticationResponse(c.chosen.Credential, c.clientData,
		authenticatorData, der, c.chosen.User.ID)}, nil
}
