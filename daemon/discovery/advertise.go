package discovery

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"runtime"
	"time"

	"github.com/grandcat/zeroconf"

	"tallykey/phone/link"
)

// Service is the DNS-SD service type of a desktop. The instance is the desktop's id, and nothing else is told: TXT has
// the protocol version only.
const Service = "_tallykey._udp"

var errID = errors.New("discovery: not a desktop id")

// retry is how long a failed start waits for its next attempt, where no change of network brings it earlier.
const retry = 30 * time.Second

// Advertise announces the desktop for native phones, on every network that it joins and that is chosen, until ctx ends.
// on and log may be nil.
func Advertise(ctx context.Context, desktop string, port uint16, on *Choice, log *slog.Logger) error {
	if !link.ValidID(desktop) || port == 0 {
		return errID
	}
	a := &advert{desktop: desktop, port: int(port), on: on, log: logger(log)}
	defer a.stop()
	return follow(ctx, on, a.start)
}

func logger(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}

// follow calls do now and after each change of network or choice, until ctx ends; sooner again where it returned an error.
func follow(ctx context.Context, on *Choice, do func() error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	changes, done := on.watch()
	defer done()
	ended := make(chan error, 1)
	go func() { ended <- Watch(ctx, func() { poke(changes) }) }()
	for {
		var again <-chan time.Time
		if do() != nil {
			again = time.After(retry)
		}
		select {
		case err := <-ended:
			return err
		case <-changes:
		case <-again:
		}
	}
}

type advert struct {
	desktop string
	port    int
	on      *Choice
	server  *zeroconf.Server
	log     *slog.Logger
}

func (a *advert) stop() {
	if a.server != nil {
		a.server.Shutdown()
		a.server = nil
	}
}

// start begins anew: zeroconf joins the interfaces that it is given and never looks again.
func (a *advert) start() error {
	a.stop()
	networks := a.on.outside()
	if len(networks) == 0 {
		return nil // zeroconf would take every interface for none; the next change brings another try
	}
	// The host has a label of its own. zeroconf tells addresses with the TTL of two minutes and flushes others: with the
	// name that Respond answers for, phones would keep an old address for that long.
	host := "tks-" + a.desktop
	var err error
	a.server, err = zeroconf.RegisterProxy(a.desktop, Service, "local.", a.port, host, told(networks), []string{"v=1"},
		interfaces(networks))
	if err != nil {
		a.log.Warn("mDNS advertisement", "err", err)
	}
	return err
}

// told are the addresses that zeroconf shall tell. Without any it tells those of the interface that is asked, which is
// right; only Windows does not say which that is.
func told(networks []attachment) []string {
	if runtime.GOOS != "windows" {
		return nil
	}
	var out []string
	for _, a := range rank(networks) {
		out = append(out, a.String())
	}
	return out
}

func interfaces(networks []attachment) []net.Interface {
	out := make([]net.Interface, len(networks))
	for i, n := range networks {
		out[i] = n.Interface
	}
	return out
}
