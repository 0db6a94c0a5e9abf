package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tallykey/daemon/discovery"
	"tallykey/phone/virtual"
)

// discover lists the desktops that announce themselves on the network, as they answer, for a while.
func discover(ctx context.Context, e env, args []string) error {
	var s settings
	wait := 3 * time.Second
	err := e.flags("discover", args, &s, func(f *flag.FlagSet) {
		f.DurationVar(&wait, "for", wait, "how `long` to listen")
		f.BoolVar(&s.json, "json", false, "one JSON object a line")
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, wait)
	defer stop()
	paired, _, _ := virtual.Read(s.state) // for names; without a state nobody has one
	found := 0
	err = discovery.Browse(ctx, func(id string, at []netip.AddrPort) bool {
		found++
		e.found(s.json, id, nameOf(paired, id), at)
		return false
	})
	if err == nil && found == 0 {
		err = errNobody
	}
	return err
}

var errNobody = errors.New("no desktop answers on this network")

// found prints one desktop. The name is the one of the pairing: on the network a desktop has an id only.
func (e env) found(asJSON bool, id, name string, at []netip.AddrPort) {
	if asJSON {
		json.NewEncoder(e.out).Encode(map[string]any{"event": "found", "desktop": id, "name": name, "addresses": at})
		return
	}
	places := make([]string, len(at))
	for i, a := range at {
		places[i] = a.String()
	}
	if name == "" {
		name = "(not paired)"
	}
	fmt.Fprintf(e.out, "%s  %s  %s\n", id, name, strings.Join(places, " "))
}

func nameOf(all []virtual.Desktop, id string) string {
	i := slices.IndexFunc(all, func(d virtual.Desktop) bool { return d.ID == id && !d.Removed && d.Left.IsZero() })
	if i < 0 {
		return ""
	}
	return all[i].Name
}
