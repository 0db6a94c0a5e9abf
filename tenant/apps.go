package main

import (
	"flag"
	"strings"
	"time"

	"tallykey/tenant/admin"
	"tallykey/tenant/oidc"
	"tallykey/tenant/store"
)

var (
	appActions = map[string]action{"list": appsList, "add": appsAdd, "remove": appsRemove}
	keyActions = map[string]action{"list": keysList, "rotate": keysRotate}
)

// uris is a flag that can be given several times.
type uris []string

func (u *uris) String() string     { return strings.Join(*u, " ") }
func (u *uris) Set(s string) error { *u = append(*u, s); return nil }

func appsList(*flag.FlagSet) func(*desk) error {
	return func(d *desk) error {
		list, err := d.Store.Apps(d.ctx)
		if err != nil {
			return err
		}
		return d.show(list, "CLIENT ID\tNAME\tKIND\tREDIRECT URIS", func(line func(string, ...any)) {
			for _, a := range list {
				line("%s\t%s\t%s\t%s", a.ID, a.Name, kindOf(a), strings.Join(a.Redirects, " "))
			}
		})
	}
}

func kindOf(a store.App) string {
	switch {
	case a.Native:
		return "native"
	case a.Secret == nil:
		return "public"
	}
	return "confidential"
}

// settings is what an app has to be told.
type settings struct {
	store.App
	Issuer    string `json:"issuer"`
	Discovery string `json:"discovery"`
	Secret    string `json:"clientSecret,omitempty"` // said once
}

// appsAdd registers an app and prints its settings. The secret is said once.
func appsAdd(f *flag.FlagSet) func(*desk) error {
	var redirects, logouts uris
	name := f.String("name", "", "`name` of the app")
	public := f.Bool("public", false, "the app can keep no secret, such as one in a browser: it gets none, and must use PKCE")
	native := f.Bool("native", false, "the app runs on the user's machine: public, and a loopback redirect may have any port")
	rs256 := f.Bool("rs256", false, "sign its ID tokens with RS256 instead of ES256, for libraries that know nothing else")
	issuer := f.String("issuer", "http://localhost:8470", "`URL` of the tenant, as given to serve")
	f.Var(&redirects, "redirect", "`URI` to which browsers return; several are allowed")
	f.Var(&logouts, "logout", "`URI` to which browsers return after signing out; several are allowed")
	return func(d *desk) error {
		a, secret, err := d.AddApp(d.ctx, admin.NewApp{Name: *name, Redirects: redirects, Logouts: logouts, Public: *public, Native: *native, RS256: *rs256}, d.by)
		if err != nil {
			return err
		}
		s := settings{a, strings.TrimSuffix(*issuer, "/"), strings.TrimSuffix(*issuer, "/") + oidc.Discovery, secret}
		return d.show(s, "registered "+a.Name, func(line func(string, ...any)) {
			line("issuer\t%s", s.Issuer)
			line("discovery\t%s", s.Discovery)
			line("client id\t%s", a.ID)
			if secret != "" {
				line("client secret\t%s", secret)
			}
			line("redirect URIs\t%s", strings.Join(a.Redirects, " "))
			line("ID tokens\tsigned with %s", a.Alg)
			line("scopes\t%s", strings.Join(oidc.Scopes, " "))
		})
	}
}

func appsRemove(f *flag.FlagSet) func(*desk) error {
	id := f.String("id", "", "client `id`")
	return func(d *desk) error {
		a, err := d.App(d.ctx, *id)
		if err != nil {
			return err
		}
		if err := d.RemoveApp(d.ctx, a, d.by); err != nil {
			return err
		}
		return d.say(a, "removed "+a.Name+" and its tokens")
	}
}

func keysList(*flag.FlagSet) func(*desk) error {
	return func(d *desk) error {
		list, err := d.Store.Keys(d.ctx, "sig")
		if err != nil {
			return err
		}
		return d.show(list, "KEY\tALGORITHM\tSINCE\tSTATE", func(line func(string, ...any)) {
			for _, k := range list {
				state := "signs"
				if !k.Retired.IsZero() {
					state = "retired " + k.Retired.Format(time.RFC3339)
				}
				line("%s\t%s\t%s\t%s", k.ID, k.Alg, k.Created.Format(time.RFC3339), state)
			}
		})
	}
}

func keysRotate(*flag.FlagSet) func(*desk) error {
	return func(d *desk) error {
		keys, err := oidc.Rotate(d.ctx, d.Store, time.Now(), store.Change{Time: time.Now(), Actor: string(d.by), Action: "key.rotate"})
		if err != nil {
			return err
		}
		return d.show(keys, "KEY\tALGORITHM\tSTATE", func(line func(string, ...any)) {
			for _, k := range keys {
				line("%s\t%s\tsigns from now on", k.ID, k.Alg)
			}
		})
	}
}
