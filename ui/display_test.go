package main

import (
	"maps"
	"testing"
)

func TestChooseDisplay(t *testing.T) {
	for _, test := range []struct {
		name string
		env  map[string]string
		want string
	}{
		{"X11", map[string]string{"DISPLAY": ":0"}, ""},
		{"X11, said so", map[string]string{"DISPLAY": ":0", "XDG_SESSION_TYPE": "x11"}, ""},
		{"Wayland with an X server in it", map[string]string{"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "XDG_SESSION_TYPE": "wayland"}, "wayland"},
		{"the same, from a service that was not told", map[string]string{"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ""},
		{"Wayland alone, from such a service", map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, "wayland"},
		{"the person’s choice", map[string]string{"WAYLAND_DISPLAY": "wayland-0", "GDK_BACKEND": "x11"}, "x11"},
		{"no display", nil, ""},
	} {
		env := maps.Clone(test.env)
		chooseDisplay(func(k string) string { return env[k] }, func(k, v string) error { env[k] = v; return nil })
		if env["GDK_BACKEND"] != test.want {
			t.Errorf("%s: %q; want %q", test.name, env["GDK_BACKEND"], test.want)
		}
	}
}
