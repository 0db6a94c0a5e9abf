package socket

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Peer is the process at the other end of a connection, as the kernel names it.
type Peer struct {
	PID, UID int
}

// SameUser says whether the peer runs as this daemon's user. Root is not: it has its own ways, and its browser is not
// this user's browser.
func (p Peer) SameUser() bool { return p.UID == os.Getuid() }

// LogValue implements slog.LogValuer.
func (p Peer) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("pid", p.PID), slog.Int("uid", p.UID))
}

// browsers maps the name of a browser's main program to what people call it.
var browsers = map[string]string{
	"firefox": "Firefox", "firefox-esr": "Firefox", "firefox-bin": "Firefox", "librewolf": "LibreWolf",
	"chromium": "Chromium", "chromium-browser": "Chromium", "chrome": "Chrome", "google-chrome": "Chrome",
	"msedge": "Edge", "microsoft-edge": "Edge", "brave": "Brave", "brave-browser": "Brave",
	"vivaldi": "Vivaldi", "vivaldi-bin": "Vivaldi", "opera": "Opera",
}

// ancestors is how far up Browser looks: the host is the browser's child, with at most a shell or a sandbox between.
const ancestors = 4

// Browser names the browser that started the peer, by the programs above it; empty if none of them is a known browser.
// It is for the person to read, never to decide on: a program of the same user can start a browser's look-alike.
func (p Peer) Browser() string {
	for pid, i := p.PID, 0; pid > 1 && i < ancestors; i++ {
		if name, ok := browsers[program(pid)]; ok {
			return name
		}
		pid = parent(pid)
	}
	return ""
}

func program(pid int) string {
	path, err := os.Readlink(procPath(pid, "exe"))
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(filepath.Base(path), " (deleted)")
}
