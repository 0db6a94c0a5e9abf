//go:build linux

package network_test

import (
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"tallykey/daemon/api"
	"tallykey/daemon/phonelink/network"
	"tallykey/phone/virtual"
)

// The desktop gets another address, as from another access point.
func TestAddressChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.desktop.host.IP("addr add 10.88.0.77/24 dev lan0")
	w.desktop.host.IP("addr del 10.88.0.2/24 dev lan0")
	w.desktop.host.IP("addr replace 10.88.0.77/24 dev lan0")
	w.desktop.host.IP("addr del fd88::2/64 dev lan0")
	w.mustSignInAt("10.88.0.77")
	w.consistent()
}

// mustSignInAt signs in when the phone knows the desktop's new address.
func (w *world) mustSignInAt(address string) {
	w.t.Helper()
	eventually(w.t, "the phone knows "+address, func() bool { return strings.Contains(w.known(), address) })
	w.mustSignIn()
}

// The phone gets another address.
func TestPhoneMoves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 11)
	w.phone.host.IP("addr add 10.88.0.99/24 dev lan0")
	w.phone.host.IP("addr del 10.88.0.1/24 dev lan0")
	w.phone.host.IP("addr replace 10.88.0.99/24 dev lan0")
	w.phone.host.IP("addr del fd88::1/64 dev lan0")
	w.awayAndBack()
	w.consistent()
}

// The phone's radio is switched off and on again.
func TestRadioOffAndOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12)
	w.phone.host.IP("link set lan0 down")
	eventually(t, "the desktop has lost the phone", func() bool { return !w.desktop.connected() })
	w.phone.host.IP("link set lan0 up")
	w.mustSignIn()
	w.consistent()
}

// awayAndBack signs in after the phone has lost its connection.
func (w *world) awayAndBack() {
	w.t.Helper()
	eventually(w.t, "the phone has lost its connection", func() bool {
		return w.phone.count(virtual.Disconnected, "", "") > 0 || w.phone.count(virtual.Connected, "", "") > 1
	})
	w.mustSignIn()
}

// The laptop sleeps: the daemon stands still, and with it all its clocks but the one on the wall.
func TestDesktopSleeps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 13)
	w.desktop.signal(syscall.SIGSTOP)
	eventually(t, "the phone has lost the desktop", func() bool { return w.phone.count(virtual.Disconnected, "", "") > 0 })
	w.desktop.signal(syscall.SIGCONT)
	w.mustSignIn()
	w.consistent()
}

// The phone sleeps, and wakes up.
func TestPhoneSleeps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 14)
	w.phone.run.Process.Signal(syscall.SIGSTOP)
	eventually(t, "the desktop has lost the phone", func() bool { return !w.desktop.connected() })
	if s := w.desktop.status(); s.Link.State != "ready" {
		t.Errorf("link %+v", s.Link)
	}
	w.phone.run.Process.Signal(syscall.SIGCONT)
	w.mustSignIn()
	w.consistent()
}

// A request comes while the phone is off. It is there when the phone is turned on.
func TestPhoneComesLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 15)
	w.phone.end()
	eventually(t, "the desktop has lost the phone", func() bool { return !w.desktop.connected() })
	ended := make(chan api.Code, 1)
	go func() { ended <- w.signIn() }()
	eventually(t, "a request waits", func() bool { return w.desktop.status().Request != nil })
	w.phone.start()
	if code := <-ended; code != api.Approved {
		t.Errorf("ended with %q", code)
	}
	w.consistent()
}

// Another program takes the port while the daemon is off. The desktop moves to one of the next, where the phone looks.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 16)
	before := w.desktop.status().Port
	w.desktop.end(syscall.SIGTERM)
	other := w.desktop.host.Role("port", fmt.Sprintf("PORT=%d", before))
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); other.Wait() })
	if n, err := out.Read(make([]byte, 8)); n == 0 {
		t.Fatal(err)
	}
	w.relay.Set(network.Weather{NoMulticast: true}) // mDNS would tell, but not a web page
	w.desktop.start()
	if after := w.desktop.status().Port; after <= before || after > before+3 {
		t.Errorf("port %d after %d", after, before)
	}
	w.mustSignIn()
	w.consistent()
}

// No multicast passes. The last addresses still lead to the desktop, also after both were restarted.
func TestMulticastBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 17)
	w.relay.Set(network.Weather{NoMulticast: true})
	w.phone.end()
	w.desktop.end(syscall.SIGKILL)
	w.desktop.start()
	w.phone.start()
	w.mustSignIn()
	w.consistent()
}

// Only multicast finds the desktop: --discover.
func TestDiscover(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 18, func(w *world) { w.phone.env = append(w.phone.env, "DISCOVER=1") })
	w.mustSignIn()
	w.consistent()
}

// Each family alone.
func TestOneFamily(t *testing.T) {
	t.Parallel()
	for family, gone := range map[string]string{"IPv4 only": "fd88::2/64", "IPv6 only": "10.88.0.2/24"} {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 20, func(w *world) { w.desktop.host.IP("addr del " + gone + " dev lan0") })
			for _, a := range w.desktop.status().Addresses {
				if netip.MustParseAddr(a).Is4() != (family == "IPv4 only") {
					t.Errorf("address %s", a)
				}
			}
			w.mustSignIn()
			w.consistent()
		})
	}
}

// A desktop on two networks loses the one that the phone came by. The phone is on both.
func TestTwoInterfaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 21, func(w *world) {
		w.cable("lan1", 22)
		w.desktop.host.IP("addr add 10.99.0.2/24 dev lan1")
		w.phone.host.IP("addr add 10.99.0.1/24 dev lan1")
	})
	w.desktop.host.IP("link set lan0 down")
	w.mustSignInAt("10.99.0.2")
	w.desktop.host.IP("link set lan0 up")
	w.desktop.host.IP("link set lan1 down")
	w.mustSignIn()
	w.consistent()
}
