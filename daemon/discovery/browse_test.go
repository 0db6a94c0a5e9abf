package discovery

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/grandcat/zeroconf"
)

// What is heard on the network: of all desktops while somebody browses, of one while it is looked for, nothing twice,
// and no names but ids.
func TestFresh(t *testing.T) {
	const other = "zzzzzzzzzz234567"
	entry := func(instance string, port int, ips ...string) *zeroconf.ServiceEntry {
		e := &zeroconf.ServiceEntry{ServiceRecord: zeroconf.ServiceRecord{Instance: instance}, Port: port}
		for _, ip := range ips {
			e.AddrIPv4 = append(e.AddrIPv4, net.ParseIP(ip))
		}
		return e
	}
	heard := []*zeroconf.ServiceEntry{entry(desktopID, 47113, "10.88.0.2"), entry(desktopID, 47113, "10.88.0.2"),
		entry(strings.ToUpper(desktopID), 47114, "10.88.0.2"), entry(other, 47113, "10.88.0.3"), entry("Office PC", 1, "10.88.0.4"),
		entry(other, 0, "10.88.0.3"), entry(other, 47113), entry(other, 47113, "224.0.0.1")}
	for wanted, want := range map[string]string{
		desktopID: "[" + desktopID + " [10.88.0.2:47113] " + desktopID + " [10.88.0.2:47114]]",
		other:     "[" + other + " [10.88.0.3:47113]]",
		"":        "[" + desktopID + " [10.88.0.2:47113] " + desktopID + " [10.88.0.2:47114] " + other + " [10.88.0.3:47113]]",
	} {
		f := finder{seen: map[string]bool{}}
		var got []string
		for _, e := range heard {
			if id, at, ok := f.fresh(e, wanted); ok {
				got = append(got, id, fmt.Sprint(at))
			}
		}
		if fmt.Sprint(got) != want {
			t.Errorf("wanted %q: %v, want %s", wanted, got, want)
		}
	}
}
