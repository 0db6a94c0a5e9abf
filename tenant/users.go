package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"tallykey/tenant/admin"
	"tallykey/tenant/invitation"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

var userActions = map[string]action{"list": usersList, "add": usersAdd, "import": usersImport, "invite": usersInvite,
	"disable": onUser("disabled", (*admin.Office).Disable), "enable": onUser("enabled", (*admin.Office).Enable),
	"dismiss": onUser("took the report back of", (*admin.Office).Dismiss), "unregister": usersUnregister, "password": usersPassword}

// person is a user as a program gets one.
type person struct {
	admin.Person
	Phones   int             `json:"phones"`
	Groups   []string        `json:"groups"`
	Policy   policy.Decision `json:"policy,omitempty"`
	Password string          `json:"password,omitempty"` // of a new one, said once
}

func persons(users []store.User) []person {
	list := []person{}
	for _, u := range users {
		list = append(list, person{Person: admin.PersonOf(u), Groups: []string{}})
	}
	return list
}

func usersList(*flag.FlagSet) func(*desk) error {
	return func(d *desk) error {
		users, err := d.Store.Users(d.ctx)
		if err != nil {
			return err
		}
		list := persons(users)
		for i := range list {
			if err := d.fill(&list[i]); err != nil {
				return err
			}
		}
		return d.show(list, "UPN\tNAME\tSTATE\tDEVICES\tPHONE SIGN-IN\tPASSWORD INSTEAD\tGROUPS", func(line func(string, ...any)) {
			for _, p := range list {
				line("%s\t%s\t%s\t%d\t%s\t%s\t%s", p.UPN, p.Name, state(p), p.Phones, p.Policy[policy.SetPhone].Word, p.Policy[policy.SetInstead].Word,
					word(strings.Join(p.Groups, ", ")))
			}
		})
	}
}

func state(p person) string {
	switch {
	case p.Disabled:
		return "disabled"
	case p.AtRisk:
		return "reported"
	}
	return "enabled"
}

// fill adds what stands in other tables.
func (d *desk) fill(p *person) error {
	phones, err := d.Store.Registrations(d.ctx, p.ID)
	if err != nil {
		return err
	}
	groups, err := d.Store.GroupsOf(d.ctx, p.ID)
	if err != nil {
		return err
	}
	for _, g := range groups {
		p.Groups = append(p.Groups, g.Name)
	}
	p.Policy, err = d.Policy.For(d.ctx, p.ID)
	p.Phones = len(phones)
	return err
}

// usersAdd makes a user with a random password, which is said once, or with none.
func usersAdd(f *flag.FlagSet) func(*desk) error {
	typed := f.String("upn", "", "`UPN` of the new user, such as dave@contoso.example")
	name := f.String("name", "", "`name` to show; what is before the @ if empty")
	without := f.Bool("no-password", false, "give no password: the user comes in by an invitation")
	return func(d *desk) error {
		password := ""
		if !*without {
			password = admin.NewPassword()
		}
		u, err := d.AddUser(d.ctx, *typed, *name, password, d.by)
		if err != nil {
			return err
		}
		p := persons([]store.User{u})[0]
		p.Password = password
		return d.say(p, strings.TrimSpace(u.UPN+"  "+password))
	}
}

// usersImport makes users without a password from a file.
func usersImport(f *flag.FlagSet) func(*desk) error {
	name := f.String("file", "", "CSV `file` with the columns upn, name and groups (\";\" between)")
	return func(d *desk) (err error) {
		file, err := os.Open(*name)
		if err != nil {
			return err
		}
		defer file.Close() // it was only read
		added, there, err := d.Import(d.ctx, file, d.by)
		if err != nil {
			return err
		}
		return d.show(persons(added), fmt.Sprintf("added %d users, %d were there", len(added), there), func(line func(string, ...any)) {
			for _, u := range added {
				line("%s\t%s", u.UPN, u.Name)
			}
		})
	}
}

// invite is what the person gets.
type invite struct {
	store.Invitation
	UPN  string `json:"upn"`
	Link string `json:"link"`
	Pass string `json:"pass"`
}

// usersInvite makes a one-time pass with which a user registers a phone without a password.
func usersInvite(f *flag.FlagSet) func(*desk) error {
	upn := f.String("upn", "", "`UPN`")
	issuer := f.String("issuer", "http://localhost:8470", "`URL` of the tenant, as given to serve")
	life := f.Duration("for", invitation.Life, "how `long` it is good, at most 168h")
	picture := f.Bool("qr", false, "draw the link as a QR code too")
	return func(d *desk) error {
		u, err := d.User(d.ctx, *upn)
		if err != nil {
			return err
		}
		i, pass, err := d.Invite(d.ctx, u, *life, d.by)
		if err != nil {
			return err
		}
		out := invite{i, u.UPN, invitation.Link(*issuer, pass), pass}
		if *picture && !d.json {
			code, err := invitation.Text(out.Link)
			if err != nil {
				return err
			}
			fmt.Fprintln(d.out, code)
		}
		return d.show(out, "invited "+u.UPN, func(line func(string, ...any)) {
			line("link\t%s", out.Link)
			line("one-time pass\t%s", pass)
			line("good until\t%s", i.Expires.Format("2006-01-02 15:04 UTC"))
		})
	}
}

// onUser is a command that does one thing to one user.
func onUser(done string, do func(*admin.Office, context.Context, store.User, admin.By) error) action {
	return func(f *flag.FlagSet) func(*desk) error {
		upn := f.String("upn", "", "`UPN`")
		return func(d *desk) error {
			u, err := d.User(d.ctx, *upn)
			if err != nil {
				return err
			}
			if err := do(d.Office, d.ctx, u, d.by); err != nil {
				return err
			}
			if u, err = d.Store.User(d.ctx, u.ID); err != nil {
				return err
			}
			return d.say(persons([]store.User{u})[0], done+" "+u.UPN)
		}
	}
}

// usersUnregister takes all devices from a user, such as one who lost the only one: the password signs in again.
func usersUnregister(f *flag.FlagSet) func(*desk) error {
	upn := f.String("upn", "", "`UPN`")
	return func(d *desk) error {
		u, err := d.User(d.ctx, *upn)
		if err != nil {
			return err
		}
		phones, err := d.Store.Registrations(d.ctx, u.ID)
		if err != nil {
			return err
		}
		for _, phone := range phones {
			if err := d.Unregister(d.ctx, u, phone, d.by); err != nil {
				return err
			}
		}
		return d.show(phones, fmt.Sprintf("unregistered %d devices of %s", len(phones), u.UPN), func(line func(string, ...any)) {
			for _, phone := range phones {
				line("%s\tregistered %s", phone.Name, phone.Created.Format(time.DateOnly))
			}
		})
	}
}
