package socket

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/handler"

	"tallykey/daemon/api"
)

// A client that leaves, in the middle of a line or with its answer unread, is no news; one that sends what no client sends is.
func TestClientsThatLeave(t *testing.T) {
	const call = `{"jsonrpc":"2.0","id":1,"method":"status"}` + "\n"
	for name, c := range map[string]struct {
		sends string
		warns bool
	}{
		"at once":                     {"", false},
		"in the middle of a line":     {call[:20], false},
		"before the answer":           {call, false},
		"after many, nothing read":    {strings.Repeat(call, 1000), false},
		"after a line without an end": {strings.Repeat(" ", 2<<20), true},
	} {
		t.Run(name, func(t *testing.T) {
			if log := logOf(t, c.sends); strings.Contains(log, "level=WARN") != c.warns {
				t.Errorf("the log says:\n%s", log)
			}
		})
	}
}

// logOf serves one client, who sends something and leaves, and returns the log.
func logOf(t *testing.T, sends string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tk") // t.TempDir is too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s", "daemon.sock")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var log bytes.Buffer
	gone, ended := make(chan bool), make(chan error, 1)
	s := Server{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Methods: func(*Conn) (jrpc2.Assigner, func()) {
			answer := handler.New(func(context.Context) (string, error) { return strings.Repeat("x", 1000), nil })
			return handler.Map{api.MethodStatus: answer}, func() { close(gone) }
		}}
	go func() { ended <- s.Serve(ctx, l) }()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	c.Write([]byte(sends)) // an error is that the server has hung up
	c.Close()
	<-gone
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return log.String()
}
