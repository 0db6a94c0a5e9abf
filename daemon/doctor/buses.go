package doctor

import (
	"context"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"

	"tallykey/daemon/bus"
	"tallykey/native-messaging/browsers"
)

// busTimeout bounds what is asked on a bus: who owns a name there may hang.
const busTimeout = 2 * time.Second

// onBus does one thing on a connection of its own.
func onBus[T any](ctx context.Context, which Bus, do func(ctx context.Context, conn *dbus.Conn) (T, error)) (out T, err error) {
	ctx, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	connect := bus.Session
	if which == SystemBus {
		connect = func(ctx context.Context) (*dbus.Conn, error) { return dbus.ConnectSystemBus(dbus.WithContext(ctx)) }
	}
	conn, err := connect(ctx)
	if err != nil {
		return out, err
	}
	defer conn.Close()
	return do(ctx, conn)
}

// offers says whether a service runs or could be started.
func offers(ctx context.Context, which Bus, name string) bool {
	there, err := onBus(ctx, which, func(ctx context.Context, conn *dbus.Conn) (bool, error) {
		for _, method := range []string{"ListNames", "ListActivatableNames"} {
			var names []string
			err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus."+method, 0).Store(&names)
			if err != nil || slices.Contains(names, name) {
				return err == nil, err
			}
		}
		return false, nil
	})
	return there && err == nil
}

// property reads one, and may start the service for it.
func property(ctx context.Context, which Bus, name, path, prop string) (any, error) {
	return onBus(ctx, which, func(ctx context.Context, conn *dbus.Conn) (any, error) {
		at := len(prop) - 1
		for at > 0 && prop[at] != '.' {
			at--
		}
		var v dbus.Variant
		err := conn.Object(name, dbus.ObjectPath(path)).
			CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, prop[:at], prop[at+1:]).Store(&v)
		return v.Value(), err
	})
}

// The store in which portals keep what the person said.
const (
	permissions     = "org.freedesktop.impl.portal.PermissionStore"
	permissionsPath = "/org/freedesktop/impl/portal/PermissionStore"
)

// allowed is what the person said when the portal asked whether it may start tallykey for a browser.
func allowed(ctx context.Context, app string) string {
	said, _ := onBus(ctx, SessionBus, func(ctx context.Context, conn *dbus.Conn) (map[string][]string, error) {
		var by map[string][]string
		var data dbus.Variant
		err := conn.Object(permissions, permissionsPath).
			CallWithContext(ctx, permissions+".Lookup", 0, "webextensions", browsers.HostName).Store(&by, &data)
		return by, err
	})
	if answer := said[app]; len(answer) > 0 {
		return answer[0]
	}
	return ""
}
