//go:build linux

package breaking

import (
	"sync"
	"tallykey/daemon/desktop/desktoptest"
	"testing"

	"github.com/godbus/dbus/v5"
)

// timedate is systemd's service for the clock.
type timedate struct {
	mu     sync.Mutex
	synced bool
}

func startTimedate(t testing.TB) *timedate {
	t.Helper()
	s := &timedate{synced: true}
	conn := desktoptest.Connect(t)
	must(t, conn.ExportMethodTable(map[string]any{"Get": s.get}, "/org/freedesktop/timedate1", "org.freedesktop.DBus.Properties"))
	own(t, conn, "org.freedesktop.timedate1")
	return s
}

func (s *timedate) get(string, string) (dbus.Variant, *dbus.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return dbus.MakeVariant(s.synced), nil
}

func (s *timedate) set(synced bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.synced = synced
}

// portal is Ubuntu's desktop portal for browsers in a sandbox, with the store of what the person allowed.
type portal struct {
	mu   sync.Mutex
	said map[string][]string
}

func startPortal(t testing.TB, said map[string][]string) (leave func()) {
	t.Helper()
	p := &portal{said: said}
	conn := desktoptest.Connect(t)
	must(t, conn.ExportMethodTable(map[string]any{"Get": func(string, string) (dbus.Variant, *dbus.Error) { return dbus.MakeVariant(uint32(1)), nil }},
		"/org/freedesktop/portal/desktop", "org.freedesktop.DBus.Properties"))
	must(t, conn.ExportMethodTable(map[string]any{"Lookup": p.lookup, "SetPermission": p.set},
		"/org/freedesktop/impl/portal/PermissionStore", "org.freedesktop.impl.portal.PermissionStore"))
	own(t, conn, "org.freedesktop.portal.Desktop")
	own(t, conn, "org.freedesktop.impl.portal.PermissionStore")
	return func() { conn.Close() }
}

func (p *portal) lookup(table, id string) (map[string][]string, dbus.Variant, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if table != "webextensions" || id != "org.tallykey.host" {
		return nil, dbus.Variant{}, dbus.NewError("org.freedesktop.portal.Error.NotFound", nil)
	}
	return p.said, dbus.MakeVariant(byte(0)), nil
}

func (p *portal) set(table string, _ bool, id, app string, permissions []string, _ dbus.Variant) *dbus.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said[app] = permissions
	return nil
}

func own(t testing.TB, conn *dbus.Conn, name string) {
	t.Helper()
	if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("own %s: %v, %v", name, reply, err)
	}
}
