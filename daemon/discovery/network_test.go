package discovery

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/phone/link"
)

func TestRank(t *testing.T) {
	for _, c := range []struct {
		name string
		all  []attachment
		want string
	}{
		{"nothing", nil, ""},
		{"IPv4 before IPv6", []attachment{at(1, "eth0", 100, "2001:db8::1/64", "192.0.2.1/24")}, "192.0.2.1 2001:db8::1"},
		{"default route first", []attachment{at(1, "eth0", noRoute, "192.0.2.1/24"), at(2, "wlan0", 600, "198.51.100.1/24")},
			"198.51.100.1 192.0.2.1"},
		{"lower metric first", []attachment{at(1, "wlan0", 600, "198.51.100.1/24"), at(2, "eth0", 100, "192.0.2.1/24")},
			"192.0.2.1 198.51.100.1"},
		{"IPv4 of every good network before IPv6", []attachment{at(1, "eth0", 100, "192.0.2.1/24", "2001:db8::1/64"),
			at(2, "wlan0", 600, "198.51.100.1/24")}, "192.0.2.1 198.51.100.1 2001:db8::1"},
		{"containers last", []attachment{at(1, "docker0", noRoute, "172.17.0.1/16"), at(2, "virbr0", noRoute, "192.168.122.1/24"),
			at(3, "eth0", 100, "2001:db8::1/64")}, "2001:db8::1 172.17.0.1 192.168.122.1"},
		{"self-assigned last", []attachment{at(1, "eth0", 100, "169.254.7.7/16"), at(2, "eth1", noRoute, "192.0.2.1/24")},
			"192.0.2.1 169.254.7.7"},
		{"two of many IPv6", []attachment{at(1, "eth0", 100, "2001:db8::1/64", "2001:db8::2/64", "2001:db8::3/64")},
			"2001:db8::1 2001:db8::2"},
		{"eight at most", []attachment{at(1, "eth0", 100, "192.0.2.1/24", "192.0.2.2/24", "192.0.2.3/24", "192.0.2.4/24",
			"192.0.2.5/24", "192.0.2.6/24", "192.0.2.7/24", "192.0.2.8/24", "192.0.2.9/24")},
			"192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 192.0.2.7 192.0.2.8"},
	} {
		if diff := cmp.Diff(c.want, text(rank(c.all))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// What desktops have, by the system's names, and what phones are told of it. Each interface has an address that ends in its
// place in the list, from 1.
func TestInterfaces(t *testing.T) {
	const (
		up   = net.FlagUp | net.FlagRunning | net.FlagMulticast
		down = net.FlagMulticast
		ptp  = up | net.FlagPointToPoint
		loop = up | net.FlagLoopback
	)
	type iface struct {
		name  string
		flags net.Flags
		route int // metric of the default route; 0: none
	}
	for _, c := range []struct {
		name, want string
		all        []iface
	}{
		{"a laptop by radio, its socket empty", "wlp2s0",
			[]iface{{"lo", loop, 0}, {"enp1s0", down, 0}, {"wlp2s0", up, 600}}},
		{"cable and radio", "enp1s0 wlp2s0", []iface{{"lo", loop, 0}, {"wlp2s0", up, 600}, {"enp1s0", up, 100}}},
		{"containers", "enp1s0 docker0 br-3f1c veth12 virbr0",
			[]iface{{"lo", loop, 0}, {"docker0", up, 0}, {"br-3f1c", up, 0}, {"veth12", up, 0}, {"virbr0", up, 0}, {"enp1s0", up, 100}}},
		{"a network without a way out, beside containers", "enp1s0 docker0", []iface{{"docker0", up, 0}, {"enp1s0", up, 0}}},
		{"a VPN, point to point", "wlan0", []iface{{"wlan0", up, 600}, {"wg0", ptp, 50}, {"tun0", ptp, 0}}},
		{"a VPN with the default route", "wlan0 tap0", []iface{{"tap0", up, 50}, {"wlan0", up, 0}}},
		{"a VPN beside containers", "wlan0 zt5u4 docker0", []iface{{"docker0", up, 0}, {"zt5u4", up, 0}, {"wlan0", up, 600}}},
		{"a bridge that is the way out", "br-lan docker0", []iface{{"docker0", up, 0}, {"br-lan", up, 425}}},
		{"Windows with WSL", "Wi-Fi vEthernet (WSL)", []iface{{"vEthernet (WSL)", up, 0}, {"Wi-Fi", up, 35}}},
		{"Windows behind its virtual switch", "vEthernet (External) vEthernet (Default Switch)",
			[]iface{{"Ethernet", down, 0}, {"vEthernet (Default Switch)", up, 0}, {"vEthernet (External)", up, 25}}},
		{"inside WSL", "eth0", []iface{{"lo", loop, 0}, {"eth0", up, 1}}},
		{"macOS", "en0 awdl0 llw0", []iface{{"awdl0", up, 0}, {"llw0", up, 0}, {"utun3", ptp, 0}, {"en0", up, 1}}},
		{"no network", "", []iface{{"lo", loop, 0}, {"eth0", down, 0}}},
	} {
		var all []net.Interface
		routes, names := map[string]int{}, map[string]string{}
		for n, i := range c.all {
			all = append(all, net.Interface{Index: n + 1, Name: i.name, Flags: i.flags})
			names[net.IPv4(192, 0, 2, byte(n+1)).String()] = i.name
			if i.route > 0 {
				routes[i.name] = i.route
			}
		}
		addrs := func(i *net.Interface) ([]net.Addr, error) {
			return []net.Addr{&net.IPNet{IP: net.IPv4(192, 0, 2, byte(i.Index)), Mask: net.CIDRMask(24, 32)}}, nil
		}
		var got []string
		for _, a := range rank(attached(all, addrs, routes)) {
			got = append(got, names[a.String()])
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func at(index int, name string, metric int, addrs ...string) attachment {
	a := attachment{Interface: net.Interface{Index: index, Name: name}, metric: metric}
	for _, s := range addrs {
		a.prefixes = append(a.prefixes, netip.MustParsePrefix(s))
	}
	return a
}

func text(all []netip.Addr) string {
	var words []string
	for _, a := range all {
		words = append(words, a.String())
	}
	return strings.Join(words, " ")
}

func TestPrefixes(t *testing.T) {
	ipnet := func(s string) net.Addr {
		ip, n, err := net.ParseCIDR(s)
		if err != nil {
			t.Fatal(err)
		}
		return &net.IPNet{IP: ip, Mask: n.Mask}
	}
	got := prefixes([]net.Addr{ipnet("192.0.2.1/24"), ipnet("fe80::1/64"), ipnet("2001:db8::1/64"), ipnet("fd00::1/64"),
		ipnet("127.0.0.1/8"), ipnet("::1/128"), &net.UDPAddr{}})
	want := []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("2001:db8::1/64"),
		netip.MustParsePrefix("fd00::1/64")}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("prefixes (-want +got):\n%s", diff)
	}
}

// Only neighbours are answered.
func TestNetworkOfQuestion(t *testing.T) {
	all := []attachment{at(2, "eth0", 100, "192.0.2.1/24", "2001:db8::1/64"), at(3, "eth1", noRoute, "198.51.100.1/24")}
	for _, c := range []struct {
		index int
		from  string
		want  string
	}{
		{2, "192.0.2.77", "eth0"}, {0, "192.0.2.77", "eth0"}, {0, "198.51.100.7", "eth1"}, {2, "2001:db8::7", "eth0"},
		{2, "fe80::7%eth0", "eth0"}, {3, "169.254.1.1", "eth1"},
		{2, "198.51.100.7", ""}, {2, "203.0.113.1", ""}, {0, "203.0.113.1", ""}, {0, "fe80::7", ""}, {9, "192.0.2.77", ""},
	} {
		if a, ok := network(all, c.index, netip.MustParseAddr(c.from)); a.Name != c.want || ok != (c.want != "") {
			t.Errorf("question on %d from %s: network %q, %v; want %q", c.index, c.from, a.Name, ok, c.want)
		}
	}
}

var desktopID = link.NewID([link.IDBytes]byte{1, 2, 3})
