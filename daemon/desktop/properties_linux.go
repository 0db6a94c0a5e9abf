package desktop

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"
)

const propertiesName = "org.freedesktop.DBus.Properties"

// busProperties are the properties of one interface of an object, for others to read. A value is never written to once it
// is here: godbus's own package for this stores new values into the memory of the old ones while it may still be sending
// those.
type busProperties struct {
	conn  *dbus.Conn
	path  dbus.ObjectPath
	iface string

	mu     sync.Mutex // guards values
	values map[string]dbus.Variant
}

// exportProperties puts them on the bus. All values are given here: a property that is not there now never will be.
func exportProperties(conn *dbus.Conn, path dbus.ObjectPath, iface string, values map[string]any) (*busProperties, error) {
	p := &busProperties{conn: conn, path: path, iface: iface, values: map[string]dbus.Variant{}}
	for name, v := range values {
		p.values[name] = dbus.MakeVariant(v)
	}
	methods := map[string]any{"Get": p.get, "GetAll": p.getAll, "Set": p.refuse}
	return p, conn.ExportMethodTable(methods, path, propertiesName)
}

func (p *busProperties) get(iface, name string) (dbus.Variant, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.values[name]
	if !ok || iface != p.iface {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", []any{fmt.Sprintf("no property %.64q", name)})
	}
	return v, nil
}

func (p *busProperties) getAll(iface string) (map[string]dbus.Variant, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if iface != p.iface {
		return nil, dbus.NewError("org.freedesktop.DBus.Error.UnknownInterface", []any{fmt.Sprintf("no interface %.64q", iface)})
	}
	return maps.Clone(p.values), nil
}

func (p *busProperties) refuse(string, string, dbus.Variant) *dbus.Error {
	return dbus.NewError("org.freedesktop.DBus.Error.PropertyReadOnly", []any{"read-only"})
}

// set replaces values and tells who listens.
func (p *busProperties) set(values map[string]any) error {
	changed := map[string]dbus.Variant{}
	for name, v := range values {
		changed[name] = dbus.MakeVariant(v)
	}
	p.mu.Lock()
	maps.Copy(p.values, changed)
	p.mu.Unlock()
	return p.conn.Emit(p.path, propertiesName+".PropertiesChanged", p.iface, changed, []string{})
}

// introspection describes them.
func (p *busProperties) introspection() (out []introspect.Property) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(p.values)) {
		out = append(out, introspect.Property{Name: name, Type: p.values[name].Signature().String(), Access: "read"})
	}
	return out
}

// propertiesIntrospection describes the interface with which they are read.
var propertiesIntrospection = introspect.Interface{Name: propertiesName,
	Methods: []introspect.Method{
		{Name: "Get", Args: []introspect.Arg{{Name: "interface", Type: "s", Direction: "in"}, {Name: "property", Type: "s", Direction: "in"},
			{Name: "value", Type: "v", Direction: "out"}}},
		{Name: "GetAll", Args: []introspect.Arg{{Name: "interface", Type: "s", Direction: "in"}, {Name: "props", Type: "a{sv}", Direction: "out"}}},
		{Name: "Set", Args: []introspect.Arg{{Name: "interface", Type: "s", Direction: "in"}, {Name: "property", Type: "s", Direction: "in"},
			{Name: "value", Type: "v", Direction: "in"}}},
	},
	Signals: []introspect.Signal{{Name: "PropertiesChanged", Args: []introspect.Arg{{Name: "interface", Type: "s"},
		{Name: "changed_properties", Type: "a{sv}"}, {Name: "invalidates_properties", Type: "as"}}}},
}
