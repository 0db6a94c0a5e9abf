//go:build linux

package discovery

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"tallykey/phone/link"
)

const port = 47113

// desktop advertises and responds on every interface until the test ends.
func desktop(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- Advertise(ctx, desktopID, port, nil, nil) }()
	go func() { ended <- Respond(ctx, link.Hostname(desktopID), nil, nil) }()
	t.Cleanup(func() {
		stop()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestPhoneFindsDesktop(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	p := newPhone(t)
	p.cable("10.88.0.2/24", "fd88::2/64 nodad")
	p.do("ip addr add fd88::1/64 dev lan1 nodad", "ok")
	desktop(t)
	p.do("find "+desktopID, "[10.88.0.2:47113 [fd88::2]:47113]")
	name := link.Hostname(desktopID)
	p.until("question browser A "+name, "A 10.88.0.2 flush 10")
	p.do("question browser AAAA "+name, "AAAA fd88::2 flush 10")
	p.do("question unicast A "+name, "A 10.88.0.2 flush 10")
	p.do("question resolver A "+name, "A 10.88.0.2 keep 10")
	p.do("question browser A tk-other.local", "silence")
}

func TestPhoneFollowsNewAddress(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	p := newPhone(t)
	p.cable("10.88.0.2/24")
	desktop(t)
	p.do("find "+desktopID, "[10.88.0.2:47113]")
	p.until("question browser A "+link.Hostname(desktopID), "A 10.88.0.2 flush 10")
	p.do("listen", "ok")
	ip(t, "addr add 10.88.0.77/24 dev lan0")
	ip(t, "addr del 10.88.0.2/24 dev lan0")
	ip(t, "addr replace 10.88.0.77/24 dev lan0")
	p.until("heard "+link.Hostname(desktopID), "A 10.88.0.77 flush 10, 47 000440000000 flush 10")
	p.do("question browser A "+link.Hostname(desktopID), "A 10.88.0.77 flush 10")
	p.do("find "+desktopID, "[10.88.0.77:47113]")
}

// The cable is cut, its interfaces vanish, and it is laid anew.
func TestNetworkIsLostAndReturns(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	p := newPhone(t)
	p.cable("10.88.0.2/24")
	desktop(t)
	p.do("find "+desktopID, "[10.88.0.2:47113]")
	p.until("question browser A "+link.Hostname(desktopID), "A 10.88.0.2 flush 10")
	ip(t, "link del lan0")
	p.cable("10.88.0.3/24")
	p.until("question browser A "+link.Hostname(desktopID), "A 10.88.0.3 flush 10")
	p.do("find "+desktopID, "[10.88.0.3:47113]")
}

func TestStartWithoutNetwork(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	desktop(t)
	p := newPhone(t)
	p.cable("10.88.0.2/24")
	p.do("find "+desktopID, "[10.88.0.2:47113]")
	p.until("question browser A "+link.Hostname(desktopID), "A 10.88.0.2 flush 10")
}

func TestOnlyIPv6(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	p := newPhone(t)
	p.cable("fd88::2/64 nodad")
	p.do("ip addr del 10.88.0.1/24 dev lan1", "ok")
	p.do("ip addr add fd88::1/64 dev lan1 nodad", "ok")
	desktop(t)
	p.do("find "+desktopID, "[[fd88::2]:47113]")
}

func TestFindsNothing(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	never := func([]netip.AddrPort) bool { t.Error("found"); return true }
	if err := Find(ctx, desktopID, never); err == nil {
		t.Error("no network, and no error")
	}
	ip(t, "link add lan0 type veth peer name lan1")
	ip(t, "link set lan0 up")
	ip(t, "link set lan1 up")
	ip(t, "addr add 10.88.0.2/24 dev lan0")
	ctx, stop = context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer stop()
	if err := Find(ctx, desktopID, never); err != nil {
		t.Errorf("nobody there: %v", err)
	}
}

func TestArguments(t *testing.T) {
	if err := Find(t.Context(), "not an id", nil); err == nil {
		t.Error("found no id")
	}
	if err := Advertise(t.Context(), "not an id", port, nil, nil); err == nil {
		t.Error("advertised no id")
	}
	if err := Advertise(t.Context(), desktopID, 0, nil, nil); err == nil {
		t.Error("advertised port 0")
	}
	for _, host := range []string{"", "desktop", "desktop.example"} {
		if err := Respond(t.Context(), host, nil, nil); err == nil {
			t.Errorf("responds for %q", host)
		}
	}
}

func TestWatch(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	ctx, stop := context.WithCancel(t.Context())
	changes := make(chan string, 16)
	ended := make(chan error, 1)
	ready := make(chan struct{}, 1)
	go func() {
		ready <- struct{}{}
		ended <- Watch(ctx, func() { changes <- text((*Choice)(nil).Addresses()) })
	}()
	<-ready
	next := func(want string) {
		t.Helper()
		for {
			select {
			case got := <-changes:
				if got == want {
					return
				}
			case <-time.After(patience):
				t.Fatalf("no change to %q", want)
			}
		}
	}
	ip(t, "link add lan0 type veth peer name lan1")
	ip(t, "link set lan0 up")
	ip(t, "link set lan1 up")
	ip(t, "addr add 10.88.0.2/24 dev lan0")
	next("10.88.0.2")
	ip(t, "addr add 10.99.0.2/24 dev lan1")
	next("10.99.0.2 10.88.0.2") // the other end of a cable is the older interface
	ip(t, "route add default via 10.88.0.1")
	next("10.88.0.2 10.99.0.2")
	ip(t, "addr add fd88::2/64 dev lan0 nodad")
	next("10.88.0.2 fd88::2 10.99.0.2")
	ip(t, "link del lan0")
	next("")
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAddressesOfContainersComeLast(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	ip(t, "link add docker0 type veth peer name lan1")
	ip(t, "link set docker0 up")
	ip(t, "link set lan1 up")
	ip(t, "addr add 172.17.0.1/16 dev docker0")
	ip(t, "addr add 10.99.0.2/24 dev lan1")
	if got, want := text((*Choice)(nil).Addresses()), "10.99.0.2 172.17.0.1"; got != want {
		t.Errorf("addresses %q, want %q", got, want)
	}
	if got := (*Choice)(nil).outside(); len(got) != 1 || got[0].Name != "lan1" {
		t.Errorf("phones are looked for on %v", got)
	}
}

func TestOnlyChosenInterfacesAreTold(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	p := newPhone(t)
	p.cable("10.88.0.2/24")
	on := &Choice{}
	on.Set([]string{"lan0"})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Respond(ctx, link.Hostname(desktopID), on, nil) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	ask := "question browser A " + link.Hostname(desktopID)
	p.until(ask, "A 10.88.0.2 flush 10")
	on.Set([]string{"wlan9"})
	// Announcements of before may still be on their way, but no answer is. The questions are far fewer than answersAtOnce:
	// a responder that answers too much would be silent by that limit only.
	var heard []string
	for range 5 {
		heard = append(heard, p.ask(ask))
	}
	if heard[len(heard)-1] != "silence" {
		t.Errorf("on an interface that is not chosen: %q", heard)
	}
	if got := text(on.Addresses()); got != "" {
		t.Errorf("addresses %q of an interface that is not there", got)
	}
	on.Set([]string{"wlan9", "lan0"})
	p.until(ask, "A 10.88.0.2 flush 10")
	if got := text(on.Addresses()); got != "10.88.0.2" {
		t.Errorf("addresses %q", got)
	}
}

func TestAContainersNetworkCanBeChosen(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	ip(t, "link add docker0 type veth peer name lan1")
	ip(t, "link set docker0 up")
	ip(t, "link set lan1 up")
	ip(t, "addr add 172.17.0.1/16 dev docker0")
	on := &Choice{}
	if got := on.outside(); len(got) != 0 {
		t.Errorf("unasked: %v", got)
	}
	on.Set([]string{"docker0"})
	if got := on.outside(); len(got) != 1 || got[0].Name != "docker0" {
		t.Errorf("chosen: %v", got)
	}
}
