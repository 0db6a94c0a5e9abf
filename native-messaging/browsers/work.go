package browsers

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// State is how things stand with one browser.
type State string

// The states. Install leaves Installed, Already, Updated or Everyone; Remove leaves Removed or NotInstalled; List finds
// Installed, Everyone, Stale or NotInstalled, and Refresh makes Updated of Stale. The last three can come from each.
const (
	Installed    State = "installed"
	Everyone     State = "installed for everyone" // by a package of the system, for every user of this machine
	Already      State = "already"
	Updated      State = "updated" // it was stale
	Stale        State = "stale"   // the manifest is there, but not as it should be
	NotInstalled State = "not installed"
	Removed      State = "removed"
	NotFound     State = "not found" // the browser was never used here
	Sandboxed    State = "sandboxed" // the browser can't start programs outside its sandbox
	Failed       State = "failed"
)

// String implements fmt.Stringer.
func (s State) String() string { return string(s) }

// Report says how things stand with one browser.
type Report struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	State    State  `json:"state"`
	Manifest string `json:"manifest,omitempty"` // path
	Detail   string `json:"detail,omitempty"`
	Remedy   string `json:"remedy,omitempty"` // of a sandbox: the way around it
}

// Options choose the browsers.
type Options struct {
	All bool   // also browsers that were never used here
	Dir string // only this Chromium user data folder
}

// ErrNoHost means that the host is not where Env says, so that a manifest would lead nowhere.
var ErrNoHost = errors.New("the native messaging host is missing")

const sandboxNote = "its sandbox does not let it start tallykey"

// portalNote is what a person must know of a browser for which the desktop starts the host. The call gives the permission
// as a click on "Allow" does, for those who clicked something else.
const portalNote = "the desktop asks once whether it may start tallykey"

// What a person must know of a browser for which xdg-native-messaging-proxy starts the host.
const (
	proxyNote   = "from version 157 on it starts tallykey through xdg-native-messaging-proxy, which asks nobody"
	proxyRemedy = "systemctl --user enable --now xdg-native-messaging-proxy"
)

func allow(portal string) string {
	const store = "org.freedesktop.impl.portal.PermissionStore"
	return fmt.Sprintf(`gdbus call --session --dest %s --object-path /org/freedesktop/impl/portal/PermissionStore `+
		`--method %s.SetPermission webextensions true %s %s "['yes']" "<byte 0>"`, store, store, HostName, portal)
}

// Install writes the manifests that are missing or stale. It fails with ErrNoHost before it writes any; what fails for
// one browser stands in its report.
func Install(e Env, o Options) ([]Report, error) {
	if err := checkHost(e.Host); err != nil {
		return nil, err
	}
	return e.each(o, install), nil
}

// Refresh rewrites stale manifests and installs none: for the start of the daemon, whose folder may have moved since. It
// fails with ErrNoHost as Install does.
func Refresh(e Env) ([]Report, error) {
	if err := checkHost(e.Host); err != nil {
		return nil, err
	}
	return e.each(Options{}, refresh), nil
}

// List says how things stand.
func List(e Env, o Options) []Report { return e.each(o, look) }

// Remove removes the manifests, stale ones too.
func Remove(e Env, o Options) []Report { return e.each(o, remove) }

// each runs work for every browser that is there and can start a host.
func (e Env) each(o Options, work func(e Env, b browser, path string) (State, string, error)) []Report {
	reports := make([]Report, 0, len(o.rows()))
	for _, b := range o.rows() {
		r := Report{ID: b.id, Name: b.name, State: NotFound}
		there := o.All || o.Dir != "" || e.used(b)
		switch {
		case b.manifests == "" && e.used(b):
			r.State, r.Detail, r.Remedy = Sandboxed, sandboxNote, b.instead
		case b.manifests != "" && there:
			r.Manifest = filepath.Join(e.path(b.manifests), HostName+".json")
			r.run(work(e, b, r.Manifest))
			r.sandboxed(b)
		}
		reports = append(reports, r)
	}
	return reports
}

// sandboxed adds what a person must do where something else starts the host for the browser.
func (r *Report) sandboxed(b browser) {
	switch {
	case r.Detail != "":
	case b.portal != "":
		r.Detail, r.Remedy = portalNote, allow(b.portal)
	case b.proxied:
		r.Detail, r.Remedy = proxyNote, proxyRemedy
	}
}

func (r *Report) run(state State, detail string, err error) {
	r.State, r.Detail = state, detail
	if err != nil {
		r.State, r.Detail = Failed, err.Error()
	}
}

func look(e Env, b browser, path string) (State, string, error) {
	data, err := present(path)
	switch {
	case err != nil:
		return Failed, "", err
	case data == nil:
		return e.lookForEveryone(b)
	case !bytes.Equal(data, manifestFor(b.family, e.Host)):
		return Stale, staleness(data, e.Host), nil
	case !registered(b, path):
		return Stale, "is not where the browser looks", nil
	}
	if err := checkHost(e.Host); err != nil {
		return Stale, err.Error(), nil
	}
	return Installed, "", nil
}

// lookForEveryone judges the manifest that a package of the system brings. A browser reads it where the person has none.
func (e Env) lookForEveryone(b browser) (State, string, error) {
	if b.everyone == "" {
		return NotInstalled, "", nil
	}
	path := filepath.Join(e.Root, b.everyone, HostName+".json")
	data, err := present(path)
	switch {
	case err != nil || data == nil:
		return NotInstalled, "", nil
	case bytes.Equal(data, manifestFor(b.family, e.Host)):
		return Everyone, path, nil
	}
	return Stale, staleness(data, e.Host) + ", in " + path, nil
}

func install(e Env, b browser, path string) (State, string, error) {
	before, detail, err := look(e, b, path)
	switch before {
	case Installed:
		return Already, "", nil
	case Everyone:
		return Everyone, detail, nil
	case Failed:
		return Failed, "", err
	case Stale:
		detail = "the old one " + detail
	}
	if err := replace(path, manifestFor(b.family, e.Host)); err != nil {
		return Failed, "", err
	}
	if err := register(b, path); err != nil {
		return Failed, "", err
	}
	if before == Stale {
		return Updated, detail, nil
	}
	return Installed, "", nil
}

func refresh(e Env, b browser, path string) (State, string, error) {
	state, detail, err := look(e, b, path)
	if data, _ := present(path); state == Stale && data != nil { // what a package brought is the package's to correct
		return install(e, b, path)
	}
	return state, detail, err
}

func remove(_ Env, b browser, path string) (State, string, error) {
	if err := unregister(b); err != nil {
		return Failed, "", err
	}
	switch err := os.Remove(path); {
	case errors.Is(err, fs.ErrNotExist):
		return NotInstalled, "", nil
	case err != nil:
		return Failed, "", err
	}
	return Removed, "", nil
}

func checkHost(path string) error {
	info, err := os.Stat(path)
	if err != nil || !filepath.IsAbs(path) || info.IsDir() || exe == "" && info.Mode()&0o111 == 0 {
		return fmt.Errorf("%w: no program %q", ErrNoHost, path)
	}
	return nil
}
