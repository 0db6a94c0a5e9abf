package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"text/tabwriter"

	"tallykey/phone/virtual"
)

func list(_ context.Context, e env, args []string) error {
	var s settings
	err := e.flags("list", args, &s, func(f *flag.FlagSet) { f.BoolVar(&s.json, "json", false, "print JSON") })
	if err != nil {
		return err
	}
	desktops, registrations, err := virtual.Read(s.state)
	if err != nil {
		return err
	}
	if s.json {
		return json.NewEncoder(e.out).Encode(map[string]any{"desktops": desktops, "registrations": registrations})
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, d := range desktops {
		state := "paired"
		if d.Removed {
			state = "removed"
		}
		if !d.Left.IsZero() {
			state = "leaving"
		}
		fmt.Fprintf(w, "desktop\t%s\t%s\t%s\t%s\n", d.Name, state, d.Paired.Local().Format("2006-01-02"), d.ID)
	}
	for _, r := range registrations {
		fmt.Fprintf(w, "account\t%s\t%s\t%s\t%s\n", r.Account, r.RPID, r.Created.Local().Format("2006-01-02"), r.Credential)
	}
	return w.Flush()
}
