//go:build !linux

package discovery

import "net"

// defaultRoutes finds the interface of the default route by asking for a way to an address of documentation (RFC 5737,
// RFC 3849). Connecting a UDP socket sends nothing.
func defaultRoutes() map[string]int {
	out := map[string]int{}
	for _, far := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} {
		conn, err := net.Dial("udp", far)
		if err != nil {
			continue
		}
		if name, ok := owner(conn.LocalAddr().(*net.UDPAddr).IP); ok {
			out[name] = 0
		}
		conn.Close()
	}
	return out
}

func owner(ip net.IP) (string, bool) {
	all, err := net.Interfaces()
	if err != nil {
		return "", false
	}
	for _, i := range all {
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip) {
				return i.Name, true
			}
		}
	}
	return "", false
}
