//go:build linux

package desktoptest

import (
	"os"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	loginName    = "org.freedesktop.login1"
	loginPath    = dbus.ObjectPath("/org/freedesktop/login1")
	loginManager = loginName + ".Manager"
	loginSession = loginName + ".Session"
	loginUser    = loginName + ".User"
	properties   = "org.freedesktop.DBus.Properties"

	sessionPath = dbus.ObjectPath("/org/freedesktop/login1/session/_31")
	otherPath   = dbus.ObjectPath("/org/freedesktop/login1/session/_32")
	userPath    = dbus.ObjectPath("/org/freedesktop/login1/user/_1000")
)

// Login is systemd-logind with two sessions: the one on the person's display, and another. A process of the test's is in
// neither, as a service of the user's systemd.
type Login struct {
	t      testing.TB
	conn   *dbus.Conn
	locked chan bool // holds LockedHint
}

// StartLogin makes the test's session bus the system bus too and serves login1 on it until the test ends or Stop.
func StartLogin(t testing.TB) *Login {
	t.Helper()
	t.Setenv("XDG_SESSION_ID", "")
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	l := &Login{t: t, conn: Connect(t), locked: make(chan bool, 1)}
	l.locked <- false
	none := dbus.NewError(loginName+".NoSessionForPID", nil)
	l.export(loginPath, loginManager, map[string]any{
		"GetSessionByPID": func(uint32) (dbus.ObjectPath, *dbus.Error) { return "/", none },
		"GetUser":         func(uint32) (dbus.ObjectPath, *dbus.Error) { return userPath, nil },
	})
	l.export(userPath, properties, map[string]any{"Get": l.display})
	l.export(sessionPath, properties, map[string]any{"Get": l.hint})
	own(t, l.conn, loginName)
	return l
}

func (l *Login) export(path dbus.ObjectPath, iface string, methods map[string]any) {
	l.t.Helper()
	if err := l.conn.ExportMethodTable(methods, path, iface); err != nil {
		l.t.Fatal(err)
	}
}

func unknown(name string) (dbus.Variant, *dbus.Error) {
	return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", []any{name})
}

func (l *Login) display(iface, name string) (dbus.Variant, *dbus.Error) {
	if iface != loginUser || name != "Display" {
		return unknown(name)
	}
	return dbus.MakeVariant(struct {
		ID   string
		Path dbus.ObjectPath
	}{"1", sessionPath}), nil
}

func (l *Login) hint(iface, name string) (dbus.Variant, *dbus.Error) {
	if iface != loginSession || name != "LockedHint" {
		return unknown(name)
	}
	locked := <-l.locked
	l.locked <- locked
	return dbus.MakeVariant(locked), nil
}

// Hint is the desktop saying that the screen is locked now, or no more.
func (l *Login) Hint(locked bool) {
	<-l.locked
	l.locked <- locked
	l.hinted(sessionPath, locked)
}

// HintOfOther is the same for another session.
func (l *Login) HintOfOther(locked bool) { l.hinted(otherPath, locked) }

func (l *Login) hinted(path dbus.ObjectPath, locked bool) {
	l.emit(path, properties+".PropertiesChanged", loginSession,
		map[string]dbus.Variant{"LockedHint": dbus.MakeVariant(locked)}, []string{})
}

// Lock asks the session to lock.
func (l *Login) Lock() { l.emit(sessionPath, loginSession+".Lock") }

// LockOther asks another session to lock.
func (l *Login) LockOther() { l.emit(otherPath, loginSession+".Lock") }

// Sleep is the machine on its way into a sleep, or awake again.
func (l *Login) Sleep(begins bool) { l.emit(loginPath, loginManager+".PrepareForSleep", begins) }

func (l *Login) emit(path dbus.ObjectPath, name string, values ...any) {
	l.t.Helper()
	if err := l.conn.Emit(path, name, values...); err != nil {
		l.t.Fatal(err)
	}
}

// Stop leaves the bus, as a service that crashed.
func (l *Login) Stop() { l.conn.Close() }

// Saver is a screen saver.
type Saver struct {
	t      testing.TB
	conn   *dbus.Conn
	name   string
	path   dbus.ObjectPath
	active chan bool
}

// StartSaver serves a screen saver under a bus name that is its interface too, until the test ends or Stop.
func StartSaver(t testing.TB, name string, path dbus.ObjectPath, active bool) *Saver {
	t.Helper()
	s := &Saver{t, Connect(t), name, path, make(chan bool, 1)}
	s.active <- active
	err := s.conn.ExportMethodTable(map[string]any{"GetActive": func() (bool, *dbus.Error) {
		active := <-s.active
		s.active <- active
		return active, nil
	}}, path, name)
	if err != nil {
		t.Fatal(err)
	}
	own(t, s.conn, name)
	return s
}

// Active is the saver covering the screen, or leaving it.
func (s *Saver) Active(active bool) {
	s.t.Helper()
	<-s.active
	s.active <- active
	if err := s.conn.Emit(s.path, s.name+".ActiveChanged", active); err != nil {
		s.t.Fatal(err)
	}
}

// Stop leaves the bus, as a locker that crashed.
func (s *Saver) Stop() { s.conn.Close() }
