package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"

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

// SocketPath is where the daemon of this user listens: $XDG_RUNTIME_DIR/tallykey/daemon.sock, or below the temporary
// folder in a folder of the user's own where there is no runtime folder.
func SocketPath() string {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "tallykey-"+strconv.Itoa(os.Getuid()))
	}
	return filepath.Join(dir, "tallykey", "daemon.sock")
}

// Client is one connection to the daemon. It is safe for use by several goroutines.
type Client struct {
	rpc    *jrpc2.Client
	events chan Event
}

// Dial connects to the daemon that listens on path. Without one the error is ErrNotRunning.
func Dial(ctx context.Context, path string) (*Client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", ErrNotRunning, path)
	}
	return NewClient(conn), nil
}

// NewClient speaks to the daemon over conn and owns it.
func NewClient(conn net.Conn) *Client {
	c := &Client{events: make(chan Event, 64)}
	c.rpc = jrpc2.NewClient(NewLines(conn, conn), &jrpc2.ClientOptions{
		OnNotify: c.notified,
		OnCancel: func(rpc *jrpc2.Client, rsp *jrpc2.Response) {
			if id, err := strconv.ParseInt(rsp.ID(), 10, 64); err == nil {
				rpc.Notify(context.Background(), MethodCancelCall, CancelCall{id})
			}
		},
		OnStop: func(*jrpc2.Client, error) { close(c.events) },
	})
	return c
}

func (c *Client) notified(req *jrpc2.Request) {
	var e Event
	if req.Method() == NotifyEvent && req.UnmarshalParams(&e) == nil {
		c.events <- e
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
func (c *Client) Close() error { return c.rpc.Close() }
