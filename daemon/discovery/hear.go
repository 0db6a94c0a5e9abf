package discovery

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"

	"tallykey/phone/link"
)

// Hear calls heard with the id of each desktop that tells its addresses, asked or unasked, until ctx ends. A desktop does so
// unasked when it starts and when its addresses change: for a phone that is a hint to see whether its connection still
// stands, seconds before it would miss an answer. Anybody on the network can make it up. heard is called from several
// goroutines and must not wait.
func Hear(ctx context.Context, heard func(desktop string)) error {
	e := &hearer{heard: heard}
	defer e.close()
	return follow(ctx, nil, e.network)
}

// hearer listens to mDNS and says nothing.
type hearer struct {
	heard   func(string)
	sockets []socket
	reads   sync.WaitGroup
}

// network listens on the networks there are now.
func (e *hearer) network() error {
	if len(e.sockets) == 0 {
		if err := e.open(); err != nil {
			return err
		}
	}
	for _, s := range e.sockets {
		for _, a := range (*Choice)(nil).outside() {
			s.join(&a.Interface) // an error means mostly that it is in already
		}
	}
	return nil
}

func (e *hearer) open() error {
	var errs []error
	for _, open := range []func() (socket, error){open4, open6} {
		s, err := open()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		e.sockets = append(e.sockets, s)
		e.reads.Go(func() { e.read(s) })
	}
	if len(e.sockets) > 0 {
		return nil
	}
	return errors.Join(errs...)
}

func (e *hearer) close() {
	for _, s := range e.sockets {
		s.close()
	}
	e.reads.Wait()
}

func (e *hearer) read(s socket) {
	buffer := make([]byte, maxPacket)
	for fails := 0; fails < maxFails; {
		n, _, _, err := s.read(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if fails++; err != nil {
			continue
		}
		fails = 0
		for _, desktop := range announced(buffer[:n]) {
			e.heard(desktop)
		}
	}
}

// announced lists the desktops of which a packet tells an address.
func announced(packet []byte) (all []string) {
	var p dnsmessage.Parser
	head, err := p.Start(packet)
	if err != nil || !head.Response || p.SkipAllQuestions() != nil {
		return nil
	}
	for range maxKnown {
		h, err := p.AnswerHeader()
		if err != nil {
			return all
		}
		id, ok := desktopOf(strings.ToLower(h.Name.String()))
		address := h.Type == dnsmessage.TypeA || h.Type == dnsmessage.TypeAAAA
		if ok && address && h.TTL > 0 && (len(all) == 0 || all[len(all)-1] != id) {
			all = append(all, id)
		}
		if p.SkipAnswer() != nil {
			return all
		}
	}
	return all
}

// desktopOf is the id in a desktop's host name, which ends with a dot.
func desktopOf(name string) (id string, ok bool) {
	id, tk := strings.CutPrefix(strings.TrimSuffix(name, ".local."), "tk-")
	return id, tk && link.ValidID(id) && link.Hostname(id)+"." == name
}
