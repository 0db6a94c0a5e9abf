// Package bus opens connections to D-Bus that belong to their caller alone, and never starts a bus: the connection that
// godbus shares in a process is go-keyring's, which takes any signal on it for the answer to its own prompt, and a bus
// that was started on the way would outlive the program and have a second, empty keyring.
package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"
)

// ErrNone means that this session has no bus.
var ErrNone = errors.New("no session bus")

// Session connects to the session bus. Without one the error wraps ErrNone; any other error is of a bus that is there.
// ctx bounds the connection's whole life, not only its beginning.
func Session(ctx context.Context) (*dbus.Conn, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNone, err)
	}
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}
