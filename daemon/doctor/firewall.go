package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tallykey/daemon/api"
)

// verdict is what a firewall does with what phones send.
type verdict string

const (
	off     verdict = "off"
	unknown verdict = "unknown" // it is on, and its rules are root's to read
	open    verdict = "open"
	closed  verdict = "closed"
)

// String implements fmt.Stringer.
func (v verdict) String() string { return string(v) }

// wall is a firewall: what it does with a UDP port, and the command that opens it.
type wall struct {
	name string
	look func(ctx context.Context, e *Exam, port int) (verdict, string)
}

// walls in the order in which they are asked: the first two write rules for the third.
var walls = []wall{{"ufw", ufw}, {"firewalld", firewalld}, {"nftables", nftables}}

// firewall looks at the rules where they can be read. Elsewhere a phone that came through shows that nothing needs to be
// done.
var firewall = withDaemon(func(ctx context.Context, e *Exam) []Result {
	for _, w := range walls {
		v, remedy := w.look(ctx, e, e.Daemon.Port)
		switch {
		case v == off:
			continue
		case e.Daemon.Port == 0:
			return skipped(w.name + " is on; which port to open is known once the phone link is.")
		case v == closed:
			return broken(fmt.Sprintf("%s is on and keeps phones out: it drops what comes to UDP port %d.", w.name, e.Daemon.Port), remedy)
		case v == open:
			return ok(fmt.Sprintf("%s is on and lets UDP port %d through.", w.name, e.Daemon.Port))
		case e.cameThrough():
			return ok(w.name + " is on, and phones come through.")
		}
		return warn(fmt.Sprintf("%s is on and may keep phones out; none has come through yet.", w.name), remedy)
	}
	return ok("No firewall that tallykey knows is on.")
})

func (e *Exam) cameThrough() bool {
	return slices.ContainsFunc(e.Daemon.Phones, func(p api.Phone) bool { return p.Connected || !p.LastSeen.IsZero() })
}

// ufw tells everybody whether it is on, and nobody but root its rules.
func ufw(_ context.Context, e *Exam, port int) (verdict, string) {
	conf, err := e.ReadFile("/etc/ufw/ufw.conf")
	if err != nil || !slices.Contains(strings.Fields(strings.ToLower(string(conf))), "enabled=yes") {
		return off, ""
	}
	remedy := fmt.Sprintf("sudo ufw allow %d/udp && sudo ufw allow 5353/udp", port)
	rules, err := e.ReadFile("/etc/ufw/user.rules")
	switch {
	case err != nil:
		return unknown, remedy
	case strings.Contains(string(rules), fmt.Sprintf("-p udp --dport %d -j ACCEPT", port)):
		return open, ""
	}
	return closed, remedy
}

// firewalld answers everybody who is logged in at the machine.
func firewalld(ctx context.Context, e *Exam, port int) (verdict, string) {
	remedy := fmt.Sprintf("sudo firewall-cmd --permanent --add-port=%d/udp --add-port=5353/udp && sudo firewall-cmd --reload", port)
	switch answer, err := e.Command(ctx, "firewall-cmd", "--query-port", fmt.Sprintf("%d/udp", port)); {
	case answer == "yes" && err == nil:
		return open, ""
	case answer == "no":
		return closed, remedy
	}
	if e.active(ctx, "firewalld") {
		return unknown, remedy
	}
	return off, ""
}

// active asks systemd, which needs no rights.
func (e *Exam) active(ctx context.Context, unit string) bool {
	state, err := e.Command(ctx, "systemctl", "is-active", unit)
	return err == nil && state == "active"
}

// nftables reads the rules where it may: as root.
func nftables(ctx context.Context, e *Exam, port int) (verdict, string) {
	rules, err := e.Command(ctx, "nft", "list", "ruleset")
	if err != nil {
		if e.active(ctx, "nftables") {
			return unknown, openIn("inet filter input", port)
		}
		return off, ""
	}
	v, at := judge(rules, port)
	return v, openIn(at, port)
}

func openIn(chain string, port int) string {
	return fmt.Sprintf("sudo nft insert rule %s udp dport '{ %d, 5353 }' accept  # and the same line in /etc/nftables.conf", chain, port)
}

// judge reads a ruleset as nft prints it: what its chains for incoming packets do with a UDP port. The first one that
// closes it decides, and at names it.
func judge(rules string, port int) (v verdict, at string) {
	v = off
	for _, c := range inputChains(rules) {
		switch c.judge(port) {
		case closed:
			return closed, c.name
		case unknown:
			v, at = unknown, c.name
		case open:
			if v == off {
				v, at = open, c.name
			}
		}
	}
	return v, at
}

// chain is one for incoming packets.
type chain struct {
	name  string // family, table and chain
	drops bool   // policy
	rules []string
}

func inputChains(rules string) (all []chain) {
	var table, name string
	input := -1
	for line := range strings.Lines(rules) {
		words := strings.Fields(line)
		switch {
		case len(words) == 4 && words[0] == "table":
			table = words[1] + " " + words[2]
		case len(words) == 3 && words[0] == "chain":
			name, input = table+" "+words[1], -1
		case strings.Contains(line, "hook input"):
			all = append(all, chain{name: name, drops: strings.Contains(line, "policy drop")})
			input = len(all) - 1
		case len(words) > 0 && words[0] != "}" && input >= 0:
			all[input].rules = append(all[input].rules, strings.Join(words, " "))
		}
	}
	return all
}

// judge goes through the rules until one decides on every packet. A rule that it can't read leaves the end unknown.
func (c chain) judge(port int) verdict {
	jumps := false
	for _, rule := range c.rules {
		names, err := portsOf(rule)
		switch {
		case err == nil && names.has(port) && strings.HasSuffix(rule, "accept"), rule == "accept":
			return open
		case err == nil && names.has(port), rule == "drop", strings.HasPrefix(rule, "reject"):
			return closed
		case strings.Contains(rule, "jump ") || strings.Contains(rule, "goto "):
			jumps = true
		}
	}
	switch {
	case jumps:
		return unknown
	case c.drops:
		return closed
	}
	return open
}

// ports are ranges of them, both ends included.
type ports [][2]int

func (p ports) has(port int) bool {
	return slices.ContainsFunc(p, func(r [2]int) bool { return r[0] <= port && port <= r[1] })
}

var errNoPorts = errors.New("no UDP ports")

// portsOf reads the ports of a rule that begins with them: "udp dport { 5353, 47000-47999 } accept".
func portsOf(rule string) (out ports, err error) {
	list, ok := strings.CutPrefix(rule, "udp dport ")
	if !ok {
		return nil, errNoPorts
	}
	if inner, ok := strings.CutPrefix(list, "{"); ok {
		list, _, _ = strings.Cut(inner, "}")
	} else {
		list, _, _ = strings.Cut(list, " ")
	}
	for item := range strings.SplitSeq(list, ",") {
		var from, to int
		switch n, _ := fmt.Sscanf(strings.TrimSpace(item), "%d-%d", &from, &to); n {
		case 1:
			out = append(out, [2]int{from, from})
		case 2:
			out = append(out, [2]int{from, to})
		default:
			return nil, errNoPorts // a name, or "!="
		}
	}
	return out, nil
}
