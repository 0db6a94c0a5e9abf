package desktop

import (
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"tallykey/daemon/api"
	"tallykey/daemon/desktop/desktoptest"
)

// followed is a ScreenLock under test with what it told.
type followed struct {
	*ScreenLock
	t       *testing.T
	changes chan bool
	parts   chan api.Part
}

func follow(t *testing.T, doubt time.Duration) *followed {
	t.Helper()
	f := &followed{t: t, changes: make(chan bool, 16), parts: make(chan api.Part, 16)}
	f.ScreenLock = NewScreenLock(ScreenLockConfig{Changed: func(locked bool) { f.changes <- locked },
		Part: func(p api.Part) { f.parts <- p }}, nil)
	f.doubt = doubt
	running(t, f.Run)
	return f
}

// wants waits for the next change and checks it.
func (f *followed) wants(locked bool) {
	f.t.Helper()
	if got := next(f.t, f.changes, "change"); got != locked || f.Locked() != locked {
		f.t.Fatalf("told %v, Locked %v; want %v", got, f.Locked(), locked)
	}
}

// none checks that nothing was told until now: the bus delivers in order, so what comes after a change of the saver's
// comes after everything before.
func (f *followed) none(s *desktoptest.Saver) {
	f.t.Helper()
	s.Active(true)
	f.wants(true)
	s.Active(false)
	f.wants(false)
}

const long = time.Hour

func TestWithoutAnySourceNothingIsLocked(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	f := follow(t, long)
	if p := next(t, f.parts, "part"); p.State != "absent" || f.Locked() {
		t.Errorf("%+v, locked %v", p, f.Locked())
	}
}

func TestLockedHint(t *testing.T) {
	desktoptest.StartBus(t)
	login := desktoptest.StartLogin(t)
	f := follow(t, long)
	if p := next(t, f.parts, "part"); p != (api.Part{State: "ready", Detail: "by login1"}) {
		t.Errorf("%+v", p)
	}
	login.Hint(true)
	f.wants(true)
	if p := next(t, f.parts, "part"); p.Detail != "locked, by login1" {
		t.Errorf("%+v", p)
	}
	login.Hint(false)
	f.wants(false)
}

func TestAScreenThatIsLockedAtTheStart(t *testing.T) {
	desktoptest.StartBus(t)
	login := desktoptest.StartLogin(t)
	login.Hint(true)
	f := follow(t, long)
	select {
	case <-f.Known():
	case <-time.After(desktoptest.Patience):
		t.Fatal("never known")
	}
	if !f.Locked() {
		t.Error("known, and not locked")
	}
	f.wants(true)
}

func TestTheRequestToLockCountsAtOnce(t *testing.T) {
	for name, begin := range map[string]func(*desktoptest.Login){
		"lock":  (*desktoptest.Login).Lock,
		"sleep": func(l *desktoptest.Login) { l.Sleep(true) },
	} {
		t.Run(name, func(t *testing.T) {
			desktoptest.StartBus(t)
			login := desktoptest.StartLogin(t)
			f := follow(t, long)
			next(t, f.parts, "part")
			begin(login)
			f.wants(true)
			login.Hint(true) // the desktop follows
			login.Hint(false)
			f.wants(false)
		})
	}
}

func TestALockThatNobodyConfirmsLapses(t *testing.T) {
	desktoptest.StartBus(t)
	login := desktoptest.StartLogin(t)
	f := follow(t, time.Millisecond)
	next(t, f.parts, "part")
	login.Lock()
	f.wants(true)
	f.wants(false)

	login.Sleep(true)
	f.wants(true) // and as long as it sleeps, whatever the clock says
	login.Sleep(false)
	f.wants(false)
}

func TestOtherSessionsLockNothing(t *testing.T) {
	desktoptest.StartBus(t)
	saver := desktoptest.StartSaver(t, "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", false)
	login := desktoptest.StartLogin(t)
	f := follow(t, long)
	next(t, f.parts, "part")
	login.HintOfOther(true)
	login.LockOther()
	login.Hint(true)
	f.wants(true)
	login.Hint(false)
	f.wants(false)
	f.none(saver)
}

// Any program of the person's can send a signal that looks like one of these.
func TestOnlyTheServicesAreBelieved(t *testing.T) {
	const session, gnome = dbus.ObjectPath("/org/freedesktop/login1/session/_31"), "org.gnome.ScreenSaver"
	hint := &dbus.Signal{Path: session, Name: properties + ".PropertiesChanged", Body: []any{loginSession,
		map[string]dbus.Variant{lockedHint: dbus.MakeVariant(false)}, []string{}}}
	active := &dbus.Signal{Path: "/org/gnome/ScreenSaver", Name: gnome + ".ActiveChanged", Body: []any{false}}
	for _, test := range []struct {
		sender string
		locked bool
	}{{":1.9", true}, {":1.1", false}} {
		w := &lockWatch{state: lockState{says: map[string]bool{loginSource: true, gnome: true}}}
		hint.Sender, active.Sender = test.sender, test.sender
		(&login{owner: ":1.1", session: session}).take(w, hint)
		(&savers{owners: map[string]string{gnome: ":1.1"}}).take(w, active)
		if w.state.says[loginSource] != test.locked || w.state.says[gnome] != test.locked {
			t.Errorf("from %s: %v", test.sender, w.state.says)
		}
	}
}

func TestSavers(t *testing.T) {
	for _, known := range knownSavers {
		t.Run(known.name, func(t *testing.T) {
			t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
			desktoptest.StartBus(t)
			f := follow(t, time.Millisecond)
			next(t, f.parts, "part") // it comes later than the daemon
			saver := desktoptest.StartSaver(t, known.name, known.path, true)
			f.wants(true)
			saver.Active(false)
			f.wants(false)
			saver.Active(true)
			f.wants(true)
			saver.Stop() // a locker that crashed leaves a doubt, not an open screen
			f.wants(false)
		})
	}
}

func TestALockerThatCrashesLeavesADoubt(t *testing.T) {
	desktoptest.StartBus(t)
	saver := desktoptest.StartSaver(t, "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", true)
	login := desktoptest.StartLogin(t)
	f := follow(t, long)
	f.wants(true)
	saver.Stop()
	login.Stop() // nobody is left who could say "unlocked"
	for p := range f.parts {
		if p.State == "absent" {
			break
		}
	}
	if !f.Locked() {
		t.Error("the screen is open because the locker is gone")
	}
}

func TestOneSourceIsEnough(t *testing.T) {
	s := lockState{says: map[string]bool{}}
	s.told("saver", true)
	s.told(loginSource, true)
	s.told(loginSource, false)
	if !s.locked() {
		t.Error("the saver still covers the screen")
	}
	s.told("saver", false)
	if s.locked() {
		t.Error("no source says so")
	}
}

// Awake again, the first question may come before the locker is up: its answer settles nothing.
func TestAnAnswerEndsNoDoubt(t *testing.T) {
	s := lockState{says: map[string]bool{loginSource: false}, doubt: true}
	s.read(loginSource, false)
	if !s.locked() {
		t.Error("unlocked by an answer that came before the lock")
	}
	s.settle()
	if s.locked() {
		t.Error("the doubt stays for ever")
	}
}
