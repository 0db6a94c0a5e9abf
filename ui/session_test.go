//go:build desktop

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
	"tallykey/daemon/desktop/desktoptest"
)

// Tests with -tags desktop,production,webkit2_41 show the real window: on an X server of their own with a window manager,
// a session bus and a daemon that says what the test told it. They need the packages xvfb, xfwm4, xdotool, dbus and
// at-spi2-core, and a page that was built (npm run build).

// program is the window program, built once.
var program string

func TestMain(m *testing.M) {
	if _, err := os.Stat("frontend/dist/index.html"); err != nil {
		fmt.Fprintln(os.Stderr, "the page is not built: npm run build -w @tallykey/ui")
		os.Exit(1)
	}
	dir, err := os.MkdirTemp("", "window")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "tallykey-window")
	build := exec.Command("go", "build", "-tags", "desktop,production,webkit2_41", "-o", program, ".")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build of the window:", err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// session is a person's desktop: a screen with a bus and a home, and a daemon.
type session struct {
	*desktoptest.Screen
	t      testing.TB
	daemon *apitest.Server
	env    []string // of the window
}

func startSession(t testing.TB, env ...string) *session {
	t.Helper()
	return sessionOn(t, desktoptest.StartScreen(t, env...))
}

func sessionOn(t testing.TB, screen *desktoptest.Screen) *session {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", screen.Home)
	daemon, err := apitest.Listen(api.SocketPath())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { daemon.Close() })
	return &session{screen, t, daemon, screen.Env}
}

// window is a running window program.
type window struct {
	*session
	cmd   *exec.Cmd
	ended chan error
}

// open starts the window program with the arguments, as the daemon or the person does.
func (s *session) open(args ...string) *window {
	s.t.Helper()
	w := &window{s, exec.Command(program, args...), make(chan error, 1)}
	w.cmd.Env = s.env
	if err := w.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() { w.ended <- w.cmd.Wait() }()
	s.t.Cleanup(func() { w.cmd.Process.Kill() })
	return w
}

// called waits until the window has called the method and returns the id it named.
func (s *session) called(method string) string {
	s.t.Helper()
	return s.call(method).ID
}

// call waits until the window has called the method.
func (s *session) call(method string) apitest.Call {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), desktoptest.LongPatience)
	defer cancel()
	c, err := s.daemon.Await(ctx, method)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// left waits for the window's process to end well.
func (w *window) left() {
	w.t.Helper()
	select {
	case err := <-w.ended:
		if err != nil {
			w.t.Errorf("the window ended with %v", err)
		}
	case <-time.After(desktoptest.LongPatience):
		w.t.Fatal("the window did not close")
	}
}
