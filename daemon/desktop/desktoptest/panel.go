//go:build linux

package desktoptest

import (
	"slices"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = dbus.ObjectPath("/StatusNotifierWatcher")
	itemName    = "org.kde.StatusNotifierItem"
	menuName    = "com.canonical.dbusmenu"
)

// Panel is a panel that shows tray icons: org.kde.StatusNotifierWatcher and the host behind it.
type Panel struct {
	t     testing.TB
	conn  *dbus.Conn
	items chan Item
}

// Item is a tray icon that registered.
type Item struct {
	t    testing.TB
	conn *dbus.Conn
	dest string
	path dbus.ObjectPath
}

// StartPanel shows tray icons until the test ends or Stop.
func StartPanel(t testing.TB) *Panel {
	t.Helper()
	p := &Panel{t: t, conn: Connect(t), items: make(chan Item, 8)}
	err := p.conn.ExportMethodTable(map[string]any{"RegisterStatusNotifierItem": p.register}, watcherPath, watcherName)
	if err != nil {
		t.Fatal(err)
	}
	own(t, p.conn, watcherName)
	return p
}

// register takes a path on the sender, which is how the library says where its icon is.
func (p *Panel) register(sender dbus.Sender, path string) *dbus.Error {
	p.items <- Item{p.t, p.conn, string(sender), dbus.ObjectPath(path)}
	return nil
}

// Stop leaves the bus, as a panel that crashed.
func (p *Panel) Stop() { p.conn.Close() }

// Item is the next icon that registers.
func (p *Panel) Item() Item {
	p.t.Helper()
	return receive(p.t, p.items, "no tray icon registered")
}

// Pixmap is an icon in the bytes of the specification: ARGB, network byte order.
type Pixmap struct {
	Width, Height int32
	Pixels        []byte
}

// Icon is what the item shows now.
func (i Item) Icon() Pixmap {
	i.t.Helper()
	var pixmaps []Pixmap
	v, err := i.conn.Object(i.dest, i.path).GetProperty(itemName + ".IconPixmap")
	if err == nil {
		err = v.Store(&pixmaps)
	}
	if err != nil || len(pixmaps) == 0 {
		i.t.Fatalf("icon: %d pictures, %v", len(pixmaps), err)
	}
	return pixmaps[0]
}

// Activate is a click on the icon.
func (i Item) Activate() {
	i.t.Helper()
	if err := i.conn.Object(i.dest, i.path).Call(itemName+".Activate", 0, int32(0), int32(0)).Err; err != nil {
		i.t.Fatal(err)
	}
}

type layout struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// Menu is the labels of the menu and of its submenus, top to bottom, without separators.
func (i Item) Menu() []string {
	var labels []string
	for _, entry := range i.entries() {
		labels = append(labels, entry.label)
	}
	return labels
}

type entry struct {
	id    int32
	label string
}

func (i Item) entries() (entries []entry) {
	i.t.Helper()
	var revision uint32
	var root layout
	call := i.conn.Object(i.dest, i.menuPath()).Call(menuName+".GetLayout", 0, int32(0), int32(-1), []string{})
	if err := call.Store(&revision, &root); err != nil {
		i.t.Fatal(err)
	}
	return i.below(root)
}

func (i Item) below(parent layout) (entries []entry) {
	for _, child := range parent.Children {
		var l layout
		if err := dbus.Store([]any{child.Value()}, &l); err != nil {
			i.t.Fatal(err)
		}
		if label, ok := l.Properties["label"].Value().(string); ok && label != "" {
			entries = append(entries, entry{l.ID, label})
		}
		entries = append(entries, i.below(l)...)
	}
	return entries
}

// IDs are the ids of the menu's entries by their labels.
func (i Item) IDs() map[string]int32 {
	out := map[string]int32{}
	for _, e := range i.entries() {
		out[e.label] = e.id
	}
	return out
}

// AwaitMenu waits until the menu's first line is as given.
func (i Item) AwaitMenu(first string) {
	i.t.Helper()
	deadline := time.Now().Add(Patience)
	for {
		menu := i.Menu()
		if len(menu) > 0 && menu[0] == first {
			return
		}
		if time.Now().After(deadline) {
			i.t.Fatalf("menu %q; want %q on top", menu, first)
		}
		time.Sleep(5 * time.Millisecond) // the menu tells its changes to panels only, and this is one that looks
	}
}

// Choose is a click on the menu's entry.
func (i Item) Choose(label string) {
	i.t.Helper()
	i.menu("Event", i.idOf(label), "clicked", dbus.MakeVariant(""), uint32(0))
}

// ChooseInGroup is a click on the menu's entry as xfce4-panel sends it.
func (i Item) ChooseInGroup(label string) {
	i.t.Helper()
	i.menu("EventGroup", []event{{i.idOf(label), "clicked", dbus.MakeVariant(""), 0}})
}

type event struct {
	ID        int32
	Event     string
	Data      dbus.Variant
	Timestamp uint32
}

func (i Item) idOf(label string) int32 {
	i.t.Helper()
	entries := i.entries()
	at := slices.IndexFunc(entries, func(e entry) bool { return e.label == label })
	if at < 0 {
		i.t.Fatalf("no %q in the menu %q", label, i.Menu())
	}
	return entries[at].id
}

func (i Item) menu(method string, args ...any) {
	i.t.Helper()
	if err := i.conn.Object(i.dest, i.menuPath()).Call(menuName+"."+method, 0, args...).Err; err != nil {
		i.t.Fatal(err)
	}
}

// menuPath is where the item says that its menu is.
func (i Item) menuPath() (path dbus.ObjectPath) {
	i.t.Helper()
	v, err := i.conn.Object(i.dest, i.path).GetProperty(itemName + ".Menu")
	if err == nil {
		err = v.Store(&path)
	}
	if err != nil {
		i.t.Fatal(err)
	}
	return path
}
