package desktop

import (
	"image"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
	"tallykey/daemon/desktop/desktoptest"
)

// panelScreen is a screen with a Surface whose tray is a real one.
type panelScreen struct {
	*desktoptest.Screen
	*stage
	t     *testing.T
	parts chan api.Part
	quits atomic.Int32
}

func showTray(t *testing.T) *panelScreen {
	t.Helper()
	p := &panelScreen{Screen: desktoptest.StartScreen(t), stage: newStage(), t: t, parts: make(chan api.Part, 16)}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", p.Bus)
	t.Setenv("XDG_CURRENT_DESKTOP", "XFCE")
	tray := NewTray(TrayConfig{Activate: p.Surface.show, Part: func(part api.Part) { p.parts <- part }}, nil)
	p.Surface.tray, p.cfg.Actions.Quit = tray, func() { p.quits.Add(1) }
	p.refresh()
	running(t, tray.Run)
	return p
}

// Parts of the screen: the end of the panel, the icon there, as much of the panel without one, and where a menu opens.
var (
	trayPlace = image.Rect(1280-120, 0, 1280, 40)
	iconPlace = image.Rect(1280-40, 0, 1280, 40)
	barePlace = image.Rect(600, 0, 640, 40)
	menuPlace = image.Rect(1280-400, 0, 1280, 340)
)

// awaitPart waits for what the tray says of panels.
func (p *panelScreen) awaitPart(state string) {
	p.t.Helper()
	select {
	case part := <-p.parts:
		if part.State != state {
			p.t.Fatalf("%+v; want %s", part, state)
		}
	case <-time.After(desktoptest.LongPatience):
		p.t.Fatalf("never %s", state)
	}
}

// bare is the panel where it has no icon, once it is there.
func (p *panelScreen) bare() (now image.Image) {
	p.t.Helper()
	p.Await("the panel", func() bool {
		now = p.Look(barePlace)
		r, g, b, _ := now.At(5, 5).RGBA()
		return r+g+b != 0
	})
	return now
}

// icon waits until the panel shows an icon that is none of the earlier ones.
func (p *panelScreen) icon(earlier map[string]image.Image) (now image.Image) {
	p.t.Helper()
	p.Await("another icon", func() bool {
		now = p.Look(iconPlace)
		for _, e := range earlier {
			if reflect.DeepEqual(now, e) {
				return false
			}
		}
		return true
	})
	return now
}

// TestInARealPanel shows every state in xfce4-panel, opens the menu and chooses from it with the mouse, and kills the
// panel.
func TestInARealPanel(t *testing.T) {
	p := showTray(t)
	p.awaitPart("absent")
	panel := p.StartXfcePanel()
	p.awaitPart("ready")

	seen := map[string]image.Image{"none": p.bare()}
	for _, state := range []struct {
		name string
		set  func()
	}{
		{"away", func() { p.Phones(apitest.Phones()[1:]) }},
		{"ready", func() { p.Phones(apitest.Phones()) }},
		{"paused", func() { p.Pauses([]api.Pause{{}}) }},
		{"problem", func() { p.Problem(api.LinkFailed) }},
		{"locked", func() { p.Problem(api.KeyringLocked) }},
		{"waiting", func() { p.Request(apitest.Request(api.Delivered)) }},
	} {
		state.set()
		seen[state.name] = p.icon(seen)
		p.Picture(state.name, trayPlace)
	}

	// The icon opens what waits; the last entry of the menu, which the panel draws, quits.
	p.Pauses(nil)
	p.Xdotool("mousemove", "1262", "20", "click", "1")
	p.Await("the prompt", func() (opened bool) {
		p.note(func() { opened = slices.Contains(p.opened, ViewPrompt) })
		return opened
	})
	p.openMenu()
	p.Picture("menu", menuPlace)
	p.Xdotool("key", "Up", "Return")
	p.Await("the end", func() bool { return p.quits.Load() == 1 })

	// The panel crashes and comes back, and the icon with it.
	p.Xdotool("mousemove", "300", "600") // under the pointer an icon looks different
	panel.Process.Kill()
	p.awaitPart("absent")
	p.StartXfcePanel()
	p.awaitPart("ready")
	p.Await("the icon in the new panel", func() bool { return reflect.DeepEqual(p.Look(iconPlace), seen["waiting"]) })
	select {
	case part := <-p.parts:
		t.Errorf("said once more: %+v", part)
	default:
	}
}

// openMenu clicks on the icon with the other button, until there is a menu: a panel that is busy with the icon may miss a click.
func (p *panelScreen) openMenu() {
	p.t.Helper()
	for range 3 {
		p.Xdotool("mousemove", "1262", "20", "click", "3")
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if r, g, b, _ := p.Look(menuPlace).At(300, 100).RGBA(); r+g+b != 0 { // the screen behind it is black
				return
			}
		}
	}
	p.t.Fatal("no menu")
}
