//go:build linux

package network_test

import (
	"slices"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/phonelink/network"
)

// A radio link at its worst: every request has a clear end, in time, and when the weather is fair again the phone is
// there by itself.
func TestWeather(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	for _, c := range []struct {
		weather network.Weather
		sure    bool // it must not keep anybody from signing in
	}{
		{network.Weather{}, true},
		{network.Weather{Delay: 50 * time.Millisecond}, true},
		{network.Weather{Swap: 0.5}, true},
		{network.Weather{Delay: 200 * time.Millisecond, Swap: 0.2}, true},
		{network.Weather{Delay: 500 * time.Millisecond}, true},
		{network.Weather{Loss: 0.02}, true},
		{network.Weather{Loss: 0.1, Delay: 20 * time.Millisecond}, false},
		{network.Weather{Loss: 0.2, Delay: 50 * time.Millisecond, Swap: 0.1}, false},
		{network.Weather{Loss: 0.3}, false},
	} {
		t.Run(c.weather.String(), func(t *testing.T) {
			w.t = t
			eventually(t, "the phone is connected", w.desktop.connected)
			w.relay.Set(c.weather)
			for range 3 {
				code := w.signIn()
				if code == api.Approved {
					continue
				}
				// A loss that is known within a second is worth more to a person than an answer after ten.
				if c.sure || !slices.Contains([]api.Code{api.PhoneUnreachable, api.TimedOut}, code) {
					t.Errorf("ended with %q", code)
				}
			}
			w.relay.Set(network.Weather{})
			w.mustSignIn()
		})
	}
	w.t = t
	w.consistent()
}

// Nobody asks for anything while the cable is cut. The desktop notices, and afterwards the phone is there by itself.
func TestIdlePartition(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.relay.Set(network.Weather{Cut: true})
	eventually(t, "the desktop knows that the phone is away", func() bool { return !w.desktop.connected() })
	w.relay.Set(network.Weather{})
	w.mustSignIn()
	w.consistent()
}
