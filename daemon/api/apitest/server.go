// Package apitest is the daemon's local API without a daemon behind it: a server in this process that speaks the real
// protocol over a real socket and says what a test told it to say. It is for tests and pictures of clients: the window,
// the command line, the native messaging host.
//
// It behaves where a client would notice: request.cancel and request.report end the request with the daemon's code,
// pair starts a request of action "pair", removing a phone takes its registrations along, and what a client changes is
// told to every client that watches.
package apitest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/creachadair/jrpc2"

	"tallykey/daemon/api"
)

// Call is one call that a client made. ID is the member "id" of its parameters, empty for methods without one.
type Call struct {
	Method string
	ID     string
	Time   time.Time
	Params json.RawMessage // nil: none
}

// Server is a daemon that knows only what it was told. Its methods may be called from any goroutine.
type Server struct {
	listener net.Listener
	calls    chan Call
	served   sync.WaitGroup

	mu            sync.Mutex // guards the fields that follow
	status        api.Status
	requests      []api.Request
	registrations []api.Registration
	activity      []api.Activity
	failures      map[string]api.Code
	conns         map[*jrpc2.Server]bool // true: it watches
	pages         map[string]string      // by RP ID: what registrations.manage answers
	names         map[string]string      // by id: the phones' own names, of those that were renamed
	pairings      int
	keyring       api.Keyring // but for its Part, which is the status's
	held          *api.Status // what a locked file hides; nil: it is open, or there is none
}

// Listen starts a server on the socket path, making its folder. Close ends it.
func Listen(path string) (*Server, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("apitest: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("apitest: %w", err)
	}
	s := &Server{listener: l, calls: make(chan Call, 1024), status: Status(),
		failures: map[string]api.Code{}, conns: map[*jrpc2.Server]bool{}, pages: Pages(), names: map[string]string{},
		keyring: api.Keyring{Kind: api.KeyringOfDesktop}}
	s.served.Go(s.serve)
	return s, nil
}

func (s *Server) serve() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		rpc := jrpc2.NewServer(s.methods(), &jrpc2.ServerOptions{AllowPush: true})
		s.mu.Lock()
		s.conns[rpc] = false
		s.mu.Unlock()
		rpc.Start(api.NewLines(conn, conn))
		s.served.Go(func() { s.wait(rpc, conn) })
	}
}

func (s *Server) wait(rpc *jrpc2.Server, conn net.Conn) {
	rpc.Wait() // how a client leaves says nothing that a test needs
	conn.Close()
	s.mu.Lock()
	delete(s.conns, rpc)
	s.mu.Unlock()
}

// Close ends every connection, as a daemon that stops does.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	conns := make([]*jrpc2.Server, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	s.mu.Unlock()
	for _, c := range conns {
		c.Stop()
	}
	s.served.Wait()
	return err
}

// Calls are the calls of all clients in their order. At most 1024 are kept for a reader that is late.
func (s *Server) Calls() <-chan Call { return s.calls }

// Await reads Calls until method was called, and returns that call. The error is that of ctx.
func (s *Server) Await(ctx context.Context, method string) (Call, error) {
	for {
		select {
		case c := <-s.calls:
			if c.Method == method {
				return c, nil
			}
		case <-ctx.Done():
			return Call{}, fmt.Errorf("apitest: no call of %s: %w", method, ctx.Err())
		}
	}
}

// Put stores r under its id, in place of an earlier one, and tells every client that watches. An ended request is told
// and forgotten.
func (s *Server) Put(r api.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(r)
}

func (s *Server) put(r api.Request) {
	i := slices.IndexFunc(s.requests, func(o api.Request) bool { return o.ID == r.ID })
	switch {
	case r.State == api.Ended && i >= 0:
		s.requests = slices.Delete(s.requests, i, i+1)
	case i >= 0:
		s.requests[i] = r
	case r.State != api.Ended:
		s.requests = append(s.requests, r)
	}
	s.push(api.Event{Request: &r})
}

// SetPhones replaces the phones and tells every client that watches.
func (s *Server) SetPhones(phones []api.Phone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setPhones(phones)
}

func (s *Server) setPhones(phones []api.Phone) {
	s.status.Phones = phones
	s.push(api.Event{Phones: &phones})
}

// SetStatus replaces what the status method answers, the phones in it included.
func (s *Server) SetStatus(status api.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// SetRegistrations replaces what registrations.list answers and tells every client that watches.
func (s *Server) SetRegistrations(r []api.Registration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setRegistrations(r)
}

func (s *Server) setRegistrations(r []api.Registration) {
	s.registrations = r
	s.push(api.Event{Registrations: &r})
}

// SetActivity replaces what activity.list answers.
func (s *Server) SetActivity(a []api.Activity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.activity = a
}

// Fail makes every later call of method fail with code; an empty code makes it work again.
func (s *Server) Fail(method string, code api.Code) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[method] = code
}

// push tells the clients that watch. Its caller holds mu, which keeps events in order.
func (s *Server) push(e api.Event) {
	for rpc, watches := range s.conns {
		if watches {
			rpc.Notify(context.Background(), api.NotifyEvent, e)
		}
	}
}
