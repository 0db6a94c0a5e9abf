//go:build !windows && !darwin

package settings

// freedesktop: the system's desktops start programs by the XDG autostart specification.
const freedesktop = true
