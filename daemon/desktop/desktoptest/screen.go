//go:build linux

package desktoptest

import (
	"bufio"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// LongPatience is how long a test waits for programs that show something: they take seconds to start on a busy machine.
const LongPatience = 2 * time.Minute

// Screen is a person's screen: an X server with a window manager, a home that is empty, and a session bus that starts the
// services which are installed. It needs the packages xvfb, xfwm4, xdotool, dbus and imagemagick.
type Screen struct {
	t    testing.TB
	Home string   // also the runtime folder; its path is short, for a socket's holds 107 bytes
	Bus  string   // address of the session bus
	Env  []string // of every program here
}

// StartScreen shows one screen until the test ends. env is added to the environment.
func StartScreen(t testing.TB, env ...string) *Screen {
	t.Helper()
	return startScreen(t, env, func(s *Screen) string {
		return s.startX("Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset")
	})
}

// twoHeads is the configuration of an X server whose card drives several screens and shows them to nobody. The first
// mode is as wide as both, for this driver's area never grows.
const twoHeads = `Section "ServerFlags"
  Option "AutoAddDevices" "false"
EndSection
Section "Device"
  Identifier "card"
  Driver "dummy"
  VideoRam 65536
EndSection
Section "Monitor"
  Identifier "monitor"
  HorizSync 5.0-1000.0
  VertRefresh 5.0-200.0
  Modeline "both" 150 2560 2600 2640 2700 960 965 970 1000
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
  Monitor "monitor"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Modes "both" "1280x960"
    Virtual 2560 960
  EndSubSection
EndSection
`

// StartTwoScreens shows two screens of 1280 by 960 pixels side by side. It needs the packages xserver-xorg-core,
// xserver-xorg-video-dummy and x11-xserver-utils beside those of StartScreen.
func StartTwoScreens(t testing.TB, env ...string) *Screen {
	t.Helper()
	return startScreen(t, env, func(s *Screen) string {
		config := filepath.Join(s.Home, "xorg.conf")
		if err := os.WriteFile(config, []byte(twoHeads), 0o600); err != nil {
			t.Fatal(err)
		}
		display := s.startX("/usr/lib/xorg/Xorg", "-displayfd", "3", "-config", config, "-configdir", s.Home, "-logfile", config+".log",
			"-novtswitch", "-sharevts", "-nolisten", "tcp", "-noreset")
		s.Run("xrandr", "-d", ":"+display, "--addmode", "DUMMY1", "1280x960")
		s.Run("xrandr", "-d", ":"+display, "--fb", "2560x960", "--output", "DUMMY0", "--mode", "1280x960", "--output", "DUMMY1", "--mode", "1280x960", "--pos", "1280x0")
		s.Run("xrandr", "-d", ":"+display) // looks again at what is connected: to the driver, that is what has a mode
		return display
	})
}

func startScreen(t testing.TB, env []string, startX func(*Screen) string) *Screen {
	t.Helper()
	dir, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Screen{t: t, Home: dir, Env: append([]string{"HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "PATH=" + os.Getenv("PATH"),
		"LANG=C.UTF-8"}, env...)}
	s.Env = append(s.Env, "DISPLAY=:"+startX(s))
	s.Bus = s.startBus()
	s.Env = append(s.Env, "DBUS_SESSION_BUS_ADDRESS="+s.Bus)
	s.startWindowManager()
	return s
}

// startX starts an X server that writes its display's number to its third descriptor.
func (s *Screen) startX(name string, args ...string) string {
	s.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command(name, args...)
	cmd.ExtraFiles = []*os.File{w}
	s.Start(cmd)
	w.Close()
	return s.line(r, name)
}

func (s *Screen) startBus() string {
	s.t.Helper()
	cmd := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.Start(cmd)
	return s.line(out, "dbus-daemon")
}

// startWindowManager starts xfwm4 and waits until it manages. On a busy machine it may give up because its settings
// daemon was slow to start; then it is started once more.
func (s *Screen) startWindowManager() {
	s.t.Helper()
	for range 3 {
		cmd := exec.Command("xfwm4", "--compositor=off")
		s.Start(cmd)
		for deadline := time.Now().Add(LongPatience / 4); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if s.Xdotool("get_desktop") != "" {
				return
			}
		}
		cmd.Process.Kill()
	}
	s.t.Fatal("no window manager")
}

// Start starts a program that ends with the test.
func (s *Screen) Start(cmd *exec.Cmd) {
	s.t.Helper()
	cmd.Env = append(s.Env[:len(s.Env):len(s.Env)], cmd.Env...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
}

func (s *Screen) line(r io.Reader, name string) string {
	s.t.Helper()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		s.t.Fatalf("%s said nothing: %v", name, err)
	}
	return strings.TrimSpace(line)
}

// Run runs a program here and returns what it wrote.
func (s *Screen) Run(name string, args ...string) string {
	s.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = s.Env
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return strings.TrimSpace(string(out))
}

// Xdotool moves mouse and keyboard, and asks for windows; it answers nothing where there is no such window, yet or any
// more.
func (s *Screen) Xdotool(args ...string) string {
	cmd := exec.Command("xdotool", args...)
	cmd.Env = s.Env
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// Await waits for what happens in other programs, which tell nobody.
func (s *Screen) Await(what string, happened func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(LongPatience); !happened(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Picture("waited in vain")
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// Focused waits until the window with the title has the keyboard.
func (s *Screen) Focused(title string) {
	s.t.Helper()
	var active string
	defer func() {
		if active != title {
			s.t.Logf("active is %q; on the screen: %q", active, s.Xdotool("search", "--onlyvisible", "--name", ""))
		}
	}()
	s.Await("focus on "+title, func() bool {
		active = s.Xdotool("getactivewindow", "getwindowname")
		return active == title
	})
}

// Picture keeps what the screen, or a part of it, shows, where PICTURES names a folder.
func (s *Screen) Picture(name string, part ...image.Rectangle) {
	s.t.Helper()
	dir := os.Getenv("PICTURES")
	if dir == "" {
		return
	}
	args := []string{"-window", "root"}
	for _, p := range part {
		args = append(args, "-crop", geometry(p), "+repage")
	}
	s.Run("import", append(args, "-dither", "None", "-colors", "128", "PNG8:"+filepath.Join(dir, name+".png"))...)
}

// geometry is a part of the screen as ImageMagick wants it.
func geometry(r image.Rectangle) string {
	return fmt.Sprintf("%dx%d+%d+%d", r.Dx(), r.Dy(), r.Min.X, r.Min.Y)
}
