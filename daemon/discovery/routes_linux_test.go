package discovery

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRoutes(t *testing.T) {
	out := map[string]int{}
	routes4(strings.NewReader("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"+
		"wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"+
		"eth0\t00000000\t0100A8C0\t0003\t0\t0\t200\t00000000\t0\t0\t0\n"+
		"eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"+
		"eth1\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"+
		"half\t00000000\n\n"+
		"odd\t00000000\t0\t0003\t0\t0\tmany\t00000000\t0\t0\t0\n"), out)
	routes6(strings.NewReader("00000000000000000000000000000000 00 00000000000000000000000000000000 00 "+
		"fe800000000000000000000000000001 00000400 00000001 00000000 00450003 wlan1\n"+
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 "+
		"00000000000000000000000000000000 ffffffff 00000001 00000000 00200200 lo\n"+
		"20010db8000000000000000000000000 40 00000000000000000000000000000000 00 "+
		"00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth2\nshort\n"), out)
	if diff := cmp.Diff(map[string]int{"wlan0": 600, "eth0": 100, "wlan1": 1024}, out); diff != "" {
		t.Errorf("default routes (-want +got):\n%s", diff)
	}
}

func FuzzRoutes(f *testing.F) {
	f.Add("eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n")
	f.Fuzz(func(t *testing.T, s string) {
		out := map[string]int{}
		routes4(strings.NewReader(s), out)
		routes6(strings.NewReader(s), out)
		for name, m := range out {
			if m < 0 || m >= noRoute {
				t.Errorf("metric %d of %q", m, name)
			}
		}
	})
}
