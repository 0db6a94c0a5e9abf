package desktop

import (
	"fmt"
	"sync"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

const (
	menuName = "com.canonical.dbusmenu"
	menuPath = dbus.ObjectPath("/StatusNotifierItem/menu")
)

// menuEntry is a line of the menu; one without a label is a separator.
type menuEntry struct {
	label  string
	choose func()
}

// menu is the tray's menu on the bus, by com.canonical.dbusmenu. Entry n has the id n+1; 0 is the menu itself. It has no
// submenus, so depth and wanted properties make no difference to what it answers.
type menu struct {
	conn *dbus.Conn

	mu       sync.Mutex // guards the fields that follow
	entries  []menuEntry
	revision uint32
}

// Shapes of the specification's signatures.
type (
	menuProperties map[string]dbus.Variant
	menuLayout     struct { // (ia{sv}av)
		ID         int32
		Properties menuProperties
		Children   []dbus.Variant
	}
	menuItem struct { // (ia{sv})
		ID         int32
		Properties menuProperties
	}
	menuEvent struct { // (isvu)
		ID        int32
		Event     string
		Data      dbus.Variant
		Timestamp uint32
	}
	menuRemoved struct { // (ias)
		ID         int32
		Properties []string
	}
)

func exportMenu(conn *dbus.Conn, entries []menuEntry) (*menu, error) {
	m := &menu{conn: conn, entries: entries, revision: 1}
	methods := map[string]any{
		"GetLayout": m.getLayout, "GetGroupProperties": m.getGroupProperties, "GetProperty": m.getProperty,
		"Event": m.event, "EventGroup": m.eventGroup, // xfce4-panel sends clicks as groups only
		"AboutToShow":      func(int32) (bool, *dbus.Error) { return false, nil },
		"AboutToShowGroup": func([]int32) ([]int32, []int32, *dbus.Error) { return []int32{}, []int32{}, nil },
	}
	if err := conn.ExportMethodTable(methods, menuPath, menuName); err != nil {
		return nil, fmt.Errorf("desktop: tray menu: %w", err)
	}
	fixed := func(v any) *prop.Prop { return &prop.Prop{Value: v, Emit: prop.EmitConst} }
	props, err := prop.Export(conn, menuPath, prop.Map{menuName: {
		"Version": fixed(uint32(3)), "TextDirection": fixed("ltr"), "Status": fixed("normal"), "IconThemePath": fixed([]string{}),
	}})
	if err != nil {
		return nil, fmt.Errorf("desktop: tray menu: %w", err)
	}
	return m, describe(conn, menuPath, menuName, methods, props)
}

// rename changes the label of entry n.
func (m *menu) rename(n int, label string) error {
	m.mu.Lock()
	if m.entries[n].label == label {
		m.mu.Unlock()
		return nil
	}
	m.entries[n].label = label
	m.revision++
	revision := m.revision
	changed := []menuItem{{int32(n + 1), m.entries[n].properties()}}
	m.mu.Unlock()
	if err := m.conn.Emit(menuPath, menuName+".ItemsPropertiesUpdated", changed, []menuRemoved{}); err != nil {
		return fmt.Errorf("desktop: tray menu: %w", err)
	}
	return m.conn.Emit(menuPath, menuName+".LayoutUpdated", revision, int32(0))
}

func (e menuEntry) properties() menuProperties {
	if e.label == "" {
		return menuProperties{"type": dbus.MakeVariant("separator")}
	}
	return menuProperties{"label": dbus.MakeVariant(mnemonicFree(e.label))}
}

// mnemonicFree keeps an underscore in a host or a phone's name from becoming a keyboard mark.
func mnemonicFree(label string) string {
	out := make([]rune, 0, len(label))
	for _, r := range label {
		if r == '_' {
			out = append(out, r)
		}
		out = append(out, r)
	}
	return string(out)
}

func (m *menu) getLayout(parent, _ int32, _ []string) (uint32, menuLayout, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if parent != 0 {
		return m.revision, menuLayout{parent, m.propertiesOf(parent), []dbus.Variant{}}, nil
	}
	root := menuLayout{0, m.propertiesOf(0), make([]dbus.Variant, len(m.entries))}
	for n, e := range m.entries {
		root.Children[n] = dbus.MakeVariant(menuLayout{int32(n + 1), e.properties(), []dbus.Variant{}})
	}
	return m.revision, root, nil
}

// propertiesOf are those of an id; an id that is not there has none. Its caller holds mu.
func (m *menu) propertiesOf(id int32) menuProperties {
	switch {
	case id == 0:
		return menuProperties{"children-display": dbus.MakeVariant("submenu")}
	case id > 0 && int(id) <= len(m.entries):
		return m.entries[id-1].properties()
	}
	return menuProperties{}
}

func (m *menu) getGroupProperties(ids []int32, _ []string) ([]menuItem, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := []menuItem{}
	if len(ids) == 0 { // means all
		for n := range m.entries {
			ids = append(ids, int32(n+1))
		}
	}
	for _, id := range ids[:min(len(ids), len(m.entries)+1)] {
		items = append(items, menuItem{id, m.propertiesOf(id)})
	}
	return items, nil
}

func (m *menu) getProperty(id int32, name string) (dbus.Variant, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.propertiesOf(id)[name]; ok {
		return v, nil
	}
	return dbus.Variant{}, dbus.MakeFailedError(fmt.Errorf("no property %.32q of entry %d", name, id))
}

func (m *menu) event(id int32, event string, _ dbus.Variant, _ uint32) *dbus.Error {
	if event != "clicked" {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if id > 0 && int(id) <= len(m.entries) && m.entries[id-1].choose != nil {
		go m.entries[id-1].choose()
	}
	return nil
}

func (m *menu) eventGroup(events []menuEvent) ([]int32, *dbus.Error) {
	for _, e := range events {
		m.event(e.ID, e.Event, e.Data, e.Timestamp)
	}
	return []int32{}, nil
}
