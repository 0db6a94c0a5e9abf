package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"
	"unicode"

	"tallykey/tenant/account"
	"tallykey/tenant/store"
)

var groupActions = map[string]action{"list": groupsList, "add": groupsAdd, "remove": groupsRemove, "members": groupsMembers}

func groupsList(*flag.FlagSet) func(*desk) error {
	return func(d *desk) error {
		list, err := d.db.Groups(d.ctx)
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

const maxGroupName = 64

// groupName keeps out what a terminal or a page would not show as it is.
func groupName(s string) (string, error) {
	if s == "" || len(s) > maxGroupName || s != strings.TrimSpace(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", fmt.Errorf("a group's name has 1 to %d printable characters and no blank at its ends", maxGroupName)
	}
	return s, nil
}

func groupsAdd(f *flag.FlagSet) func(*desk) error {
	name := f.String("name", "", "`name` of the new group")
	return func(d *desk) error {
		n, err := groupName(*name)
		if err != nil {
			return err
		}
		id := make([]byte, 16)
		rand.Read(id)
		g := store.Group{ID: hex.EncodeToString(id), Name: n, Created: time.Now().UTC().Truncate(time.Millisecond)}
		err = d.db.CreateGroup(d.ctx, g, change("group.add", named(g)))
		if errors.Is(err, store.ErrExists) {
			return fmt.Errorf("there is a group %q already", n)
		}
		if err != nil {
			return err
		}
		return d.show(g, "added "+named(g), func(func(string, ...any)) {})
	}
}

func named(g store.Group) string { return fmt.Sprintf("group %s (%s)", g.Name, g.ID) }

func groupsRemove(f *flag.FlagSet) func(*desk) error {
	name := f.String("group", "", "`name` or id")
	return func(d *desk) error {
		g, err := d.group(*name)
		if err != nil {
			return err
		}
		if err := d.db.RemoveGroup(d.ctx, g, change("group.remove", named(g))); err != nil {
			return err
		}
		return d.show(g, "removed "+named(g), func(func(string, ...any)) {})
	}
}

// groupsMembers lists who is in a group, after putting some in and taking some out.
func groupsMembers(f *flag.FlagSet) func(*desk) error {
	name := f.String("group", "", "`name` or id")
	add := f.String("add", "", "`UPNs` to put in, with commas between")
	remove := f.String("remove", "", "`UPNs` to take out, with commas between")
	return func(d *desk) error {
		g, err := d.group(*name)
		if err != nil {
			return err
		}
		err = errors.Join(d.each(*add, g, "member.add", d.db.AddMember), d.each(*remove, g, "member.remove", d.db.RemoveMember))
		if err != nil {
			return err
		}
		list, err := d.db.Members(d.ctx, g.ID)
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

// each puts users into a group or takes them out. Who is there already, or not there, is as wanted.
func (d *desk) each(upns string, g store.Group, act string, do func(context.Context, string, store.User, store.Change) error) error {
	for upn := range strings.SplitSeq(upns, ",") {
		if upn == "" {
			continue
		}
		u, err := d.user(upn)
		if err != nil {
			return err
		}
		err = do(d.ctx, g.ID, u, change(act, named(g)))
		if err != nil && !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// user finds an account by what was typed.
func (d *desk) user(typed string) (store.User, error) {
	upn, err := account.ParseUPN(typed)
	if err != nil {
		return store.User{}, fmt.Errorf("%q is not a UPN", typed)
	}
	u, err := d.db.UserByUPN(d.ctx, string(upn))
	if errors.Is(err, store.ErrNotFound) {
		return u, fmt.Errorf("there is no user %q", upn)
	}
	return u, err
}
