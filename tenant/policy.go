package main

import (
	"flag"
	"fmt"

	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

var policyActions = map[string]action{"show": policyShow, "set": policySet}

// scope names a rule's group in a table.
func scope(r store.Rule) string {
	if r.Group == "" {
		return "tenant"
	}
	return fmt.Sprintf("group %s (%s)", r.Name, r.Group)
}

func word(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func policyShow(*flag.FlagSet) func(*desk) error {
	return func(d *desk) error {
		rules, err := d.db.Rules(d.ctx)
		if err != nil {
			return err
		}
		if len(rules) == 0 || rules[0].Group != "" {
			rules = append([]store.Rule{{}}, rules...) // the tenant has its line even when it says nothing
		}
		return d.show(rules, "SCOPE\tPHONE\tPASSWORD INSTEAD", func(line func(string, ...any)) {
			for _, r := range rules {
				line("%s\t%s\t%s", scope(r), word(r.Phone), word(r.Password))
			}
		})
	}
}

// policySet changes one rule, or with --dry-run only says for whom something would change.
func policySet(f *flag.FlagSet) func(*desk) error {
	group := f.String("group", "", "`name` or id of the group whose rule it is; the tenant's if empty")
	phone := f.String("phone", "", "off, optional, required, or inherit to say nothing")
	password := f.String("password", "", "on, off, or inherit to say nothing: whether who has a phone may use the password instead")
	dry := f.Bool("dry-run", false, "change nothing, say who would be affected")
	return func(d *desk) error {
		e, err := d.edit(*group, *phone, *password)
		if err != nil {
			return err
		}
		book := policy.NewBook(d.db)
		affected, err := book.Affected(d.ctx, e)
		if err != nil {
			return err
		}
		var before, after store.Rule
		if !*dry {
			target := scope(store.Rule{Group: e.Group, Name: e.Name})
			if before, after, err = book.Set(d.ctx, e, change("policy.set", target)); err != nil {
				return err
			}
		}
		return d.showSet(*dry, before, after, affected)
	}
}

func (d *desk) edit(group, phone, password string) (e policy.Edit, err error) {
	if phone == "" && password == "" {
		return e, fmt.Errorf("say --phone, --password or both")
	}
	if group != "" {
		g, err := d.group(group)
		if err != nil {
			return e, err
		}
		e.Group, e.Name = g.ID, g.Name
	}
	if e.Phone, err = said(phone, policy.ParsePhone); err != nil {
		return e, fmt.Errorf("--phone: %w", err)
	}
	if e.Password, err = said(password, policy.ParsePassword); err != nil {
		return e, fmt.Errorf("--password: %w", err)
	}
	return e, nil
}

func said[W ~string](s string, parse func(string) (W, error)) (*W, error) {
	switch s {
	case "":
		return nil, nil
	case "inherit":
		return new(W), nil
	}
	w, err := parse(s)
	return &w, err
}

func (d *desk) showSet(dry bool, before, after store.Rule, affected []policy.Effect) error {
	report := map[string]any{"dryRun": dry, "affected": affected}
	heading := fmt.Sprintf("would affect %d users", len(affected))
	if !dry {
		report["before"], report["after"] = before, after
		heading = fmt.Sprintf("%s: phone %s -> %s, password %s -> %s; affects %d users", scope(after),
			word(before.Phone), word(after.Phone), word(before.Password), word(after.Password), len(affected))
	}
	return d.show(report, heading, func(line func(string, ...any)) {
		for _, a := range affected {
			line("%s\t%d phones\tphone %s -> %s\tpassword %s -> %s", a.UPN, a.Phones, a.Before.Phone, a.After.Phone, a.Before.Password, a.After.Password)
		}
	})
}
