//go:build !windows

package api

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// SocketPath is where the daemon of this user listens: $XDG_RUNTIME_DIR/tallykey/daemon.sock, or below the temporary
// folder in a folder of the user's own where there is no runtime folder. On Windows it is a named pipe.
func SocketPath() string {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "tallykey-"+strconv.Itoa(os.Getuid()))
	}
	return filepath.Join(dir, "tallykey", "daemon.sock")
}

func connect(ctx context.Context, path string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "unix", path)
}
