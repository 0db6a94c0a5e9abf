package main

import (
	"bytes"
	"flag"
	"os"
	"strings"

	"tallykey/tenant/admin"
	"tallykey/tenant/federation"
)

var federationActions = map[string]action{"list": federationsList, "add": federationsAdd, "remove": federationsRemove}

func federationsList(*flag.FlagSet) func(*desk) error {
	return func(d *desk) error {
		list, err := d.Store.Federations(d.ctx)
		if err != nil {
			return err
		}
		return d.show(list, "DOMAIN\tISSUER\tCLIENT ID\tUPN IS IN", func(line func(string, ...any)) {
			for _, f := range list {
				line("%s\t%s\t%s\t%s", f.Domain, f.Issuer, f.Client, f.Claim)
			}
		})
	}
}

// federationsAdd reads the secret from a file: in the arguments everybody on the machine could read it.
func federationsAdd(f *flag.FlagSet) func(*desk) error {
	var n admin.NewFederation
	f.StringVar(&n.Domain, "domain", "", "`domain` of the UPNs, such as fabrikam.example")
	f.StringVar(&n.Issuer, "issuer", "", "`URL` of the OpenID Provider that signs its users in")
	f.StringVar(&n.Client, "client", "", "client `id` that the provider gave this tenant")
	f.StringVar(&n.Claim, "claim", "preferred_username", "`claim` of the ID token or userinfo that holds the UPN; email counts only where email_verified says so")
	secret := f.String("secret-file", "", "`file` with the client secret; none for a public client")
	issuer := f.String("own-issuer", "http://localhost:8470", "`URL` of this tenant, as given to serve")
	return func(d *desk) error {
		if *secret != "" {
			text, err := os.ReadFile(*secret)
			if err != nil {
				return err
			}
			n.Secret = string(bytes.TrimSpace(text))
		}
		made, err := d.Federate(d.ctx, nil, n, d.by)
		if err != nil {
			return err
		}
		return d.say(made, made.Domain+" is signed in by "+made.Issuer+"\nredirect URI to register there: "+strings.TrimSuffix(*issuer, "/")+federation.Callback)
	}
}

func federationsRemove(f *flag.FlagSet) func(*desk) error {
	domain := f.String("domain", "", "`domain` that becomes the tenant's own again")
	return func(d *desk) error {
		gone, err := d.Defederate(d.ctx, *domain, d.by)
		if err != nil {
			return err
		}
		return d.say(gone, gone.Domain+" is the tenant's own again")
	}
}
