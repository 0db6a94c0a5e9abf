// Package browsers tells browsers where the native messaging host is. Each browser looks for a manifest, a small JSON
// file, in a folder of its own; this package knows the folders and writes, judges and removes the manifests.
//
// It writes only for browsers whose profile folder exists, and only below the person's home folder. A manifest lets the
// named extensions start the host, nothing else; any program of the same user could start it anyway.
package browsers

import (
	"os"
	"path/filepath"
)

// HostName is the name under which the extension asks for the host.
const HostName = "org.tallykey.host"

// The ids of the extension. The first follows from the public key in extension/chromium-key.txt.
const (
	ChromiumID = "oolkaolkhnpjlnoffpflgfiejhdeegdg"
	FirefoxID  = "tallykey@tallykey.example"
)

// Program is the file name of the host.
const Program = "tallykey-native-messaging"

// Env is where things are on this machine.
type Env struct {
	Home   string // the person's home folder
	Config string // the folder in which programs keep their settings: $XDG_CONFIG_HOME on Linux
	Host   string // absolute path of the host
	Root   string // of the folders that all users share; empty: that of the system
}

// UserEnv is the Env of the person who runs the program. The host is expected beside the program.
func UserEnv() (Env, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Env{}, err
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return Env{}, err
	}
	program, err := os.Executable()
	if err != nil {
		return Env{}, err
	}
	return Env{Home: home, Config: config, Host: filepath.Join(filepath.Dir(program), Program+exe)}, nil
}

// A family of browsers reads the same form of manifest.
type family string

const (
	chromium family = "chromium"
	firefox  family = "firefox"
)

func (f family) String() string { return string(f) }

// A browser is one row of the table. Paths begin with "~" for Env.Home or "$" for Env.Config.
type browser struct {
	id        string
	name      string
	family    family
	profiles  []string // it was used if one of these folders exists
	manifests string   // where it looks; empty for a browser in a sandbox, which can't start a host
	registry  string   // Windows: the key below HKEY_CURRENT_USER that names the manifest
	everyone  string   // where it looks for the manifests of every user, after the person's own; empty: not known
	instead   string   // of a browser in a sandbox: where to get it without one
	portal    string   // the browser's name to the desktop portal that starts hosts for it; empty: it needs none
	proxied   bool     // a service of the session starts hosts for it: xdg-native-messaging-proxy
}

// path resolves a path of the table.
func (e Env) path(p string) string {
	switch p[0] {
	case '~':
		return filepath.Join(e.Home, filepath.FromSlash(p[1:]))
	case '$':
		return filepath.Join(e.Config, filepath.FromSlash(p[1:]))
	}
	return p
}

// used reports whether one of the browser's profile folders exists.
func (e Env) used(b browser) bool {
	for _, p := range b.profiles {
		if info, err := os.Stat(e.path(p)); err == nil && info.IsDir() {
			return true
		}
	}
	return false
}

// rows is what to work on: the table, or the one folder that was named. Such a folder is a Chromium user data folder,
// as with --user-data-dir: Chromium then looks for user-level hosts there and nowhere else.
func (o Options) rows() []browser {
	if o.Dir == "" {
		return table
	}
	return []browser{{id: "dir", name: o.Dir, family: chromium, manifests: filepath.Join(o.Dir, "NativeMessagingHosts")}}
}
