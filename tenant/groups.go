package main

import (
	"context"
	"flag"
	"strings"
	"time"

	"tallykey/tenant/admin"
	"tallykey/tenant/store"
)

var groupActions = map[string]action{"list": groupsList, "add": groupsAdd, "remove": groupsRemove, "members": groupsMembers}

func groupsList(*flag.FlagSet) func(*desk) error {
	return func(d *desk) error {
		list, err := d.Store.Groups(d.ctx)
		if err != nil {
			return err
		}
		return d.show(list, "ID\tNAME\tCREATED", func(line func(string, ...any)) {
			for _, g := range list {
				line("%s\t%s\t%s", g.ID, g.Name, g.Created.Format(time.DateOnly))
			}
		})
	}
}

func groupsAdd(f *flag.FlagSet) func(*desk) error {
	name := f.String("name", "", "`name` of the new group")
	return func(d *desk) error {
		g, err := d.AddGroup(d.ctx, *name, d.by)
		if err != nil {
			return err
		}
		return d.say(g, "added "+admin.Named(g))
	}
}

func groupsRemove(f *flag.FlagSet) func(*desk) error {
	name := f.String("group", "", "`name` or id")
	return func(d *desk) error {
		g, err := d.Group(d.ctx, *name)
		if err != nil {
			return err
		}
		if err := d.RemoveGroup(d.ctx, g, d.by); err != nil {
			return err
		}
		return d.say(g, "removed "+admin.Named(g))
	}
}

// groupsMembers lists who is in a group, after putting some in and taking some out.
func groupsMembers(f *flag.FlagSet) func(*desk) error {
	name := f.String("group", "", "`name` or id")
	add := f.String("add", "", "`UPNs` to put in, with commas between")
	remove := f.String("remove", "", "`UPNs` to take out, with commas between")
	return func(d *desk) error {
		g, err := d.Group(d.ctx, *name)
		if err != nil {
			return err
		}
		if err := d.each(*add, g, d.Join); err != nil {
			return err
		}
		if err := d.each(*remove, g, d.Leave); err != nil {
			return err
		}
		list, err := d.Store.Members(d.ctx, g.ID)
		if err != nil {
			return err
		}
		return d.show(persons(list), "UPN\tNAME", func(line func(string, ...any)) {
			for _, u := range list {
				line("%s\t%s", u.UPN, u.Name)
			}
		})
	}
}

// each puts users into a group or takes them out.
func (d *desk) each(upns string, g store.Group, do func(context.Context, store.Group, store.User, admin.By) error) error {
	for upn := range strings.SplitSeq(upns, ",") {
		if upn == "" {
			continue
		}
		u, err := d.User(d.ctx, upn)
		if err != nil {
			return err
		}
		if err := do(d.ctx, g, u, d.by); err != nil {
			return err
		}
	}
	return nil
}
