// Command tallykey-native-messaging is the native messaging host: the program that a browser starts so that the tallykey
// extension can reach the daemon of the same user. Browsers speak to it through stdin and stdout; it ends with them.
//
// It exits with 0 when the browser closed stdin, 3 when no daemon runs, 4 when the daemon went away, and 1 otherwise. It
// takes no options: what browsers pass as arguments, the extension's origin, is theirs to check, and they do.
//
// Where no daemon runs it says so to the extension before it ends: the notification "host.not_running". A host that ends
// without it was killed, or lost its daemon, and the extension tries another one.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"tallykey/daemon/api"
	"tallykey/native-messaging/frame"
	"tallykey/native-messaging/pipe"
)

const (
	exitFailed     = 1
	exitNotRunning = 3
	exitDaemonGone = 4
)

// notRunning is a JSON-RPC notification, the only message that is the host's own.
const notRunning = `{"jsonrpc":"2.0","method":"host.not_running"}`

func main() { os.Exit(run(os.Stdin, os.Stdout, os.Stderr, api.SocketPath())) }

func run(in io.ReadCloser, out, log io.Writer, socket string) int {
	daemon, err := api.Connect(context.Background(), socket)
	if err != nil {
		fmt.Fprintf(log, "tallykey-native-messaging: %v\n", api.ErrNotRunning)
		frame.NewWriter(out).Write([]byte(notRunning)) // a browser that is gone needs no word
		return exitNotRunning
	}
	err = pipe.Run(in, out, daemon)
	if err != nil {
		fmt.Fprintf(log, "tallykey-native-messaging: %v\n", err)
	}
	return exitCode(err)
}

func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, pipe.ErrDaemonGone):
		return exitDaemonGone
	}
	return exitFailed
}
