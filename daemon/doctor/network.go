package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tallykey/daemon/api"
)

// phoneLink checks the UDP port that phones come to.
var phoneLink = withDaemon(func(_ context.Context, e *Exam) []Result {
	p := e.Daemon.Link
	switch {
	case p.Code != "":
		return ofCode(Broken, p.Code, p.Detail)
	case p.State != "ready" && e.Daemon.Keyring.State != "ready":
		return one(Result{State: Skipped, What: "Opens once the keyring does."})
	case p.State != "ready":
		return part(p, Broken, "", "tallykey stop && tallykey daemon &")
	case !e.PortHeld(e.Daemon.Port):
		return broken(fmt.Sprintf("Nothing listens on UDP port %d.", e.Daemon.Port), "tallykey stop && tallykey daemon &")
	}
	return ok(fmt.Sprintf("UDP port %d is open.", e.Daemon.Port))
})

// network checks that phones have an address to come to.
var network = withDaemon(func(_ context.Context, e *Exam) []Result {
	switch {
	case e.Daemon.Port == 0:
		return one(Result{State: Skipped, What: "Known once the phone link is open."})
	case len(e.Daemon.Addresses) == 0:
		return broken("This desktop is in no network: it has no address that a phone could reach.",
			"Connect it to the network that the phone is in: nmcli device status")
	}
	return ok("Phones come to " + strings.Join(e.Daemon.Addresses, ", ") + ".")
})

// multicast checks what finding this desktop by name needs. Phones know the last addresses without it.
func multicast(_ context.Context, e *Exam) []Result {
	if err := e.Multicast(); err != nil {
		return warn(fmt.Sprintf("This desktop can't be found by its name: %v. Phones try the addresses they know.", err),
			"ip link set dev INTERFACE multicast on, for the interface that: ip route show default names")
	}
	return ok("This desktop can be found by its name.")
}

// wall is a firewall: how to see that it is on, and how to let phones through.
type wall struct {
	name string
	on   func(ctx context.Context, e *Exam) bool
	open func(port int) string
}

var walls = []wall{
	{"ufw", func(_ context.Context, e *Exam) bool {
		conf, err := e.ReadFile("/etc/ufw/ufw.conf")
		return err == nil && slices.Contains(strings.Split(strings.ToLower(string(conf)), "\n"), "enabled=yes")
	}, func(port int) string {
		return fmt.Sprintf("sudo ufw allow %d/udp && sudo ufw allow 5353/udp", port)
	}},
	{"firewalld", active("firewalld"), func(port int) string {
		return fmt.Sprintf("sudo firewall-cmd --permanent --add-port=%d/udp --add-port=5353/udp && sudo firewall-cmd --reload", port)
	}},
	{"nftables", active("nftables"), func(port int) string {
		return fmt.Sprintf("sudo nft insert rule inet filter input udp dport '{ %d, 5353 }' accept  (and the same line in /etc/nftables.conf)", port)
	}},
}

// active asks systemd, which needs no rights. The rules themselves are root's to read.
func active(unit string) func(context.Context, *Exam) bool {
	return func(ctx context.Context, e *Exam) bool {
		state, err := e.Command(ctx, "systemctl", "is-active", unit)
		return err == nil && state == "active"
	}
}

// firewall says how to open one that is on. A phone that came through shows that nothing needs to be done.
var firewall = withDaemon(func(ctx context.Context, e *Exam) []Result {
	for _, w := range walls {
		if !w.on(ctx, e) {
			continue
		}
		if slices.ContainsFunc(e.Daemon.Phones, func(p api.Phone) bool { return p.Connected || !p.LastSeen.IsZero() }) {
			return ok(w.name + " is on, and phones come through.")
		}
		if e.Daemon.Port == 0 {
			return one(Result{State: Skipped, What: w.name + " is on; which port to open is known once the phone link is."})
		}
		return warn(fmt.Sprintf("%s is on and may keep phones out; none has come through yet.", w.name), w.open(e.Daemon.Port))
	}
	return ok("No firewall that tallykey knows is on.")
})
