package main

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// darkDesktop says whether the desktop prefers dark, and makes GTK know it: WebKitGTK asks the GTK theme for the page's
// prefers-color-scheme, but GNOME tells the preference only through the desktop portal. What the user set stays.
func darkDesktop() bool {
	if theme := os.Getenv("GTK_THEME"); theme != "" {
		return strings.HasSuffix(theme, ":dark") || strings.HasSuffix(theme, "-dark")
	}
	dark := portalPrefersDark()
	if dark {
		os.Setenv("GTK_THEME", "Adwaita:dark")
	}
	return dark
}

const (
	portal         = "org.freedesktop.portal.Desktop"
	portalPath     = "/org/freedesktop/portal/desktop"
	portalSettings = "org.freedesktop.portal.Settings"
	preferDark     = uint32(1) // of org.freedesktop.appearance color-scheme
)

// portalPrefersDark asks a portal that runs; it starts none, for that would take longer than the window.
func portalPrefersDark() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer conn.Close()
	if conn.Auth(nil) != nil || conn.Hello() != nil {
		return false
	}
	var scheme dbus.Variant
	err = conn.Object(portal, portalPath).CallWithContext(ctx, portalSettings+".Read", dbus.FlagNoAutoStart,
		"org.freedesktop.appearance", "color-scheme").Store(&scheme)
	if err != nil {
		return false
	}
	// Read wraps the value in a second variant.
	if inner, ok := scheme.Value().(dbus.Variant); ok {
		scheme = inner
	}
	return scheme.Value() == preferDark
}
