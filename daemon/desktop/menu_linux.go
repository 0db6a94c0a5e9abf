package desktop

import (
	"errors"
	"fmt"
	"sync"

	"github.com/godbus/dbus/v5"
)

const (
	menuName = "com.canonical.dbusmenu"
	menuPath = dbus.ObjectPath("/StatusNotifierItem/menu")
)

// menu is the tray's menu on the bus, by com.canonical.dbusmenu. An entry's id belongs to its key for ever: a click that
// was under way while the menu changed must never choose another thing. Id 0 is the menu itself.
type menu struct {
	conn *dbus.Conn

	mu       sync.Mutex // guards the fields that follow
	entries  []MenuEntry
	ids      map[string]int32
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

func exportMenu(conn *dbus.Conn, entries []MenuEntry) (*menu, error) {
	m := &menu{conn: conn, entries: entries, ids: map[string]int32{}, revision: 1}
	methods := map[string]any{
		"GetLayout": m.getLayout, "GetGroupProperties": m.getGroupProperties, "GetProperty": m.getProperty,
		"Event": m.event, "EventGroup": m.eventGroup, // xfce4-panel sends clicks as groups only
		"AboutToShow":      func(int32) (bool, *dbus.Error) { return false, nil },
		"AboutToShowGroup": func([]int32) ([]int32, []int32, *dbus.Error) { return []int32{}, []int32{}, nil },
	}
	if err := conn.ExportMethodTable(methods, menuPath, menuName); err != nil {
		return nil, fmt.Errorf("desktop: tray menu: %w", err)
	}
	props, err := exportProperties(conn, menuPath, menuName, map[string]any{
		"Version": uint32(3), "TextDirection": "ltr", "Status": "normal", "IconThemePath": []string{},
	})
	if err != nil {
		return nil, fmt.Errorf("desktop: tray menu: %w", err)
	}
	return m, describe(conn, menuPath, menuName, methods, props)
}

// set shows other entries. Panels hear of new labels by one signal and of new entries by another; some heed only one.
func (m *menu) set(entries []MenuEntry) error {
	m.mu.Lock()
	same := sameMenu(m.entries, entries)
	before := m.labels()
	m.entries = entries // what they do may differ even where they look the same
	if same {
		m.mu.Unlock()
		return nil
	}
	m.revision++
	revision := m.revision
	changed := []menuItem{}
	m.each(m.entries, func(id int32, e MenuEntry) {
		if label, there := before[id]; there && label != e.Label {
			changed = append(changed, menuItem{id, e.properties()})
		}
	})
	m.mu.Unlock()
	return errors.Join(m.conn.Emit(menuPath, menuName+".ItemsPropertiesUpdated", changed, []menuRemoved{}),
		m.conn.Emit(menuPath, menuName+".LayoutUpdated", revision, int32(0)))
}

// labels are those of all entries by id. Its caller holds mu.
func (m *menu) labels() map[int32]string {
	out := map[int32]string{}
	m.each(m.entries, func(id int32, e MenuEntry) { out[id] = e.Label })
	return out
}

// each visits entries and all below them. Its caller holds mu.
func (m *menu) each(entries []MenuEntry, visit func(id int32, e MenuEntry)) {
	for _, e := range entries {
		visit(m.id(e), e)
		m.each(e.Children, visit)
	}
}

func (m *menu) id(e MenuEntry) int32 {
	id, known := m.ids[e.Key]
	if !known {
		id = int32(len(m.ids) + 1)
		m.ids[e.Key] = id
	}
	return id
}

// find is the entry of an id, if it is there now. Its caller holds mu.
func (m *menu) find(id int32) (found MenuEntry, ok bool) {
	m.each(m.entries, func(at int32, e MenuEntry) {
		if at == id {
			found, ok = e, true
		}
	})
	return found, ok
}

func (e MenuEntry) properties() menuProperties {
	switch {
	case e.Label == "":
		return menuProperties{"type": dbus.MakeVariant("separator")}
	case len(e.Children) > 0:
		return menuProperties{"label": dbus.MakeVariant(mnemonicFree(e.Label)), "children-display": dbus.MakeVariant("submenu")}
	}
	return menuProperties{"label": dbus.MakeVariant(mnemonicFree(e.Label))}
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

// getLayout answers for the menu or one entry, down to a depth; below zero it is all of it. It gives every property,
// wanted or not: there are two.
func (m *menu) getLayout(parent, depth int32, _ []string) (uint32, menuLayout, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if parent == 0 {
		return m.revision, m.layout(0, m.propertiesOf(0), m.entries, depth), nil
	}
	e, _ := m.find(parent)
	return m.revision, m.layout(parent, m.propertiesOf(parent), e.Children, depth), nil
}

func (m *menu) layout(id int32, properties menuProperties, children []MenuEntry, depth int32) menuLayout {
	l := menuLayout{id, properties, []dbus.Variant{}}
	if depth == 0 {
		return l
	}
	for _, e := range children {
		l.Children = append(l.Children, dbus.MakeVariant(m.layout(m.id(e), e.properties(), e.Children, depth-1)))
	}
	return l
}

// propertiesOf are those of an id; an id that is not there has none. Its caller holds mu.
func (m *menu) propertiesOf(id int32) menuProperties {
	if id == 0 {
		return menuProperties{"children-display": dbus.MakeVariant("submenu")}
	}
	if e, ok := m.find(id); ok {
		return e.properties()
	}
	return menuProperties{}
}

func (m *menu) getGroupProperties(ids []int32, _ []string) ([]menuItem, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := []menuItem{}
	if len(ids) == 0 { // means all
		m.each(m.entries, func(id int32, _ MenuEntry) { ids = append(ids, id) })
	}
	for _, id := range ids[:min(len(ids), len(m.ids)+1)] {
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
	if e, ok := m.find(id); ok && e.Choose != nil {
		go e.Choose()
	}
	return nil
}

func (m *menu) eventGroup(events []menuEvent) ([]int32, *dbus.Error) {
	for _, e := range events {
		m.event(e.ID, e.Event, e.Data, e.Timestamp)
	}
	return []int32{}, nil
}
