package passkey

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// Owner finds the user of a WebAuthn user handle with the registrations of this moment, or returns store.ErrNotFound.
type Owner func(handle []byte) (store.User, []store.Registration, error)

// SignedIn is who answered.
type SignedIn struct {
	User      store.User
	Device    store.Registration
	Number    NumberMatch
	SignCount uint32
	Rewound   bool // the sign count went back: perhaps somebody copied the key. For the log; nothing else follows
}

// FinishRegistration verifies RegistrationResponseJSON against the state of BeginRegistration, WebAuthn section 7.1. The
// result has everything but name, use and times. The error carries a code.
func (rp *RelyingParty) FinishRegistration(u store.User, state, response []byte) (store.Registration, NumberMatch, error) {
	session, err := sessionOf(state)
	if err != nil {
		return store.Registration{}, NumberMatch{}, err
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return store.Registration{}, NumberMatch{}, unreadable(err)
	}
	c, err := rp.lib.CreateCredential(owner{user: u}, session, answer)
	if err != nil {
		return store.Registration{}, NumberMatch{}, rp.diagnose(err, session, answer.Response.CollectedClientData, answer.Response.AttestationObject.AuthData)
	}
	r, n := registration(c), matched(answer.Response.AttestationObject.AuthData)
	r.UserID, r.Kind, r.UV = u.ID, kindOf(n, r.AAGUID), n.UV
	r.Unregister = unregisterHash(answer.ClientExtensionResults)
	return r, n, nil
}

// FinishSignIn verifies AuthenticationResponseJSON against the state of BeginSignIn or BeginAnySignIn, WebAuthn
// section 7.2. It trusts registrations as they are now, not as they were when the sign-in began: one that was removed
// since signs nobody in. The error carries a code.
func (rp *RelyingParty) FinishSignIn(state, response []byte, find Owner) (SignedIn, error) {
	session, err := sessionOf(state)
	if err != nil {
		return SignedIn{}, err
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return SignedIn{}, unreadable(err)
	}
	o, err := whose(session, answer, find)
	if err != nil {
		return SignedIn{}, err
	}
	c, err := rp.validate(o, session, answer)
	if err != nil {
		return SignedIn{User: o.user}, rp.diagnose(err, session, answer.Response.CollectedClientData, answer.Response.AuthenticatorData)
	}
	i := slices.IndexFunc(o.has, func(r store.Registration) bool { return bytes.Equal(r.ID, c.ID) })
	return SignedIn{o.user, o.has[i], matched(answer.Response.AuthenticatorData), answer.Response.AuthenticatorData.Counter, c.Authenticator.CloneWarning}, nil
}

func sessionOf(state []byte) (s webauthn.SessionData, err error) {
	return s, json.Unmarshal(state, &s)
}

func unreadable(err error) error {
	return outcome.Errorf(outcome.AnswerUnreadable, "%s", protocolDetail(err))
}

// whose finds the user who was asked or who answered, and makes sure that the key is still registered.
func whose(session webauthn.SessionData, answer *protocol.ParsedCredentialAssertionData, find Owner) (owner, error) {
	handle := session.UserID
	if len(handle) == 0 {
		handle = answer.Response.UserHandle
	}
	u, has, err := find(handle)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return owner{}, err
	}
	i := slices.IndexFunc(has, func(r store.Registration) bool { return bytes.Equal(r.ID, answer.RawID) })
	if err != nil || i < 0 {
		return owner{user: u}, outcome.Errorf(outcome.RegistrationRemoved, "credential %x is not registered", answer.RawID[:min(len(answer.RawID), 16)])
	}
	return owner{u, has}, nil
}

func (rp *RelyingParty) validate(o owner, session webauthn.SessionData, answer *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	if len(session.UserID) == 0 {
		_, c, err := rp.lib.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return o, nil }, session, answer)
		return c, err
	}
	session.AllowedCredentialIDs = stillThere(session.AllowedCredentialIDs, o.has)
	if !slices.ContainsFunc(session.AllowedCredentialIDs, func(id []byte) bool { return bytes.Equal(id, answer.RawID) }) {
		return nil, protocol.ErrBadRequest.WithDetails("the credential was not asked for") // an empty list would allow all
	}
	return rp.lib.ValidateLogin(o, session, answer)
}

// stillThere leaves out what was removed since: the library refuses a list of which the user owns only a part.
func stillThere(asked [][]byte, has []store.Registration) [][]byte {
	return slices.DeleteFunc(slices.Clone(asked), func(id []byte) bool {
		return !slices.ContainsFunc(has, func(r store.Registration) bool { return bytes.Equal(r.ID, id) })
	})
}

// diagnose gives an answer that was refused already its code. It looks again at each part in the order of the
// specification; what it finds can't turn the refusal around.
func (rp *RelyingParty) diagnose(err error, s webauthn.SessionData, c protocol.CollectedClientData, d protocol.AuthenticatorData) error {
	code := outcome.SignatureInvalid
	want := sha256.Sum256([]byte(rp.id))
	switch {
	case c.Challenge != s.Challenge:
		code = outcome.RequestUnknown
	case c.Origin != rp.origin || c.CrossOrigin || c.TopOrigin != "" || !bytes.Equal(d.RPIDHash, want[:]):
		code = outcome.OriginWrong
	case !d.Flags.HasUserPresent() || !d.Flags.HasUserVerified():
		code = outcome.UserVerificationUnset
	}
	return outcome.Errorf(code, "%s", protocolDetail(err))
}

// protocolDetail is an error with what go-webauthn says for developers only, cut to what a log line can hold.
func protocolDetail(err error) string {
	text := err.Error()
	var e *protocol.Error
	if errors.As(err, &e) && e.DevInfo != "" {
		text += ": " + e.DevInfo
	}
	return text[:min(len(text), 300)]
}
