// Package discovery tells phones where this desktop is, and follows it through changes of network: which addresses it
// has, best first; an mDNS advertisement that native phones find; and the answer to its own host name, which is all a
// web page can ask for.
//
// Whatever is said here is a hint. It never changes who is trusted: a phone that is sent to the wrong place finds
// another certificate there, and one that gets no hint still knows the last addresses.
package discovery

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"tallykey/phone/link"
)

// port of mDNS, RFC 6762 section 2.
const mdnsPort = 5353

// maxIPv6 bounds the IPv6 addresses that are told of one interface. Some have a dozen temporary ones, and every address
// that a phone tries in vain costs it 50 ms.
const maxIPv6 = 2

// attachment is an interface by which this desktop is on a network with others.
type attachment struct {
	net.Interface
	prefixes []netip.Prefix // IPv4 and global IPv6
	metric   int            // of its default route; noRoute without one
}

const noRoute = 1 << 31

func attachments() []attachment {
	all, err := net.Interfaces()
	if err != nil {
		return nil // no network
	}
	return attached(all, (*net.Interface).Addrs, defaultRoutes())
}

// attached are those of all interfaces by which others on a network may reach this desktop. routes are metrics of default
// routes by name.
func attached(all []net.Interface, addrsOf func(*net.Interface) ([]net.Addr, error), routes map[string]int) []attachment {
	var out []attachment
	for _, i := range all {
		const need, not = net.FlagUp | net.FlagRunning, net.FlagLoopback | net.FlagPointToPoint
		if i.Flags&need != need || i.Flags&not != 0 {
			continue
		}
		addrs, err := addrsOf(&i)
		if err != nil {
			continue // it has gone since
		}
		a := attachment{Interface: i, prefixes: prefixes(addrs), metric: noRoute}
		if m, ok := routes[i.Name]; ok {
			a.metric = m
		}
		if len(a.prefixes) > 0 {
			out = append(out, a)
		}
	}
	return out
}

func prefixes(addrs []net.Addr) []netip.Prefix {
	var out []netip.Prefix
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		ip, ok := netip.AddrFromSlice(n.IP)
		if ip = ip.Unmap(); !ok || !ip.Is4() && !ip.IsGlobalUnicast() || ip.IsLoopback() {
			continue
		}
		bits, _ := n.Mask.Size()
		out = append(out, netip.PrefixFrom(ip, bits))
	}
	return out
}

// place is an address with what its rank depends on, in this order.
type place struct {
	class  class
	family int // 4 before 6
	metric int
	index  int
	addr   netip.Addr
}

func rank(all []attachment) []netip.Addr {
	var places []place
	for _, a := range all {
		six := 0
		for _, p := range a.prefixes {
			at := place{class: a.class(), family: 4, metric: a.metric, index: a.Index, addr: p.Addr()}
			if p.Addr().Is6() {
				at.family = 6
				six++
			}
			if p.Addr().IsLinkLocalUnicast() {
				at.class = inner
			}
			if six <= maxIPv6 || at.family == 4 {
				places = append(places, at)
			}
		}
	}
	slices.SortStableFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.family, b.family), cmp.Compare(a.metric, b.metric),
			cmp.Compare(a.index, b.index))
	})
	out := make([]netip.Addr, 0, link.MaxAddresses)
	for _, p := range places[:min(len(places), link.MaxAddresses)] {
		out = append(out, p.addr)
	}
	return out
}

// class is how likely an attachment leads to a phone, the likeliest first.
type class int

const (
	routed class = iota // it has the default route
	local               // it has none
	tunnel              // a VPN: phones are on it seldom, and it often takes the default route
	inner               // containers and virtual machines of this very host
)

var classNames = [...]string{"routed", "local", "tunnel", "inner"}

// String implements fmt.Stringer.
func (c class) String() string { return classNames[c] }

func (a attachment) class() class {
	switch {
	case a.inside():
		return inner
	case a.named(tunnelNames):
		return tunnel
	case a.metric == noRoute:
		return local
	}
	return routed
}

// insideNames are how interfaces begin that lead to containers and virtual machines on this very host.
var insideNames = []string{"docker", "br-", "veth", "virbr", "cni", "flannel", "cali", "podman", "lxc", "lxdbr", "vmnet",
	"vboxnet", "vEthernet", "incusbr", "awdl", "llw"}

// tunnelNames are how interfaces of VPNs begin. Most are point to point and not told of at all.
var tunnelNames = []string{"tun", "tap", "wg", "ppp", "ipsec", "tailscale", "zt", "nordlynx", "proton", "utun"}

// inside says whether this host is alone there with its containers. One of those names with the default route is none of
// them: a bridge or a virtual switch (Hyper-V calls all of them vEthernet) through which this host is on its network.
func (a attachment) inside() bool { return a.metric == noRoute && a.named(insideNames) }

func (a attachment) named(prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(a.Name, p) })
}

// signature changes when anything changes that phones are told.
func signature(all []attachment) string {
	var b strings.Builder
	for _, a := range all {
		fmt.Fprintln(&b, a.Index, a.Name, a.prefixes, a.metric)
	}
	return b.String()
}
