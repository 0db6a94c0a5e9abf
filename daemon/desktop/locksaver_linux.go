package desktop

import (
	"context"
	"log/slog"

	"github.com/godbus/dbus/v5"

	"tallykey/daemon/bus"
)

// saver is a screen saver or locker that tells on the session bus whether it covers the screen. GetActive and
// ActiveChanged are the same in all of them.
type saver struct {
	name string // on the bus, and of the interface
	path dbus.ObjectPath
}

// knownSavers are those of the freedesktop specification and of desktops that use names of their own.
var knownSavers = []saver{
	{"org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"},
	{"org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"},
	{"org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"},
	{"org.mate.ScreenSaver", "/org/mate/ScreenSaver"},
	{"org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"},
}

func saverSources() []string {
	var names []string
	for _, s := range knownSavers {
		names = append(names, s.name)
	}
	return names
}

// savers are the screen savers of the session.
type savers struct {
	conn    *dbus.Conn
	log     *slog.Logger
	signals chan *dbus.Signal
	owners  map[string]string // bus name to unique name
}

// openSavers listens to screen savers; nil without a session bus.
func openSavers(log *slog.Logger) *savers {
	conn, err := bus.Session(context.Background())
	if err != nil {
		log.Debug("no session bus", "err", err)
		return nil
	}
	s := &savers{conn: conn, log: log, signals: make(chan *dbus.Signal, 64), owners: map[string]string{}}
	conn.Signal(s.signals)
	for _, known := range knownSavers {
		err := conn.AddMatchSignal(dbus.WithMatchSender(known.name), dbus.WithMatchInterface(known.name),
			dbus.WithMatchMember("ActiveChanged"))
		if err == nil {
			err = watchOwner(conn, known.name)
		}
		if err != nil {
			log.Warn("screen lock: screen saver signals", "name", known.name, "err", err)
		}
		s.owners[known.name] = ownerOf(conn, known.name)
	}
	return s
}

func (s *savers) heard() <-chan *dbus.Signal {
	if s == nil {
		return nil
	}
	return s.signals
}

func (s *savers) read(state *lockState) {
	if s == nil {
		return
	}
	for _, known := range knownSavers {
		s.ask(state, known)
	}
}

// ask asks one of them. One that owns its name and does not answer, as a part of the specification in some desktops,
// is no source.
func (s *savers) ask(state *lockState, known saver) {
	if s.owners[known.name] == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), busTimeout)
	defer cancel()
	var active bool
	err := s.conn.Object(known.name, known.path).CallWithContext(ctx, known.name+".GetActive", dbus.FlagNoAutoStart).Store(&active)
	if err != nil {
		s.log.Debug("screen lock: no answer", "name", known.name, "err", err)
		return
	}
	state.read(known.name, active)
}

// take takes a signal; only the owner of the saver's name is believed.
func (s *savers) take(w *lockWatch, sig *dbus.Signal) {
	if name, owner, ok := ownerChange(sig); ok {
		s.owners[name] = owner
		w.lost(name)
		for _, known := range knownSavers {
			if known.name == name {
				s.ask(&w.state, known)
			}
		}
		return
	}
	for _, known := range knownSavers {
		var active bool
		if sig.Name == known.name+".ActiveChanged" && sig.Sender == s.owners[known.name] && dbus.Store(sig.Body, &active) == nil {
			w.state.told(known.name, active)
		}
	}
}
