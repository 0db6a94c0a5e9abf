package cli

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"tallykey/daemon/api"
)

// deed is what a word after "phones" or "registrations" does to one of them.
type deed struct {
	word   string
	more   string // arguments after the id, for the usage
	method string
	params func(id string, more []string) any
	said   string
}

// website says whether a website has heard of a removal; empty where it did not ask to.
func website(r api.Removed) string {
	if r.Website == "" {
		return ""
	}
	t := r.Website.Outcome().En
	return strings.TrimSpace(t.Title + ". " + t.What + " " + t.Remedy)
}

func byID(id string, _ []string) any { return api.ByID{ID: id} }

var phoneDeeds = []deed{
	{"remove", "", api.MethodRemovePhone, byID, "Removed this phone and its registrations."},
	{"rename", " NAME", api.MethodRenamePhone,
		func(id string, more []string) any { return api.Rename{ID: id, Name: more[0]} }, "Renamed. An empty name brings back the phone’s own."},
}

var registrationDeeds = []deed{
	{"remove", "", api.MethodRemoveRegistration, byID, "Removed this registration."},
	{"mode", " choose|type", api.MethodSetMode,
		func(id string, more []string) any { return api.SetMode{ID: id, Mode: more[0]} }, "Changed how the number is asked for."},
	{"restore", "", api.MethodRestore, byID, "This registration is used again."},
}

// do takes "WORD ID [MORE]".
func (e env) do(ctx context.Context, list string, deeds []deed, rest []string, asJSON bool) error {
	for _, d := range deeds {
		if rest[0] != d.word || len(rest) != 2+len(strings.Fields(d.more)) {
			continue
		}
		var done api.Removed // nothing in it, but for a registration that was removed
		if err := call(ctx, d.method, d.params(rest[1], rest[2:]), &done); err != nil {
			return err
		}
		if asJSON {
			return e.printJSON(done)
		}
		_, err := fmt.Fprintln(e.out, strings.TrimSpace(d.said+" "+website(done)))
		return err
	}
	var lines []string
	for _, d := range deeds {
		lines = append(lines, fmt.Sprintf("usage: tallykey %s %s ID%s", list, d.word, d.more))
	}
	return e.wrong(fmt.Errorf("%s", strings.Join(lines, "\n")))
}

func runPhones(ctx context.Context, e env, args []string) error {
	rest, asJSON, err := e.flags("phones", "phones [remove ID | rename ID NAME] [--json]", args, nil)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return e.do(ctx, "phones", phoneDeeds, rest, asJSON)
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
	rest, asJSON, err := e.flags("registrations", "registrations [remove ID | mode ID choose|type | restore ID | renew ID] [--json]", args, nil)
	if err != nil {
		return err
	}
	if len(rest) == 2 && rest[0] == "renew" {
		return e.renew(ctx, rest[1], asJSON)
	}
	if len(rest) > 0 {
		return e.do(ctx, "registrations", registrationDeeds, rest, asJSON)
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
	return table(e, "WEBSITE\tACCOUNT\tPHONE\tNUMBER\tLAST USED\tCREATED\tID", all, func(r api.Registration) string {
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%s", r.RPID, r.Account, r.PhoneName, numberOf(r), day(r.LastUsed), day(r.Created), r.ID)
	})
}

// numberOf says how the number is asked for, or that the website does not take the registration any more.
func numberOf(r api.Registration) string {
	switch {
	case r.Hidden:
		return "hidden by the website"
	case r.Mode == "type":
		return "typed"
	}
	return "chosen"
}

// renew tells where the website lets people renew a registration.
func (e env) renew(ctx context.Context, id string, asJSON bool) error {
	var p api.Page
	if err := call(ctx, api.MethodManage, api.ByID{ID: id}, &p); err != nil {
		return err
	}
	if asJSON {
		return e.printJSON(p)
	}
	_, err := fmt.Fprintf(e.out, "Register again on this page; the old registration goes once the new one is there:\n%s\n", p.URL)
	return err
}

func (e env) tabs() *tabwriter.Writer { return tabwriter.NewWriter(e.out, 0, 8, 2, ' ', 0) }

// day is a date, and a dash where there is none.
func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02")
}
