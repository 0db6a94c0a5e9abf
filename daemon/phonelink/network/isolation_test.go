//go:build linux

package network_test

import (
	"fmt"
	"strings"
	"testing"

	"tallykey/daemon/api"
	"tallykey/daemon/phonelink/network"
	"tallykey/phone/virtual"
)

// The access point keeps its clients apart: only multicast passes, by which the desktop is heard. A phone that pairs says so.
func TestClientIsolation(t *testing.T) {
	t.Parallel()
	w := unpaired(t, 50)
	w.relay.Set(network.Weather{Isolated: true})
	w.beginPairing()
	eventually(t, "the phone says why it can't pair", func() bool { return w.phone.away(virtual.NoAnswer) == 1 })
	w.relay.Set(network.Weather{})
	eventually(t, "the phone pairs all the same", w.desktop.connected)
	w.register()
	w.mustSignIn()
	w.consistent()
}

// away is how often the phone did not reach the desktop for a reason.
func (p *phone) away(reason string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.events {
		if e.Event == virtual.Away && e.Reason == reason {
			n++
		}
	}
	return n
}

// A VPN takes the default route, and goes again. Phones are still told of the network that they are on, and still find the
// desktop; a sign-in that the change falls into has one end.
func TestVPN(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 51, func(w *world) { w.desktop.host.IP("route add default via 10.88.0.1 dev lan0") })
	request, ended := w.asked(nil)
	w.desktop.host.IP("link add wg0 type veth peer name wg1")
	w.desktop.host.IP("addr add 172.31.0.2/24 dev wg0")
	w.desktop.host.IP("link set wg1 up")
	w.desktop.host.IP("link set wg0 up")
	w.desktop.host.IP("route replace default via 172.31.0.1 dev wg0")
	w.decide(request)
	if code := <-ended; code != api.Approved && code != api.PhoneUnreachable { // on a machine that stalls
		t.Errorf("ended with %q", code)
	}
	w.back()
	eventually(t, "the phone is told of both", func() bool {
		return strings.HasPrefix(w.known(), "[10.88.0.2") && strings.Contains(w.known(), "172.31.0.2")
	})
	w.mustSignIn()
	w.settled()
	w.phone.end()
	w.phone.start()
	w.mustSignIn()
	w.desktop.host.IP("link del wg0")
	w.mustSignIn()
	w.consistent()
}

// known is what the phone knows of the desktop's addresses.
func (w *world) known() string {
	all, _, err := virtual.Read(w.phone.dir + "/phone.json")
	if err != nil || len(all) != 1 {
		return ""
	}
	return fmt.Sprint(all[0].Addresses)
}

// The person switches Web Push on, and off: a phone that is there hears it at once and not when it connects again.
func TestPushSwitch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 52, func(w *world) { w.phone.env = append(w.phone.env, "PUSH=1") })
	connections := w.phone.count(virtual.Connected, "", "")
	for _, on := range []bool{true, false} {
		w.desktop.must(api.MethodChangeSettings, api.SettingsChange{WebPush: &on}, nil)
		eventually(t, fmt.Sprintf("the desktop can wake the phone: %v", on), func() bool {
			all := w.desktop.status().Phones
			return len(all) == 1 && all[0].Push == on
		})
	}
	if n := w.phone.count(virtual.Connected, "", ""); n != connections {
		t.Errorf("it connected %d times meanwhile", n-connections)
	}
	w.consistent()
}
