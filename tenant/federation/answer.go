package federation

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tallykey/tenant/account"
	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// skew is how far an issuer's clock may be off.
const skew = 2 * time.Minute

// Answer takes the sign-in that the query names, once, and says who the issuer vouches for. The attempt, as far as it is
// known, is returned with an error too, which carries request_unknown, challenge_expired, federation_refused,
// federation_answer_invalid, federation_email_unverified, federation_unreachable, federation_wrong_account or federation_user_unknown.
func (x *Exchange) Answer(ctx context.Context, kind string, browser []byte, q url.Values) (store.User, store.Attempt, error) {
	a, err := x.store.TakeAttempt(ctx, kind, q.Get("state"), browser)
	if errors.Is(err, store.ErrNotFound) {
		return store.User{}, store.Attempt{}, outcome.Errorf(outcome.RequestUnknown, "no such request in this browser")
	}
	if err != nil {
		return store.User{}, store.Attempt{}, err
	}
	if !x.now().Before(a.Expires) {
		return store.User{}, a, outcome.Errorf(outcome.ChallengeExpired, "answered after %s", x.now().Sub(a.Created))
	}
	u, err := x.vouched(ctx, a, q)
	if err == nil {
		a.UserID = u.ID
	}
	return u, a, err
}

func (x *Exchange) vouched(ctx context.Context, a store.Attempt, q url.Values) (store.User, error) {
	f, was, err := x.open(ctx, a)
	if err != nil {
		return store.User{}, err
	}
	p, err := x.partner(ctx, f.Issuer)
	if err != nil {
		return store.User{}, err
	}
	if err := from(p, f.Issuer, q); err != nil {
		return store.User{}, err
	}
	token, err := x.redeem(ctx, f, p, was, q.Get("code"))
	if err != nil {
		return store.User{}, err
	}
	id, err := x.verify(ctx, f, p, was, a, token)
	if err != nil {
		return store.User{}, err
	}
	name, err := x.named(ctx, f, p, id, token)
	if err != nil {
		return store.User{}, err
	}
	return x.account(ctx, f, id.Subject, name, account.UPN(a.UPN))
}

// from checks whose answer it is (RFC 9207), and that it is one: an issuer may refuse.
func from(p partner, issuer string, q url.Values) error {
	switch {
	case q.Get("iss") != issuer && (q.Has("iss") || p.Names):
		return outcome.Errorf(outcome.FederationAnswerInvalid, "the answer is not of %s", issuer)
	case q.Has("error"):
		return outcome.Errorf(outcome.FederationRefused, "%s says %s", issuer, refusal(q.Get("error")))
	case q.Get("code") == "":
		return outcome.Errorf(outcome.FederationAnswerInvalid, "an answer without a code")
	}
	return nil
}

// refusal lets an error code of OAuth pass into the log, and nothing else that a website may have written there.
func refusal(code string) string {
	if code == "" || len(code) > 40 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "an unnamed error"
	}
	return code
}

func (x *Exchange) redeem(ctx context.Context, f store.Federation, p partner, was asked, code string) (*oauth2.Token, error) {
	token, err := x.config(f, p).Exchange(gooidc.ClientContext(ctx, x.client), code, oauth2.VerifierOption(was.Verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused):
		return nil, outcome.Errorf(outcome.FederationRefused, "%s says %s to its code", f.Issuer, refusal(refused.ErrorCode))
	case err != nil:
		return nil, outcome.Errorf(outcome.FederationUnreachable, "%s: its token endpoint does not answer", f.Issuer)
	}
	return token, nil
}

func (x *Exchange) verify(ctx context.Context, f store.Federation, p partner, was asked, a store.Attempt, token *oauth2.Token) (*gooidc.IDToken, error) {
	raw, _ := token.Extra("id_token").(string)
	id, err := p.VerifierContext(gooidc.ClientContext(ctx, x.client), &gooidc.Config{ClientID: f.Client, Now: x.now}).Verify(ctx, raw)
	if err == nil && id.Nonce != was.Nonce {
		err = errors.New("it has another nonce")
	}
	if err == nil && a.Kind == MethodConfirm {
		err = anew(id, a.Created)
	}
	if err != nil {
		return nil, outcome.Errorf(outcome.FederationAnswerInvalid, "the ID token of %s: %s", f.Issuer, err)
	}
	return id, nil
}

