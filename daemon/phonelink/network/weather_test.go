//go:build linux

package network_test

import (
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/phonelink/network"
)

// weathers are those that a link must stand, and how many of three sign-ins must succeed at least.
var weathers = []struct {
	weather  network.Weather
	approved int
}{
	{network.Weather{}, 3},
	{network.Weather{Delay: 50 * time.Millisecond}, 3},
	{network.Weather{Swap: 0.5}, 3},
	{network.Weather{Delay: 200 * time.Millisecond, Swap: 0.2}, 3},
	{network.Weather{Delay: 500 * time.Millisecond}, 3},
	{network.Weather{Loss: 0.02}, 3},
	{network.Weather{Loss: 0.1, Delay: 20 * time.Millisecond}, 3},
	{network.Weather{Loss: 0.2, Delay: 50 * time.Millisecond, Swap: 0.1}, 2},
	{network.Weather{Loss: 0.3}, 1},
}

// A radio link at its worst: every request has a clear end, in time, and when the weather is fair again the phone is
// there by itself.
func TestWeather(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	for _, c := range weathers {
		t.Run(c.weather.String(), func(t *testing.T) {
			w.t = t
			eventually(t, "the phone is connected", w.desktop.connected)
			w.relay.Set(c.weather)
			approved := 0
			for range 3 {
				switch code := w.signIn(); code {
				case api.Approved:
					approved++
				case api.PhoneUnreachable, api.TimedOut:
					// A loss that is known within a second is worth more to a person than an answer after ten.
					t.Log(code)
				default:
					t.Errorf("ended with %q", code)
				}
			}
			if approved < c.approved {
				t.Errorf("%d of 3 were approved, want %d", approved, c.approved)
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
