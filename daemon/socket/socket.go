// Package socket serves the daemon's local API: JSON-RPC 2.0 on a Unix socket, on Windows a named pipe, that only the
// same user can open.
//
// The folder is 0700 and the socket 0600, the pipe's access list names this user alone, and each connection's user is
// asked from the kernel besides, so that a mistake in one of the two is caught by the other. A program of the same user is let in: see package api for why that
// is safe.
package socket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/creachadair/jrpc2"

	"tallykey/daemon/api"
)

// ErrRunning means that another daemon of this user listens already.
var ErrRunning = errors.New("another tallykey daemon is running")

// concurrent is how many calls of one connection run at a time. Most of them wait for a person.
const concurrent = 32

// maxConnections bounds what a runaway client can hold.
const maxConnections = 128

// Conn is one client's connection.
type Conn struct {
	Peer Peer
	rpc  *jrpc2.Server
}

// Push sends the client a notification. It fails once the client is gone.
func (c *Conn) Push(ctx context.Context, method string, params any) error {
	return c.rpc.Notify(ctx, method, params)
}

// Server gives every connection its methods.
type Server struct {
	// Methods returns the methods for one connection, and what to do when it is gone.
	Methods func(*Conn) (methods jrpc2.Assigner, gone func())
	Log     *slog.Logger
}

// Serve takes connections until ctx ends, then ends them all with ctx's cause and returns when every one is gone.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var all sync.WaitGroup
	defer all.Wait()
	places := make(chan struct{}, maxConnections)
	for {
		conn, err := l.Accept()
		if err != nil {
			return shutdown(ctx, err)
		}
		select {
		case places <- struct{}{}:
			all.Go(func() {
				defer func() { <-places }()
				s.serve(ctx, conn)
			})
		default:
			s.Log.Warn("too many connections", "limit", maxConnections)
			conn.Close()
		}
	}
}

func shutdown(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (s *Server) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	peer, err := peerOf(conn)
	if err != nil || !peer.SameUser() {
		s.Log.Warn("refused a connection of another user", "peer", peer, "err", err)
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the calls that still wait when the client is gone
	c := &Conn{Peer: peer}
	methods, gone := s.Methods(c)
	defer gone()
	c.rpc = jrpc2.NewServer(withCancel{methods}, &jrpc2.ServerOptions{AllowPush: true, Concurrency: concurrent,
		NewContext: func() context.Context { return ctx }})
	c.rpc.Start(strict{api.NewLines(conn, conn)})
	defer context.AfterFunc(ctx, func() { stopReading(conn) })() // after the answers are out, the server stops reading
	switch err := c.rpc.Wait(); {
	case err == nil || ctx.Err() != nil:
	case left(err):
		s.Log.Debug("a client left", "peer", peer, "err", err)
	default:
		s.Log.Warn("a client broke the protocol", "peer", peer, "err", err)
	}
}

// left says whether an error means no more than that the client is gone, perhaps in the middle of a line or with answers
// unread.
func left(err error) bool {
	for _, gone := range []error{io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed, syscall.EPIPE, syscall.ECONNRESET} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return false
}

// stopReading makes the server see the end of the client's requests. A pipe has no half to close.
func stopReading(conn net.Conn) {
	if c, ok := conn.(interface{ CloseRead() error }); ok {
		c.CloseRead()
		return
	}
	conn.SetReadDeadline(time.Now())
}

// withCancel adds the method that ends one of the connection's own calls.
type withCancel struct{ jrpc2.Assigner }

func (w withCancel) Assign(ctx context.Context, method string) jrpc2.Handler {
	if method == api.MethodCancelCall {
		return cancelCall
	}
	return w.Assigner.Assign(ctx, method)
}

func cancelCall(ctx context.Context, req *jrpc2.Request) (any, error) {
	var p api.CancelCall
	if err := req.UnmarshalParams(&p); err != nil {
		return nil, err
	}
	jrpc2.ServerFromContext(ctx).CancelRequest(fmt.Sprint(p.ID))
	return nil, nil
}

// Fail gives an error its JSON-RPC form: those of the code table carry their row, all others are internal errors of
// JSON-RPC with their text.
func Fail(err error, request string) error {
	var e *api.Error
	if !errors.As(err, &e) {
		return err
	}
	o := e.Code.Outcome()
	return jrpc2.Errorf(api.ErrorCode, "%s", e.Error()).WithData(api.ErrorData{Code: e.Code, Error: o.Error,
		FallThrough: o.FallThrough, Request: request})
}