// anew checks that the person was asked after the attempt began.
func anew(id *gooidc.IDToken, began time.Time) error {
	var c struct {
		AuthTime int64 `json:"auth_time"`
	}
	if err := id.Claims(&c); err != nil {
		return err
	}
	if time.Unix(c.AuthTime, 0).Before(began.Add(-skew)) {
		return errors.New("the person was not asked anew")
	}
	return nil
}

// named is whom the issuer names: by the claim in the ID token, else at its userinfo endpoint.
func (x *Exchange) named(ctx context.Context, f store.Federation, p partner, id *gooidc.IDToken, token *oauth2.Token) (account.UPN, error) {
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		return "", outcome.Errorf(outcome.FederationAnswerInvalid, "the ID token of %s has no claims", f.Issuer)
	}
	if _, ok := claims[f.Claim]; !ok && p.UserInfoEndpoint() != "" {
		claims = x.userinfo(ctx, p, id, token)
	}
	if f.Claim == "email" && !verified(claims) {
		return "", outcome.Errorf(outcome.FederationEmailUnverified, "%s does not say that it verified the address", f.Issuer)
	}
	typed, _ := claims[f.Claim].(string)
	name, err := account.ParseUPN(typed)
	if err != nil {
		return "", outcome.Errorf(outcome.FederationAnswerInvalid, "%s gives no UPN as %q", f.Issuer, f.Claim)
	}
	return name, nil
}

// verified says whether the issuer made sure that the address is the person's (OpenID Connect Core section 5.1). Where
// anybody may type an address there, it names nobody. Some issuers write the value as a string.
func verified(claims map[string]any) bool {
	is := claims["email_verified"]
	return is == true || is == "true"
}

// userinfo gives nothing where it is of somebody else than the ID token (OpenID Connect Core section 5.3.2).
func (x *Exchange) userinfo(ctx context.Context, p partner, id *gooidc.IDToken, token *oauth2.Token) (claims map[string]any) {
	info, err := p.UserInfo(gooidc.ClientContext(ctx, x.client), oauth2.StaticTokenSource(token))
	if err != nil || info.Subject != id.Subject || info.Claims(&claims) != nil {
		return nil
	}
	return claims
}

// account finds the account: by the subject, or the first time by the name. It has to be the one that was asked for.
func (x *Exchange) account(ctx context.Context, f store.Federation, subject string, name, wanted account.UPN) (store.User, error) {
	if _, domain, _ := strings.Cut(string(name), "@"); domain != f.Domain {
		return store.User{}, outcome.Errorf(outcome.FederationWrongAccount, "%s speaks for %s alone", f.Issuer, f.Domain)
	}
	u, err := x.store.UserBySubject(ctx, f.Issuer, subject)
	known := err == nil
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return store.User{}, err
	case known && account.UPN(u.UPN) != wanted, !known && name != wanted:
		return store.User{}, outcome.Errorf(outcome.FederationWrongAccount, "%s signed in somebody else than was asked for", f.Issuer)
	case known:
		return u, nil
	}
	return x.link(ctx, f, subject, name)
}

func (x *Exchange) link(ctx context.Context, f store.Federation, subject string, name account.UPN) (store.User, error) {
	u, err := x.store.UserByUPN(ctx, string(name))
	if errors.Is(err, store.ErrNotFound) {
		return u, outcome.Errorf(outcome.FederationUserUnknown, "%s vouches for a user that is not here", f.Issuer)
	}
	if err == nil {
		err = x.store.LinkSubject(ctx, f.Issuer, subject, u.ID, x.now())
	}
	if errors.Is(err, store.ErrExists) {
		return u, outcome.Errorf(outcome.FederationWrongAccount, "the account belongs to another subject of %s", f.Issuer)
	}
	return u, err
}
