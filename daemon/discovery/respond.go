package discovery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Respond answers mDNS questions for the addresses of host, a name like link.Hostname gives it, until ctx ends. An
// answer has the addresses of the network that the question came from, as they are at that moment. When they change
// each network is told unasked, so that a phone connects to the new address at once and not when its cache is old. A
// network that goes away and comes back is joined anew, and one that is not chosen gets no word. on and log may be nil.
func Respond(ctx context.Context, host string, on *Choice, log *slog.Logger) error {
	name, err := dnsmessage.NewName(host + ".")
	if err != nil || !strings.HasSuffix(host, ".local") {
		return fmt.Errorf("discovery: %q is no mDNS host name", host)
	}
	r := &responder{name: name, lower: strings.ToLower(name.String()), on: on, log: logger(log), budgets: map[int]*budget{}}
	defer r.close()
	return follow(ctx, on, func() error { return r.network(ctx) })
}

type responder struct {
	name  dnsmessage.Name
	lower string
	on    *Choice
	log   *slog.Logger
	reads sync.WaitGroup

	mu      sync.Mutex // guards the fields that follow
	sockets []socket
	budgets map[int]*budget // by interface
}

// network makes use of the networks there are now.
func (r *responder) network(ctx context.Context) error {
	err := r.listen()
	r.join()
	r.announce()
	time.AfterFunc(time.Second, func() { // RFC 6762 section 8.3: twice, for the first may be lost
		if ctx.Err() == nil {
			r.announce()
		}
	})
	return err
}

// listen opens the sockets that are not open: IPv6, or all of it, may have been off.
func (r *responder) listen() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for family, open := range map[int]func() (socket, error){4: open4, 6: open6} {
		if slices.ContainsFunc(r.sockets, func(s socket) bool { return s.family() == family }) {
			continue
		}
		s, err := open()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		r.sockets = append(r.sockets, s)
		r.reads.Go(func() { r.read(s) })
	}
	if len(r.sockets) == 0 {
		r.log.Warn("mDNS responder", "err", errors.Join(errs...))
		return errors.Join(errs...)
	}
	return nil
}

func (r *responder) open() []socket {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.sockets)
}

func (r *responder) close() {
	for _, s := range r.open() {
		s.close()
	}
	r.reads.Wait()
}

// join enters the multicast group on every network. The kernel forgets that for an interface that is removed; for the
// others it says that we are in already.
func (r *responder) join() {
	for _, s := range r.open() {
		for _, a := range r.on.outside() {
			if err := s.join(&a.Interface); err != nil {
				r.log.Debug("mDNS group", "interface", a.Name, "err", err)
			}
		}
	}
}

func (r *responder) announce() {
	for _, a := range r.on.outside() {
		packet, ok := announcement(r.name, rank([]attachment{a}))
		if !ok {
			continue
		}
		for _, s := range r.open() {
			if err := s.write(packet, &a.Interface, s.group()); err != nil {
				r.log.Debug("mDNS announcement", "interface", a.Name, "err", err)
			}
		}
	}
}

// read answers what comes in on one socket.
func (r *responder) read(s socket) {
	buffer := make([]byte, maxPacket)
	for fails := 0; fails < maxFails; {
		n, index, from, err := s.read(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			fails++
			continue
		}
		fails = 0
		r.packet(s, buffer[:n], index, from)
	}
	r.log.Warn("mDNS responder stops until the network changes", "family", s.family())
	r.mu.Lock()
	r.sockets = slices.DeleteFunc(r.sockets, func(x socket) bool { return x == s })
	r.mu.Unlock()
	s.close()
}

// packet answers one packet, if it asks for us.
func (r *responder) packet(s socket, data []byte, index int, from netip.AddrPort) {
	q, ok := parseQuestion(data, r.lower)
	if !ok {
		return
	}
	a, ok := network(r.on.outside(), index, from.Addr())
	if !ok || !r.affords(a.Index) {
		return
	}
	legacy := from.Port() != mdnsPort
	answer, ok := q.answer(r.name, rank([]attachment{a}), legacy)
	if !ok {
		return
	}
	to := s.group()
	if legacy || q.unicast {
		to = from
	}
	if err := s.write(answer, &a.Interface, to); err != nil {
		r.log.Debug("mDNS answer", "interface", a.Name, "err", err)
	}
}

// network finds where a question came from. Only neighbours are answered (RFC 6762 section 11): our socket takes
// packets from anywhere, and what our addresses are is nobody else's business. An index of 0 is unknown.
func network(all []attachment, index int, from netip.Addr) (attachment, bool) {
	from = from.WithZone("")
	for _, a := range all {
		if index != 0 && a.Index != index {
			continue
		}
		near := func(p netip.Prefix) bool { return p.Contains(from) }
		if from.IsLinkLocalUnicast() && index != 0 || slices.ContainsFunc(a.prefixes, near) {
			return a, true
		}
	}
	return attachment{}, false
}

// affords bounds the answers on one network. RFC 6762 section 6 wants a second between multicasts of one record; here
// another phone may ask within that second, and must not wait.
func (r *responder) affords(index int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.budgets[index]
	if b == nil {
		b = &budget{}
		r.budgets[index] = b
	}
	return b.take(time.Now())
}

// Answers on one network: so many at once, and one more in each period.
const (
	answersAtOnce = 20
	answerPeriod  = 100 * time.Millisecond
)

type budget struct{ until time.Time }

func (b *budget) take(now time.Time) bool {
	if b.until.Before(now) {
		b.until = now
	}
	if b.until.Sub(now) > (answersAtOnce-1)*answerPeriod {
		return false
	}
	b.until = b.until.Add(answerPeriod)
	return true
}
