package desktop

import (
	"maps"
	"slices"
	"strings"
	"time"

	"tallykey/daemon/api"
)

// doubtFor is how long the screen counts as locked after a sign of locking that no source of state confirms: a desktop
// was asked to lock and did not, or does not tell. Without an end such a desktop could never sign in again. It is longer
// than lockers take to come up after a sleep.
const doubtFor = 15 * time.Second

// ScreenLockConfig is whom a ScreenLock tells. Both functions are called from one goroutine, must not block, and may be nil.
type ScreenLockConfig struct {
	Changed func(locked bool)
	Part    func(api.Part) // whenever it changes
}

// lockState puts together what the sources say. Sources of state are the session's LockedHint and the screen savers; any
// of them locks. Session.Lock and PrepareForSleep are no states but signs that a lock is on its way: they make a doubt,
// which counts as locked until a source speaks of an unlock, or until settle.
type lockState struct {
	says  map[string]bool // source to locked
	doubt bool
}

func (s *lockState) locked() bool {
	return s.doubt || slices.Contains(slices.Collect(maps.Values(s.says)), true)
}

// read takes a state that was asked for. It ends no doubt: a locker may be slower than the question.
func (s *lockState) read(source string, locked bool) { s.says[source] = locked }

// told takes a change that a source told by itself.
func (s *lockState) told(source string, locked bool) { s.says[source], s.doubt = locked, false }

// lost forgets a source. One that goes while it says "locked", as a locker that crashed, leaves a doubt.
func (s *lockState) lost(source string) {
	if s.says[source] {
		s.doubt = true
	}
	delete(s.says, source)
}

// settle ends a doubt that nobody confirmed.
func (s *lockState) settle() { s.doubt = false }

// part is what the status says of it.
func (s *lockState) part() api.Part {
	sources := slices.Sorted(maps.Keys(s.says))
	switch {
	case len(sources) == 0:
		return absent("neither a login session nor a screen saver says whether the screen is locked")
	case s.locked():
		return api.Part{State: "ready", Detail: "locked, by " + strings.Join(sources, ", ")}
	}
	return api.Part{State: "ready", Detail: "by " + strings.Join(sources, ", ")}
}
