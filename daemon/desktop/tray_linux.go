package desktop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"

	"tallykey/build/icons"
	"tallykey/daemon/api"
)

const watcher = "org.kde.StatusNotifierWatcher"

// ErrTrayRan means that this process has shown a tray icon before: the tray library keeps its state in package variables
// and runs once in a process.
var ErrTrayRan = errors.New("desktop: the tray runs once in a process")

var trayRan atomic.Bool

// Tray is the icon in the panel. Many desktops have no place for one; that is normal, said once through Part, and noticed
// when it changes.
//
// The library connects to the session bus on the connection that the whole process shares, and closes that one at the
// end. So it is started only once a panel is there, and stopped last: desktops without a tray never share.
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
// no error. The error is ErrTrayRan or that of the bus.
func (t *Tray) Run(ctx context.Context) error {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		t.cfg.Part(absent("no session bus"))
		<-ctx.Done()
		return nil
	}
	defer conn.Close()
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	if err := watchOwner(conn, watcher); err != nil {
		return err
	}
	watchColour(conn)
	p := &panelTray{tray: t, panel: panelOf(conn)}
	defer p.stop()
	if err := p.appeared(owned(conn, watcher)); err != nil {
		return err
	}
	return p.loop(ctx, conn, signals)
}

// panelTray is a tray while it runs. It belongs to one goroutine.
type panelTray struct {
	tray  *Tray
	panel icons.Panel
	state TrayState
	there bool          // a panel is there
	ended chan struct{} // the library has returned; nil before it started
	menu  trayMenu
	built bool // menu is set
}

type trayMenu struct{ state, pair, open, quit *systray.MenuItem }

func (p *panelTray) loop(ctx context.Context, conn *dbus.Conn, signals <-chan *dbus.Signal) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case s := <-p.tray.latest:
			p.state = s
			p.show()
		case sig, ok := <-signals:
			if !ok {
				return errors.New("desktop: the session bus went away")
			}
			if name, owner, ok := ownerChange(sig); ok && name == watcher {
				if err := p.appeared(owner != ""); err != nil {
					return err
				}
			}
			if sig.Name == portalChanged {
				p.panel = panelOf(conn)
				p.show()
			}
		}
	}
}

// appeared takes note of a panel that came or went.
func (p *panelTray) appeared(there bool) error {
	if there && p.ended == nil {
		if err := p.start(); err != nil {
			return err
		}
	}
	if p.there != there || p.ended == nil {
		if there {
			p.tray.cfg.Part(ready())
		} else {
			p.tray.cfg.Part(absent("no panel here shows tray icons"))
		}
	}
	p.there = there
	return nil
}

func (p *panelTray) start() error {
	if trayRan.Swap(true) {
		return ErrTrayRan
	}
	p.ended = make(chan struct{})
	up := make(chan struct{})
	// What is set before the library connects is there when the panel first asks.
	systray.SetTitle("tallykey")
	systray.SetIcon(icons.Tray(icons.Plain, p.panel))
	systray.SetOnTapped(func() { go p.tray.cfg.Show() })
	go func() {
		defer close(p.ended)
		defer p.rescue()
		systray.Run(func() { p.build(); close(up) }, nil)
	}()
	select {
	case <-up:
		p.built = true
		p.show()
	case <-p.ended:
	}
	return nil
}

// rescue keeps the daemon alive where the library falls: it ends with a nil connection if the bus went away before it
// connected.
func (p *panelTray) rescue() {
	if r := recover(); r != nil {
		p.tray.log.Error("tray fell", "panic", fmt.Sprint(r))
	}
}

func (p *panelTray) build() {
	w := wordsOf(p.tray.cfg.Language)
	p.menu.state = systray.AddMenuItem("tallykey", "")
	systray.AddSeparator()
	p.menu.pair = systray.AddMenuItem(w.pair, "")
	p.menu.open = systray.AddMenuItem(w.open, "")
	systray.AddSeparator()
	p.menu.quit = systray.AddMenuItem(w.quit, "")
	go p.clicks()
}

// clicks hands on what is chosen. The library drops a click that nobody waits for, so nothing here takes time.
func (p *panelTray) clicks() {
	for {
		select {
		case <-p.menu.state.ClickedCh:
			go p.tray.cfg.Show()
		case <-p.menu.pair.ClickedCh:
			go p.tray.cfg.Pair()
		case <-p.menu.open.ClickedCh:
			go p.tray.cfg.Open()
		case <-p.menu.quit.ClickedCh:
			go p.tray.cfg.Quit()
		case <-p.ended:
			return
		}
	}
}

func (p *panelTray) show() {
	if !p.built || p.state.Badge == "" {
		return
	}
	systray.SetIcon(icons.Tray(p.state.Badge, p.panel))
	systray.SetTooltip("tallykey: " + p.state.Text)
	p.menu.state.SetTitle(p.state.Text)
}

func (p *panelTray) stop() {
	if p.ended != nil {
		systray.Quit()
		<-p.ended
	}
}
