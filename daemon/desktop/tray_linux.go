package desktop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/godbus/dbus/v5"

	"tallykey/build/icons"
	"tallykey/daemon/api"
	"tallykey/daemon/bus"
)

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = dbus.ObjectPath("/StatusNotifierWatcher")
)

// Tray is the icon in the panel, by the StatusNotifierItem specification over a D-Bus connection of its own. Many desktops
// have no place for one; that is normal, said once through Part, and noticed when it changes.
//
// It is written here because what the tray libraries for Go do on Linux is these same messages, but on the connection
// that the process shares: that one is the keyring's, see the package comment.
type Tray struct {
	cfg    TrayConfig
	log    *slog.Logger
	latest chan TrayState // holds at most one: the newest
}

// NewTray shows nothing yet.
func NewTray(cfg TrayConfig, log *slog.Logger) *Tray {
	if cfg.Part == nil {
		cfg.Part = func(api.Part) {}
	}
	return &Tray{cfg: cfg, log: orDiscard(log), latest: make(chan TrayState, 1)}
}

// Set shows a state, now or once there is a panel. It never blocks.
func (t *Tray) Set(s TrayState) {
	for {
		select {
		case t.latest <- s:
			return
		default:
		}
		select {
		case <-t.latest: // an older state that nobody has seen
		default:
		}
	}
}

// Run shows the icon wherever and whenever there is a panel for it, until ctx ends. A desktop without a session bus is
// no error; one that goes away is.
func (t *Tray) Run(ctx context.Context) error {
	conn, err := bus.Session(context.Background()) // it must outlast ctx to take everything away
	if err != nil {
		t.cfg.Part(absent("no session bus"))
		<-ctx.Done()
		return nil
	}
	defer conn.Close() // which takes the icon away
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	if err := watchOwner(conn, watcherName); err != nil {
		return err
	}
	watchColour(conn)
	p := &panelTray{tray: t, conn: conn, panel: panelOf(conn), state: TrayState{Badge: icons.Plain, Text: "tallykey"}}
	if err := p.export(); err != nil {
		return err
	}
	p.register(owned(conn, watcherName))
	return p.loop(ctx, signals)
}

// panelTray is a tray while it runs. It belongs to one goroutine; item and menu guard themselves against the bus's.
type panelTray struct {
	tray  *Tray
	conn  *dbus.Conn
	panel icons.Panel
	state TrayState
	item  *statusItem
	menu  *menu
	face  face
	part  api.Part // as last told
}

// face is what the icon shows.
type face struct {
	badge icons.Badge
	panel icons.Panel
	text  string
}

// export puts icon and menu on the bus before any panel hears of them.
func (p *panelTray) export() (err error) {
	if p.menu, err = exportMenu(p.conn, p.state.Menu); err != nil {
		return err
	}
	p.item, err = exportItem(p.conn, p.picture(), p.tray.cfg.Activate)
	return err
}

func (p *panelTray) picture() []pixmap {
	return []pixmap{decodeIcon(icons.Tray(p.state.Badge, p.panel))}
}

func (p *panelTray) loop(ctx context.Context, signals <-chan *dbus.Signal) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case p.state = <-p.tray.latest:
			p.show()
		case sig, ok := <-signals:
			if !ok {
				return errors.New("desktop: the session bus went away")
			}
			p.signal(sig)
		}
	}
}

func (p *panelTray) signal(sig *dbus.Signal) {
	if name, owner, ok := ownerChange(sig); ok && name == watcherName {
		p.register(owner != "")
	}
	if sig.Name == portalChanged {
		p.panel = panelOf(p.conn)
		p.show()
	}
}

// show draws the state; the menu is told last, so whoever sees its text sees the icon too.
func (p *panelTray) show() {
	var err error
	if face := (face{p.state.Badge, p.panel, p.state.Text}); face != p.face { // what did not change wakes no panel
		err, p.face = p.item.set(p.picture(), p.state.Text), face
	}
	if err := errors.Join(err, p.menu.set(p.state.Menu)); err != nil {
		p.tray.log.Warn("tray", "err", err)
	}
}

// register tells a panel that came of the icon, and Part of a panel that went.
func (p *panelTray) register(there bool) {
	part := absent("no panel here shows tray icons")
	if there {
		part = ready()
		if err := p.announce(); err != nil {
			part = absent(err.Error())
		}
	}
	if part != p.part {
		p.part = part
		p.tray.cfg.Part(part)
	}
}

func (p *panelTray) announce() error {
	ctx, cancel := context.WithTimeout(context.Background(), busTimeout)
	defer cancel()
	// A path means: on whoever sends this.
	err := p.conn.Object(watcherName, watcherPath).
		CallWithContext(ctx, watcherName+".RegisterStatusNotifierItem", 0, string(itemPath)).Err
	if err != nil {
		return fmt.Errorf("desktop: panel refuses the icon: %w", err)
	}
	return nil
}
