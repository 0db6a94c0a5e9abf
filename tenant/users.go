package main

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/outcome"
	"tallykey/tenant/policy"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

var userActions = map[string]action{"list": usersList, "add": usersAdd, "disable": usersDisable, "enable": usersEnable,
	"unregister": usersUnregister}

// person is a user as a program gets one.
type person struct {
	ID       string           `json:"id"`
	UPN      string           `json:"upn"`
	Name     string           `json:"name"`
	Disabled bool             `json:"disabled"`
	Phones   int              `json:"phones"`
	Groups   []string         `json:"groups"`
	Policy   *policy.Decision `json:"policy,omitempty"`
	Password string           `json:"password,omitempty"` // of a new one, said once
}

func persons(users []store.User) []person {
	list := []person{}
	for _, u := range users {
		list = append(list, person{ID: u.ID, UPN: u.UPN, Name: u.Name, Disabled: !u.Disabled.IsZero(), Groups: []string{}})
	}
	return list
}

func usersList(*flag.FlagSet) func(*desk) error {
	return func(d *desk) error {
		users, err := d.db.Users(d.ctx)
		if err != nil {
			return err
		}
		list := persons(users)
		for i := range list {
			if err := d.fill(&list[i]); err != nil {
				return err
			}
		}
		return d.show(list, "UPN\tNAME\tSTATE\tPHONES\tPHONE SIGN-IN\tPASSWORD INSTEAD\tGROUPS", func(line func(string, ...any)) {
			for _, p := range list {
				state := "enabled"
				if p.Disabled {
					state = "disabled"
				}
				line("%s\t%s\t%s\t%d\t%s\t%s\t%s", p.UPN, p.Name, state, p.Phones, p.Policy.Phone, p.Policy.Password, word(strings.Join(p.Groups, ", ")))
			}
		})
	}
}

// fill adds what stands in other tables.
func (d *desk) fill(p *person) error {
	phones, err := d.db.Registrations(d.ctx, p.ID)
	if err != nil {
		return err
	}
	groups, err := d.db.GroupsOf(d.ctx, p.ID)
	if err != nil {
		return err
	}
	for _, g := range groups {
		p.Groups = append(p.Groups, g.Name)
	}
	may, err := policy.NewBook(d.db).For(d.ctx, p.ID)
	p.Phones, p.Policy = len(phones), &may
	return err
}

// usersAdd makes a user with a random password, which is said once.
func usersAdd(f *flag.FlagSet) func(*desk) error {
	typed := f.String("upn", "", "`UPN` of the new user, such as dave@contoso.example")
	name := f.String("name", "", "`name` to show; what is before the @ if empty")
	return func(d *desk) error {
		upn, err := account.ParseUPN(*typed)
		if err != nil {
			return fmt.Errorf("%q is not a UPN", *typed)
		}
		if *name == "" {
			*name, _, _ = strings.Cut(string(upn), "@")
		}
		accounts, err := account.NewDirectory(d.ctx, d.db, account.NewHasher(account.DefaultCost), time.Now)
		if err != nil {
			return err
		}
		password := newPassword()
		u, err := accounts.Create(d.ctx, upn, *name, password)
		if errors.Is(err, store.ErrExists) {
			return fmt.Errorf("there is a user %q already", upn)
		}
		if err != nil {
			return err
		}
		if err := d.db.Audit(d.ctx, change("user.add", u.UPN), nil, persons([]store.User{u})[0]); err != nil {
			return err
		}
		p := persons([]store.User{u})[0]
		p.Password = password
		return d.show(p, u.UPN+"  "+password, func(func(string, ...any)) {})
	}
}

func usersDisable(f *flag.FlagSet) func(*desk) error {
	upn := f.String("upn", "", "`UPN`")
	return func(d *desk) error { return d.disable(*upn, "disabled", time.Now()) }
}

func usersEnable(f *flag.FlagSet) func(*desk) error {
	upn := f.String("upn", "", "`UPN`")
	return func(d *desk) error { return d.disable(*upn, "enabled", time.Time{}) }
}

// disable keeps a user from signing in and ends the user's sessions, or with the zero time takes that back.
func (d *desk) disable(upn, done string, at time.Time) error {
	u, err := d.user(upn)
	if err != nil {
		return err
	}
	if err := d.db.DisableUser(d.ctx, u, at, change("user."+strings.TrimSuffix(done, "d"), u.UPN)); err != nil {
		return err
	}
	u.Disabled = at
	return d.show(persons([]store.User{u})[0], done+" "+u.UPN, func(func(string, ...any)) {})
}

// usersUnregister takes all phones from a user, such as one who lost the only one: the password signs in again.
func usersUnregister(f *flag.FlagSet) func(*desk) error {
	upn := f.String("upn", "", "`UPN`")
	return func(d *desk) error {
		u, err := d.user(*upn)
		if err != nil {
			return err
		}
		phones, err := d.db.Registrations(d.ctx, u.ID)
		if err != nil {
			return err
		}
		for _, phone := range phones {
			if err := d.unregister(u, phone); err != nil {
				return err
			}
		}
		return d.show(phones, fmt.Sprintf("unregistered %d phones of %s", len(phones), u.UPN), func(line func(string, ...any)) {
			for _, phone := range phones {
				line("%s\tregistered %s", phone.Name, phone.Created.Format(time.DateOnly))
			}
		})
	}
}

// unregister ends the sessions that the phone began, too.
func (d *desk) unregister(u store.User, phone store.Registration) error {
	e := store.Entry{Time: time.Now(), Request: signin.NewRequest(), UPN: u.UPN, UserID: u.ID, Method: "remove", Code: string(outcome.RegistrationRemoved),
		Detail: "by an admin", Registration: phone.ID}
	if err := d.db.RemoveRegistration(d.ctx, u.ID, phone.ID, nil, e); err != nil {
		return err
	}
	return d.db.Audit(d.ctx, change("user.unregister", u.UPN), map[string]string{"phone": phone.Name}, nil)
}
