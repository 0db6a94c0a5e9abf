package desktop

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"tallykey/build/icons"
)

// busTimeout bounds every call on the session bus: whoever owns a name there may hang.
const busTimeout = 2 * time.Second

const busName = "org.freedesktop.DBus"

// watchOwner asks for signals when name gets or loses its owner.
func watchOwner(conn *dbus.Conn, name string) error {
	err := conn.AddMatchSignal(dbus.WithMatchSender(busName), dbus.WithMatchInterface(busName),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name))
	if err != nil {
		return fmt.Errorf("desktop: watch %s: %w", name, err)
	}
	return nil
}

// ownerChange reads a signal of watchOwner; owner is empty where the name has none now. Only the bus itself is believed:
// any program can send a signal that looks like this one.
func ownerChange(sig *dbus.Signal) (name, owner string, ok bool) {
	if sig.Sender != busName || sig.Name != busName+".NameOwnerChanged" {
		return "", "", false
	}
	var before string
	err := dbus.Store(sig.Body, &name, &before, &owner)
	return name, owner, err == nil
}

func owned(conn *dbus.Conn, name string) bool { return ownerOf(conn, name) != "" }

// ownerOf is the unique name behind name, or empty.
func ownerOf(conn *dbus.Conn, name string) (owner string) {
	ctx, cancel := context.WithTimeout(context.Background(), busTimeout)
	defer cancel()
	if conn.BusObject().CallWithContext(ctx, busName+".GetNameOwner", 0, name).Store(&owner) != nil {
		return ""
	}
	return owner
}

const (
	portalName    = "org.freedesktop.portal.Desktop"
	portalPath    = dbus.ObjectPath("/org/freedesktop/portal/desktop")
	portalIface   = "org.freedesktop.portal.Settings"
	portalChanged = portalIface + ".SettingChanged"
	appearance    = "org.freedesktop.appearance"
	colourScheme  = "color-scheme"
)

// watchColour asks for signals when the desktop turns dark or light. A desktop without a portal sends none.
func watchColour(conn *dbus.Conn) {
	conn.AddMatchSignal(dbus.WithMatchObjectPath(portalPath), dbus.WithMatchInterface(portalIface),
		dbus.WithMatchMember("SettingChanged"), dbus.WithMatchArg(0, appearance))
}

// panelOf is the ground of the panel as far as it can be known. GNOME's is dark in both of its styles, Plasma's follows
// the colour scheme, and no other tells.
func panelOf(conn *dbus.Conn) icons.Panel {
	return panelBy(os.Getenv("XDG_CURRENT_DESKTOP"), func() uint32 { return schemeOf(conn) })
}

func panelBy(desktop string, scheme func() uint32) icons.Panel {
	for _, d := range strings.Split(desktop, ":") {
		switch d {
		case "GNOME", "Unity":
			return icons.Dark
		case "KDE":
			if scheme() == 1 {
				return icons.Dark
			}
			return icons.Light
		}
	}
	return icons.Unknown
}

// schemeOf is 1 where dark is preferred, 2 where light is, 0 where nothing is known.
func schemeOf(conn *dbus.Conn) uint32 {
	ctx, cancel := context.WithTimeout(context.Background(), busTimeout)
	defer cancel()
	var value dbus.Variant
	err := conn.Object(portalName, portalPath).CallWithContext(ctx, portalIface+".Read", dbus.FlagNoAutoStart,
		appearance, colourScheme).Store(&value)
	if err != nil {
		return 0
	}
	if inner, ok := value.Value().(dbus.Variant); ok { // Read wraps the value twice
		value = inner
	}
	scheme, _ := value.Value().(uint32)
	return scheme
}
