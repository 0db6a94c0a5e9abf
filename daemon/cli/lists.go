package cli

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"tallykey/daemon/api"
)

func runPhones(ctx context.Context, e env, args []string) error {
	rest, asJSON, err := e.flags("phones", "phones [remove ID] [--json]", args, nil)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return e.remove(ctx, rest, api.MethodRemovePhone, "phones", "this phone and its registrations")
	}
	var phones []api.Phone
	if err := call(ctx, api.MethodPhones, nil, &phones); err != nil {
		return err
	}
	if asJSON {
		return e.printJSON(phones)
	}
	if len(phones) == 0 {
		_, err := fmt.Fprintln(e.out, "No phone is paired. Pair one: tallykey pair")
		return err
	}
	return table(e, "NAME\tSTATE\tKEYS\tPAIRED\tID", phones, func(p api.Phone) string {
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%s", p.Name, phoneState(p), p.KeyProtection, day(p.Paired), p.ID)
	})
}

func phoneState(p api.Phone) string {
	switch {
	case p.Connected:
		return "connected"
	case p.LastSeen.IsZero():
		return "away"
	}
	return "away since " + p.LastSeen.Local().Format("15:04")
}

func runRegistrations(ctx context.Context, e env, args []string) error {
	rest, asJSON, err := e.flags("registrations", "registrations [remove ID] [--json]", args, nil)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return e.remove(ctx, rest, api.MethodRemoveRegistration, "registrations", "this registration")
	}
	var all []api.Registration
	if err := call(ctx, api.MethodRegistrations, nil, &all); err != nil {
		return err
	}
	if asJSON {
		return e.printJSON(all)
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(e.out, "No registration yet. Register your phone on a website that takes passkeys.")
		return err
	}
	return table(e, "WEBSITE\tACCOUNT\tPHONE\tCREATED\tID", all, func(r api.Registration) string {
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%s", r.RPID, r.Account, r.PhoneName, day(r.Created), r.ID)
	})
}

// remove takes "remove ID".
func (e env) remove(ctx context.Context, rest []string, method, list, what string) error {
	if len(rest) != 2 || rest[0] != "remove" {
		fmt.Fprintf(e.err, "usage: tallykey %s remove ID\n", list)
		return errUsage
	}
	if err := call(ctx, method, api.ByID{ID: rest[1]}, nil); err != nil {
		return err
	}
	_, err := fmt.Fprintf(e.out, "Removed %s.\n", what)
	return err
}

func (e env) tabs() *tabwriter.Writer { return tabwriter.NewWriter(e.out, 0, 8, 2, ' ', 0) }

func day(t time.Time) string { return t.Local().Format("2006-01-02") }
