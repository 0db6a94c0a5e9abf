package main

import (
	"flag"
	"time"

	"tallykey/tenant/admin"
)

var adminActions = map[string]action{"list": adminsList, "set": adminsSet, "remove": adminsRemove}

// roleOf is an admin as a program gets one.
type roleOf struct {
	admin.Person
	Role  string    `json:"role"`
	Since time.Time `json:"since"`
}

func adminsList(*flag.FlagSet) func(*desk) error {
	return func(d *desk) error {
		list, err := d.Store.Admins(d.ctx)
		if err != nil {
			return err
		}
		out := []roleOf{}
		for _, a := range list {
			out = append(out, roleOf{admin.PersonOf(a.User), a.Role, a.Since})
		}
		return d.show(out, "UPN\tROLE\tSINCE", func(line func(string, ...any)) {
			for _, a := range out {
				line("%s\t%s\t%s", a.UPN, a.Role, a.Since.Format(time.DateOnly))
			}
		})
	}
}

// adminsSet gives a user a role. The first administrator of a tenant is made here.
func adminsSet(f *flag.FlagSet) func(*desk) error {
	upn := f.String("upn", "", "`UPN`")
	role := f.String("role", string(admin.Administrator), "`role`: reader, helpdesk or administrator")
	return func(d *desk) error {
		r, err := admin.ParseRole(*role)
		if err != nil {
			return err
		}
		return d.giveRole(*upn, r, string(r))
	}
}

func adminsRemove(f *flag.FlagSet) func(*desk) error {
	upn := f.String("upn", "", "`UPN`")
	return func(d *desk) error { return d.giveRole(*upn, admin.NoRole, "no admin any more") }
}

func (d *desk) giveRole(upn string, r admin.Role, said string) error {
	u, err := d.User(d.ctx, upn)
	if err != nil {
		return err
	}
	if err := d.SetRole(d.ctx, u, r, d.by); err != nil {
		return err
	}
	return d.say(roleOf{admin.PersonOf(u), string(r), d.Now()}, u.UPN+" is "+said)
}
