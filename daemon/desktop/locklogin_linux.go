package desktop

import (
	"context"
	"log/slog"
	"os"

	"github.com/godbus/dbus/v5"
)

const (
	loginName    = "org.freedesktop.login1"
	loginPath    = dbus.ObjectPath("/org/freedesktop/login1")
	loginManager = loginName + ".Manager"
	loginSession = loginName + ".Session"
	loginUser    = loginName + ".User"
	lockedHint   = "LockedHint"
	properties   = "org.freedesktop.DBus.Properties"

	loginSource = "login1"
)

// login is systemd-logind. LockedHint of the session is its state; the signal Lock is a request to lock, which the desktop
// carries out a moment later.
type login struct {
	conn    *dbus.Conn
	log     *slog.Logger
	signals chan *dbus.Signal
	owner   string          // unique name of the service; empty: none runs
	session dbus.ObjectPath // of the person; empty: none is known
}

// openLogin listens to the login service; nil without a system bus.
func openLogin(log *slog.Logger) *login {
	conn, err := dbus.ConnectSystemBus()
	if err != nil {
		log.Debug("no system bus", "err", err)
		return nil
	}
	l := &login{conn: conn, log: log, signals: make(chan *dbus.Signal, 64)}
	conn.Signal(l.signals)
	for _, rule := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(loginName), dbus.WithMatchInterface(loginManager)},
		{dbus.WithMatchSender(loginName), dbus.WithMatchInterface(loginSession)},
		{dbus.WithMatchSender(loginName), dbus.WithMatchInterface(properties), dbus.WithMatchArg(0, loginSession)},
	} {
		if err := conn.AddMatchSignal(rule...); err != nil {
			log.Warn("screen lock: login1 signals", "err", err)
		}
	}
	if err := watchOwner(conn, loginName); err != nil {
		log.Warn("screen lock", "err", err)
	}
	l.owner = ownerOf(conn, loginName)
	return l
}

func (l *login) heard() <-chan *dbus.Signal {
	if l == nil {
		return nil
	}
	return l.signals
}

// read finds the session and asks whether it is locked.
func (l *login) read(s *lockState) {
	if l == nil || l.owner == "" {
		return
	}
	if l.session = l.find(); l.session == "" {
		s.lost(loginSource)
		return
	}
	v, err := l.property(l.session, loginSession, lockedHint)
	locked, ok := v.Value().(bool)
	if err != nil || !ok {
		l.log.Debug("screen lock: no LockedHint", "session", l.session, "err", err)
		s.lost(loginSource)
		return
	}
	s.read(loginSource, locked)
}

// find is the person's session: that of this process, that of the environment, or the one on the display. A service of
// the user's systemd belongs to no session, so the last is the common one.
func (l *login) find() dbus.ObjectPath {
	var path dbus.ObjectPath
	if l.call(loginPath, loginManager+".GetSessionByPID", uint32(os.Getpid())).Store(&path) == nil {
		return path
	}
	if id := os.Getenv("XDG_SESSION_ID"); id != "" &&
		l.call(loginPath, loginManager+".GetSession", id).Store(&path) == nil {
		return path
	}
	if l.call(loginPath, loginManager+".GetUser", uint32(os.Getuid())).Store(&path) != nil {
		return ""
	}
	v, err := l.property(path, loginUser, "Display")
	var display struct {
		ID   string
		Path dbus.ObjectPath
	}
	if err != nil || v.Store(&display) != nil || display.ID == "" {
		return ""
	}
	return display.Path
}

func (l *login) property(path dbus.ObjectPath, iface, name string) (v dbus.Variant, err error) {
	err = l.call(path, properties+".Get", iface, name).Store(&v)
	return v, err
}

func (l *login) call(path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(context.Background(), busTimeout)
	defer cancel()
	return l.conn.Object(loginName, path).CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...)
}

// take takes a signal; only the service itself is believed.
func (l *login) take(w *lockWatch, sig *dbus.Signal) {
	if name, owner, ok := ownerChange(sig); ok && name == loginName {
		l.owner = owner
		w.lost(loginSource)
		l.read(&w.state)
		return
	}
	if l.owner == "" || sig.Sender != l.owner {
		return
	}
	switch sig.Name {
	case loginManager + ".PrepareForSleep":
		w.sleep(sig)
	case loginManager + ".SessionNew", loginManager + ".SessionRemoved":
		l.read(&w.state)
	case loginSession + ".Lock":
		if sig.Path == l.session {
			w.suspect(true)
		}
	case properties + ".PropertiesChanged":
		if sig.Path == l.session {
			l.changed(w, sig)
		}
	}
}

// sleep takes the way into a sleep as a lock. Awake again, the desktop has its time to say how things stand.
func (w *lockWatch) sleep(sig *dbus.Signal) {
	var begins bool
	if dbus.Store(sig.Body, &begins) != nil {
		return
	}
	if begins {
		w.suspect(false)
		return
	}
	if w.readAll(); w.state.doubt {
		w.suspect(true)
	}
}

func (l *login) changed(w *lockWatch, sig *dbus.Signal) {
	var iface string
	var now map[string]dbus.Variant
	var invalid []string
	if dbus.Store(sig.Body, &iface, &now, &invalid) != nil {
		return
	}
	if locked, ok := now[lockedHint].Value().(bool); ok {
		w.state.told(loginSource, locked)
		return
	}
	for _, name := range invalid {
		if name == lockedHint {
			l.read(&w.state)
		}
	}
}
