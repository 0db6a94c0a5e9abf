//go:build linux

package breaking

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"tallykey/daemon/doctor"
)

// breakage is one thing that is broken on a machine where all is well, and then repaired.
type breakage struct {
	check string // of doctor.Checks
	name  string
	shows string // the result's name, where it is not the check's
	harm  func(m *machine)
	state doctor.State
	says  string // in What
	do    string // in Remedy
	mend  func(m *machine)
	// also are checks that can't be well then, either: the network is gone, and with it the phone.
	also []string
}

// remedy runs the command that the doctor names.
func remedy(m *machine, r doctor.Result) { m.run(r.Remedy) }

// breakages are in an order in which each leaves the machine as it was.
func breakages() (all []breakage) {
	for _, some := range [][]breakage{files, inBrowsers, daemons, parts, networks, firewalls, choices, phones} {
		all = append(all, some...)
	}
	return all
}

func TestEveryCheckFindsWhatIsBroken(t *testing.T) {
	m := newMachine(t)
	m.well()
	for _, b := range breakages() {
		if ok := t.Run(b.check+"/"+b.name, func(t *testing.T) {
			defer func(outer testing.TB) { m.t = outer }(m.t)
			m.t = t
			b.try(m)
		}); !ok {
			return // what stays broken would be found by each that follows
		}
	}
}

func (b breakage) try(m *machine) {
	m.t.Helper()
	b.harm(m)
	var found map[string]doctor.Result
	var got doctor.Result
	name := b.shows
	if name == "" {
		name = b.check
	}
	defer func() {
		if m.t.Failed() {
			m.t.Logf("at last: %+v", got)
		}
	}()
	eventually(m.t, "the doctor sees it", func() bool {
		found = m.examine()
		got = found[name]
		return got.State == b.state && strings.Contains(got.What, b.says) && strings.Contains(got.Remedy, b.do)
	})
	for other, r := range found {
		if r.State == doctor.Broken && other != name && !slices.Contains(b.also, other) {
			m.t.Errorf("%s is broken, too: %+v", other, r)
		}
	}
	if b.mend == nil {
		remedy(m, got)
	} else {
		b.mend(m)
	}
	m.well()
}

// well waits until the doctor finds nothing that is broken or doubtful.
func (m *machine) well() {
	m.t.Helper()
	var bad []string
	defer func() {
		if m.t.Failed() {
			m.t.Logf("not well: %s", strings.Join(bad, "\n"))
		}
	}()
	eventually(m.t, "all is well", func() bool {
		bad = nil
		for _, r := range m.examine() {
			if r.State != doctor.OK {
				bad = append(bad, fmt.Sprintf("%+v", r))
			}
		}
		return len(bad) == 0
	})
}

// A check that nothing here breaks might as well say that all is well, always.
func TestEveryCheckIsBrokenHere(t *testing.T) {
	for _, c := range doctor.Checks {
		if !slices.ContainsFunc(breakages(), func(b breakage) bool { return b.check == c.Name }) {
			t.Errorf("nothing breaks %q", c.Name)
		}
	}
}

// move renames a file of the machine away, and back.
func (m *machine) move(path string) (back func()) {
	m.t.Helper()
	must(m.t, os.Rename(m.path(path), m.path(path+".away")))
	return func() { must(m.t, os.Rename(m.path(path+".away"), m.path(path))) }
}

func (m *machine) write(path, text string) {
	m.t.Helper()
	must(m.t, os.WriteFile(m.path(path), []byte(text), 0o600))
}

func (m *machine) signal(s syscall.Signal) { must(m.t, m.daemon.Process.Signal(s)) }
