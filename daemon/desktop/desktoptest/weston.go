//go:build linux

package desktoptest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// StartWeston starts a Wayland compositor (package weston) that shows its screen in a window of this one: mouse and
// keyboard reach it, and pictures are taken of it as ever. It returns the environment of programs that are to know
// nothing but Wayland.
func (s *Screen) StartWeston() (env []string) {
	s.t.Helper()
	const name = "wayland-test"
	s.Start(exec.Command("weston", "--backend=x11-backend.so", "--use-pixman", "--no-config", "--idle-time=0", "--socket="+name,
		"--width=1000", "--height=800", "--log="+filepath.Join(s.Home, "weston.log")))
	s.Await("the compositor", func() bool { _, err := os.Stat(filepath.Join(s.Home, name)); return err == nil })
	for _, e := range s.Env {
		if !strings.HasPrefix(e, "DISPLAY=") {
			env = append(env, e)
		}
	}
	return append(env, "WAYLAND_DISPLAY="+name)
}
