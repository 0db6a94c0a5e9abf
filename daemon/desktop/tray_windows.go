package desktop

import (
	"context"
	"log/slog"
	"runtime"
	"sync"

	"fyne.io/systray"

	"tallykey/build/icons"
	"tallykey/daemon/api"
)

// Tray is the icon in the taskbar's notification area.
type Tray struct {
	cfg   TrayConfig
	log   *slog.Logger
	mu    sync.Mutex // guards what follows, and the calls into systray, which has one menu for the process
	state TrayState
	ready bool
	gone  chan struct{} // closed when the entries that are shown are replaced
}

// NewTray makes a tray that shows nothing before Run.
func NewTray(cfg TrayConfig, log *slog.Logger) *Tray {
	if cfg.Part == nil {
		cfg.Part = func(api.Part) {}
	}
	return &Tray{cfg: cfg, log: orDiscard(log), gone: make(chan struct{})}
}

// Set shows a state, from Run on.
func (t *Tray) Set(s TrayState) {
	t.mu.Lock()
	defer t.mu.Unlock()
	same := sameMenu(t.state.Menu, s.Menu)
	t.state = s
	if t.ready {
		t.show(!same)
	}
}

// show gives systray what there is. Its caller holds mu.
func (t *Tray) show(menu bool) {
	systray.SetIcon(icons.ICO(t.state.Badge))
	systray.SetTooltip(t.state.Text)
	if !menu {
		return
	}
	close(t.gone)
	t.gone = make(chan struct{})
	systray.ResetMenu()
	for _, e := range t.state.Menu {
		t.add(e)
	}
}

// add puts one entry into the menu, and its children below it.
func (t *Tray) add(e MenuEntry) {
	if e.Label == "" {
		systray.AddSeparator()
		return
	}
	item := systray.AddMenuItem(e.Label, "")
	for _, child := range e.Children {
		t.listen(item.AddSubMenuItem(child.Label, ""), child.Key)
	}
	t.listen(item, e.Key)
}

// listen chooses the entry that has the key when the click comes: what it does may have changed meanwhile.
func (t *Tray) listen(item *systray.MenuItem, key string) {
	gone := t.gone
	go func() {
		for {
			select {
			case <-item.ClickedCh:
				t.choose(key)
			case <-gone:
				return
			}
		}
	}()
}

func (t *Tray) choose(key string) {
	t.mu.Lock()
	e, ok := findEntry(t.state.Menu, key)
	t.mu.Unlock()
	if ok && e.Choose != nil {
		go e.Choose()
	}
}

func findEntry(menu []MenuEntry, key string) (MenuEntry, bool) {
	for _, e := range menu {
		if e.Key == key {
			return e, true
		}
		if found, ok := findEntry(e.Children, key); ok {
			return found, true
		}
	}
	return MenuEntry{}, false
}

// Run shows the icon until ctx ends. systray has a message loop, which Windows ties to one thread.
func (t *Tray) Run(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	stop := context.AfterFunc(ctx, systray.Quit)
	defer stop()
	systray.SetOnTapped(func() { go t.cfg.Activate() })
	systray.Run(func() {
		t.mu.Lock()
		t.ready = true
		t.show(true)
		t.mu.Unlock()
		t.cfg.Part(ready())
	}, nil)
	return nil
}
