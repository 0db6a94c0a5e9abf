package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tallykey/daemon/registration"
)

// indexName is the item that lists the issuers: not every system's keyring can be listed. An issuer is noted before its
// account is there and taken off after it is gone, so an entry may lack its account, and none its entry.
const indexName = "issuers"

func (a *Accounts) issuers(ctx context.Context) ([]string, error) {
	value, err := a.Keyring.Get(ctx, indexName)
	if errors.Is(err, registration.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []string
	_ = json.Unmarshal([]byte(value), &list) // what can't be read lists none, and the next sign-in writes it anew
	return list, nil
}

func (a *Accounts) setIssuers(ctx context.Context, list []string) error {
	slices.Sort(list)
	value, err := json.Marshal(slices.Compact(list))
	if err != nil {
		return err
	}
	if len(value) >= registration.MaxItem {
		return fmt.Errorf("%w: too many sign-ins are kept; end one with: tallykey logout", ErrRefused)
	}
	return a.Keyring.Set(ctx, indexName, string(value))
}

func (a *Accounts) note(ctx context.Context, issuer string) error {
	list, err := a.issuers(ctx)
	if err != nil || slices.Contains(list, issuer) {
		return err
	}
	return a.setIssuers(ctx, append(list, issuer))
}

// drop takes an account away, and then its entry.
func (a *Accounts) drop(ctx context.Context, issuer string) error {
	if err := a.Keyring.Delete(ctx, issuer); err != nil {
		return err
	}
	list, err := a.issuers(ctx)
	if err != nil {
		return err
	}
	return a.setIssuers(ctx, slices.DeleteFunc(list, func(s string) bool { return s == issuer }))
}

// All lists the accounts by issuer. Those of a later version are left out.
func (a *Accounts) All(ctx context.Context) ([]Account, error) {
	issuers, err := a.issuers(ctx)
	if err != nil {
		return nil, err
	}
	var out []Account
	for _, issuer := range issuers {
		one, err := a.Get(ctx, issuer)
		if errors.Is(err, ErrNone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// Forget ends the sign-in: the account goes, and the provider is asked to revoke the refresh token (RFC 7009). The error
// is ErrNone where there is no account; another one says that the provider could not be told, and the account is gone.
func (a *Accounts) Forget(ctx context.Context, issuer string) error {
	unlock, err := a.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	one, err := a.Get(ctx, issuer)
	if err != nil {
		return err
	}
	revoked := a.revoke(ctx, one)
	return errors.Join(a.drop(ctx, issuer), revoked)
}

func (a *Accounts) revoke(ctx context.Context, one Account) error {
	p, ctx, err := discover(ctx, Config{Issuer: one.Issuer, ClientID: one.ClientID, HTTP: a.HTTP})
	if err != nil || p.revoke == "" {
		return err
	}
	form := url.Values{"token": {one.Refresh}, "token_type_hint": {"refresh_token"}, "client_id": {one.ClientID}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.revoke, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := p.cfg.HTTP.Do(r)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrIssuer, brief(err.Error()))
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%w to revoke: %s", ErrRefused, answer.Status)
	}
	return nil
}
