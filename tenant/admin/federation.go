package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/federation"
	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// NewFederation is what an admin says about a domain that another OpenID Provider answers for.
type NewFederation struct {
	Domain string
	Issuer string
	Client string
	Secret string // empty: a public client
	Claim  string // that holds the UPN
}

// Federate hands a domain's sign-ins to an issuer, after reading what that says of itself. The users of the domain have no
// password here from now on. A nil client is one with deadlines and limits. The error carries domain_invalid,
// domain_exists, issuer_invalid or name_invalid.
func (o *Office) Federate(ctx context.Context, client *http.Client, n NewFederation, by By) (f store.Federation, err error) {
	domain := strings.ToLower(n.Domain)
	if _, err := account.ParseUPN("x@" + domain); err != nil {
		return f, outcome.Errorf(outcome.DomainInvalid, "%q is no domain", n.Domain)
	}
	for _, s := range []string{n.Client, n.Claim} {
		if _, err := Name(s); err != nil {
			return f, outcome.Errorf(outcome.NameInvalid, "the client id and the claim have 1 to %d printable characters", maxName)
		}
	}
	if err := federation.Check(ctx, client, n.Issuer); err != nil {
		return f, outcome.Errorf(outcome.IssuerInvalid, "%s", err)
	}
	f = store.Federation{Domain: domain, Issuer: n.Issuer, Client: n.Client, Secret: n.Secret, Claim: n.Claim, Created: o.Now().UTC().Truncate(time.Millisecond)}
	err = o.Store.CreateFederation(ctx, f, o.change(by, "federation.add", "domain "+domain))
	if errors.Is(err, store.ErrExists) {
		err = outcome.Errorf(outcome.DomainExists, "%s is federated already", domain)
	}
	return f, err
}

// Defederate makes a domain the tenant's own again. The error carries domain_unknown.
func (o *Office) Defederate(ctx context.Context, domain string, by By) (store.Federation, error) {
	f, err := o.Store.Federation(ctx, strings.ToLower(domain))
	if err == nil {
		err = o.Store.RemoveFederation(ctx, f, o.change(by, "federation.remove", "domain "+f.Domain))
	}
	if errors.Is(err, store.ErrNotFound) {
		err = outcome.Errorf(outcome.DomainUnknown, "%q is not federated", domain)
	}
	return f, err
}
