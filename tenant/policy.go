package main

import (
	"flag"
	"fmt"
	"strings"

	"tallykey/tenant/admin"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

var policyActions = map[string]action{"show": policyShow, "set": policySet}

func word(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// said is a rule in one line, such as "phone=off number=type".
func said(r store.Rule) string {
	var parts []string
	for _, s := range policy.Settings {
		if w := r.Words[string(s.Setting)]; w != "" {
			parts = append(parts, fmt.Sprintf("%s=%s", s.Setting, w))
		}
	}
	return word(strings.Join(parts, " "))
}

func policyShow(*flag.FlagSet) func(*desk) error {
	return func(d *desk) error {
		rules, err := d.Store.Rules(d.ctx)
		if err != nil {
			return err
		}
		if len(rules) == 0 || rules[0].Group != "" {
			rules = append([]store.Rule{{Words: map[string]string{}}}, rules...) // the tenant has its line even when it says nothing
		}
		return d.show(rules, "SCOPE\tSAYS", func(line func(string, ...any)) {
			for _, r := range rules {
				line("%s\t%s", admin.Scope(r), said(r))
			}
		})
	}
}

// policySet changes one rule, or with --dry-run only says for whom something would change.
func policySet(f *flag.FlagSet) func(*desk) error {
	group := f.String("group", "", "`name` or id of the group whose rule it is; the tenant's if empty")
	dry := f.Bool("dry-run", false, "change nothing, say who would be affected")
	typed := map[policy.Setting]*string{}
	for _, s := range policy.Settings {
		typed[s.Setting] = f.String(string(s.Setting), "", fmt.Sprintf("%v, or inherit to say nothing", s.Words))
	}
	return func(d *desk) error {
		e, err := d.edit(*group, typed)
		if err != nil {
			return err
		}
		if *dry {
			affected, err := d.Policy.Affected(d.ctx, e, d.Now())
			if err != nil {
				return err
			}
			return d.showAffected(fmt.Sprintf("would affect %d users; sessions that end: %d", len(affected), policy.Sessions(affected)), map[string]any{"dryRun": true}, affected)
		}
		before, after, affected, err := d.SetPolicy(d.ctx, e, d.by)
		if err != nil {
			return err
		}
		heading := fmt.Sprintf("%s: %s -> %s; affects %d users; sessions that end: %d", admin.Scope(after), said(before), said(after), len(affected), policy.Sessions(affected))
		return d.showAffected(heading, map[string]any{"dryRun": false, "before": before, "after": after}, affected)
	}
}

func (d *desk) edit(group string, typed map[policy.Setting]*string) (e policy.Edit, err error) {
	e.Words = map[policy.Setting]policy.Word{}
	for s, w := range typed {
		switch *w {
		case "":
		case "inherit":
			e.Words[s] = ""
		default:
			if _, e.Words[s], err = policy.Parse(string(s), *w); err != nil {
				return e, fmt.Errorf("--%w", err)
			}
		}
	}
	if len(e.Words) == 0 {
		return e, fmt.Errorf("say at least one setting, such as --phone off")
	}
	if group != "" {
		g, err := d.Group(d.ctx, group)
		if err != nil {
			return e, err
		}
		e.Group, e.Name = g.ID, g.Name
	}
	return e, nil
}

func (d *desk) showAffected(heading string, report map[string]any, affected []policy.Effect) error {
	report["affected"] = affected
	return d.show(report, heading, func(line func(string, ...any)) {
		for _, a := range affected {
			line("%s\t%d devices\t%s", a.UPN, a.Phones, changes(a))
		}
	})
}

func changes(a policy.Effect) string {
	var parts []string
	for _, s := range a.Changed() {
		parts = append(parts, fmt.Sprintf("%s %s -> %s", s, a.Before[s].Word, a.After[s].Word))
	}
	if a.Sessions > 0 {
		parts = append(parts, fmt.Sprintf("sessions that end: %d", a.Sessions))
	}
	return strings.Join(parts, ", ")
}
