package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// phoneLink checks the UDP port that phones come to.
var phoneLink = withDaemon(func(ctx context.Context, e *Exam) []Result {
	p := e.Daemon.Link
	switch {
	case p.Code != "":
		r := ofCode(Broken, p.Code, p.Detail)
		r[0].Remedy = "See which program has the port: ss -ulpn. End it or choose another port, then: " + e.restartCommand(ctx)
		return r
	case p.State != "ready" && e.Daemon.Keyring.State != "ready":
		return skipped("Opens once the keyring does.")
	case p.State != "ready":
		return part(p, Broken, "", e.restartCommand(ctx))
	case !e.PortHeld(e.Daemon.Port):
		return broken(fmt.Sprintf("Nothing listens on UDP port %d.", e.Daemon.Port), e.restartCommand(ctx))
	case e.Daemon.MovedFrom != 0:
		return warn(fmt.Sprintf("UDP port %d was taken when the daemon started, so it uses %d. A phone learns that when it connects next.",
			e.Daemon.MovedFrom, e.Daemon.Port), fmt.Sprintf("See which program has it: ss -ulpn 'sport = :%d'", e.Daemon.MovedFrom))
	}
	return ok(fmt.Sprintf("UDP port %d is open.", e.Daemon.Port))
})

// endsSoon is how long before its end a certificate is told of.
const endsSoon = 365 * 24 * time.Hour

// certificate checks those that phones pin. One that an earlier version made ends; phones that pair again get one that does
// not.
var certificate = withLink(func(_ context.Context, e *Exam) []Result {
	ends := e.Daemon.LinkEnds
	if ends.IsZero() || ends.Sub(e.Now()) > endsSoon {
		return ok("The certificate of the phone link is good.")
	}
	return warn(fmt.Sprintf("A pairing ends on %s, with the certificate that its phone knows this desktop by.",
		ends.Local().Format(time.DateOnly)), "Before that day pair the phone again: tallykey pair. Its registrations stay.")
})

// network checks that phones have an address to come to.
var network = withLink(func(_ context.Context, e *Exam) []Result {
	missing := slices.DeleteFunc(slices.Clone(e.Daemon.Settings.Interfaces), func(name string) bool {
		return slices.Contains(e.Networks(), name)
	})
	switch {
	case len(e.Daemon.Addresses) == 0 && len(missing) > 0:
		return broken(fmt.Sprintf("Phones can't come in: of the interfaces that you chose none is up (%s).", strings.Join(missing, ", ")),
			"tallykey settings set interfaces=all")
	case len(e.Daemon.Addresses) == 0:
		return broken("This desktop is in no network: it has no address that a phone could reach.",
			"Connect it to the network that the phone is in: nmcli device status")
	case len(missing) > 0:
		return warn(fmt.Sprintf("Of the interfaces that you chose %s is not up.", strings.Join(missing, ", ")), "tallykey settings set interfaces=all")
	}
	return ok("Phones come to " + strings.Join(e.Daemon.Addresses, ", ") + ".")
})

// multicast checks what finding this desktop by name needs. Phones know the last addresses without it.
func multicast(_ context.Context, e *Exam) []Result {
	if err := e.Multicast(); err != nil {
		return warn(fmt.Sprintf("This desktop can't be found by its name: %v. Phones try the addresses they know.", err),
			"ip link set dev INTERFACE multicast on, for the interface that: ip route show default names")
	}
	return ok("Names can be asked for on this network.")
}

// announcement asks for this desktop as a phone does whose last addresses do not answer.
var announcement = withLink(func(ctx context.Context, e *Exam) []Result { return one(e.announced(ctx)) })

// announced asks once in an Exam, for each phone's way needs it, too.
func (e *Exam) announced(ctx context.Context) Result {
	if e.named != nil {
		return *e.named
	}
	r := Result{State: OK, What: "This desktop answers to its name " + e.Daemon.Host + "."}
	switch found, err := e.Resolve(ctx, e.Daemon.Host); {
	case len(e.Daemon.Addresses) == 0 || e.Multicast() != nil:
		r = Result{State: Skipped, What: "Can be looked at once names can be asked for on this network."}
	case err != nil || len(found) == 0:
		r = Result{State: Warning, What: fmt.Sprintf("Nobody answers to the name %s; phones try the addresses they know.", e.Daemon.Host),
			Remedy: "Start the daemon without --no-mdns, and let UDP port 5353 through the firewall."}
	}
	e.named = &r
	return r
}
