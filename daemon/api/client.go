package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/creachadair/jrpc2"
)

// MethodCancelCall is a notification that ends one of the connection's own calls; its parameters are CancelCall. (A
// method name of our own: JSON-RPC reserves rpc.*.)
const MethodCancelCall = "cancel"

// CancelCall names the call by the id of its JSON-RPC request, which must be a number.
type CancelCall struct {
	ID int64 `json:"id"`
}

// ErrNotRunning means that no daemon listens on the socket.
var ErrNotRunning = errors.New("the tallykey daemon is not running")

// Client is one connection to the daemon. It is safe for use by several goroutines.
type Client struct {
	rpc    *jrpc2.Client
	events chan Event
	close  func() // once: lets go of an event that nobody reads
}

// Dial connects to the daemon that listens on path. Without one the error is ErrNotRunning.
func Dial(ctx context.Context, path string) (*Client, error) {
	conn, err := Connect(ctx, path)
	if err != nil {
		return nil, err
	}
	return NewClient(conn), nil
}

// Connect opens a bare connection to the daemon that listens on path, for programs that hand its lines on. Without one
// the error is ErrNotRunning.
func Connect(ctx context.Context, path string) (net.Conn, error) {
	conn, err := connect(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", ErrNotRunning, path)
	}
	return conn, nil
}

// NewClient speaks to the daemon over conn and owns it.
func NewClient(conn net.Conn) *Client {
	closing := make(chan struct{})
	c := &Client{events: make(chan Event, 64), close: sync.OnceFunc(func() { close(closing) })}
	c.rpc = jrpc2.NewClient(&pushes{NewLines(conn, conn), c.events, closing}, &jrpc2.ClientOptions{
		OnCancel: func(rpc *jrpc2.Client, rsp *jrpc2.Response) {
			if id, err := strconv.ParseInt(rsp.ID(), 10, 64); err == nil {
				rpc.Notify(context.Background(), MethodCancelCall, CancelCall{id})
			}
		},
	})
	return c
}

// pushes takes the daemon's events out of the stream before jrpc2 sees them: it would hand them on in any order, and a
// prompt that ended must not come back.
type pushes struct {
	*Lines
	events  chan<- Event
	closing <-chan struct{}
}

// Recv implements channel.Channel.
func (p *pushes) Recv() ([]byte, error) {
	for {
		line, err := p.Lines.Recv()
		if err != nil {
			close(p.events)
			return nil, err
		}
		var push struct {
			Method string `json:"method"`
			Params Event  `json:"params"`
		}
		if json.Unmarshal(line, &push) != nil || push.Method != NotifyEvent {
			return line, nil
		}
		select {
		case p.events <- push.Params:
		case <-p.closing:
		}
	}
}

// Call calls a method; result may be nil. A failure of the code table comes back as *Error; DaemonStopped where the
// daemon ended under the call.
func (c *Client) Call(ctx context.Context, method string, params, result any) error {
	rsp, err := c.rpc.Call(ctx, method, params)
	if err != nil {
		return c.decodeError(ctx, err)
	}
	if result == nil {
		return nil
	}
	return rsp.UnmarshalResult(result)
}

// decodeError finds the failure's row. A connection that ended under a call, or a call that was cancelled by the other
// side, is a daemon that stopped, in order or killed.
func (c *Client) decodeError(ctx context.Context, err error) error {
	var rpc *jrpc2.Error
	var data ErrorData
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &rpc) && rpc.Code == ErrorCode && json.Unmarshal(rpc.Data, &data) == nil:
		return &Error{Code: data.Code, Detail: rpc.Message}
	case c.rpc.IsStopped() || jrpc2.ErrorCode(err) == jrpc2.Cancelled:
		return &Error{Code: DaemonStopped}
	}
	return err
}

// Watch asks for events and returns what is there now. Read Events from then on, or the connection stalls.
func (c *Client) Watch(ctx context.Context) (Snapshot, error) {
	var s Snapshot
	err := c.Call(ctx, MethodWatch, nil, &s)
	return s, err
}

// Events are those after Watch; the channel closes with the connection.
func (c *Client) Events() <-chan Event { return c.events }

// Close ends the connection and with it every call of it.
func (c *Client) Close() error {
	c.close()
	return c.rpc.Close()
}
