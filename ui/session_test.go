//go:build desktop

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
)

// Tests with -tags desktop,production,webkit2_41 show the real window: on an X server of their own with a window manager,
// a session bus and a daemon that says what the test told it. They need the packages xvfb, xfwm4, xdotool, dbus and
// at-spi2-core, and a page that was built (npm run build).

// patience is how long a test waits for what must happen.
const patience = time.Minute

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

// session is a person's desktop: display, window manager, bus, runtime folder and daemon.
type session struct {
	t      testing.TB
	env    []string
	home   string
	daemon *apitest.Server
}

func startSession(t testing.TB, more ...string) *session {
	t.Helper()
	dir, err := os.MkdirTemp("", "s") // short: the path of a socket holds 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	s := &session{t: t, home: dir, env: []string{"HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8"}}
	s.env = append(s.env, more...)
	s.env = append(s.env, "DISPLAY=:"+s.startX())
	s.env = append(s.env, "DBUS_SESSION_BUS_ADDRESS="+s.start(1, "dbus-daemon", "--session", "--nofork", "--print-address=1"))
	s.startWindowManager()
	if s.daemon, err = apitest.Listen(api.SocketPath()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.daemon.Close() })
	return s
}

// startWindowManager starts xfwm4 and waits until it manages. On a busy machine it may give up because its settings
// daemon was slow to start; then it is started once more.
func (s *session) startWindowManager() {
	s.t.Helper()
	for range 3 {
		cmd := exec.Command("xfwm4", "--compositor=off")
		s.run(cmd)
		for deadline := time.Now().Add(patience / 2); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if s.xdotool("get_desktop") != "" {
				return
			}
		}
		cmd.Process.Kill()
	}
	s.t.Fatal("no window manager")
}

// startX starts an X server on a display that is free and returns its number.
func (s *session) startX() string {
	s.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	s.run(cmd)
	w.Close()
	return s.line(r, "Xvfb")
}

// start starts a program that runs as long as the test; with lines it returns the first one that the program says.
func (s *session) start(lines int, name string, args ...string) string {
	s.t.Helper()
	cmd := exec.Command(name, args...)
	if lines == 0 {
		s.run(cmd)
		return ""
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.run(cmd)
	return s.line(out, name)
}

func (s *session) run(cmd *exec.Cmd) {
	s.t.Helper()
	cmd.Env = s.env
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
}

func (s *session) line(r io.Reader, name string) string {
	s.t.Helper()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		s.t.Fatalf("%s said nothing: %v", name, err)
	}
	return strings.TrimSpace(line)
}

func (s *session) xdotool(args ...string) string {
	cmd := exec.Command("xdotool", args...)
	cmd.Env = s.env
	out, err := cmd.Output()
	if err != nil {
		return "" // there is no window yet, or no more
	}
	return strings.TrimSpace(string(out))
}

// focused waits until the window with the title has the keyboard.
func (s *session) focused(title string) {
	s.t.Helper()
	var active string
	defer func() {
		if active != title {
			s.t.Logf("active is %q; on the screen: %q", active, s.xdotool("search", "--onlyvisible", "--name", ""))
		}
	}()
	s.await("focus", func() bool {
		active = s.xdotool("getactivewindow", "getwindowname")
		return active == title
	})
}

// await waits for what happens in other processes, which tell nobody.
func (s *session) await(what string, happened func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !happened(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
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
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
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
	case <-time.After(patience):
		w.t.Fatal("the window did not close")
	}
}

// picture keeps what the screen shows, where PICTURES names a folder.
func (s *session) picture(name string) {
	dir := os.Getenv("PICTURES")
	if dir == "" {
		return
	}
	cmd := exec.Command("import", "-window", "root", filepath.Join(dir, name+".png"))
	cmd.Env = s.env
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Errorf("picture: %v %s", err, out)
	}
}
