package discovery

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"
)

// defaultRoutes returns the lowest metric of a default route by interface.
func defaultRoutes() map[string]int {
	out := map[string]int{}
	for path, parse := range map[string]func(io.Reader, map[string]int){
		"/proc/net/route": routes4, "/proc/net/ipv6_route": routes6} {
		f, err := os.Open(path)
		if err != nil {
			continue // no such protocol: no route
		}
		parse(f, out)
		f.Close()
	}
	return out
}

// maxRoutes bounds what is read: a router's full table is no desktop's.
const maxRoutes = 4096

// routes4 reads /proc/net/route: interface, destination, gateway, flags, references, uses, metric, mask, ….
func routes4(r io.Reader, out map[string]int) {
	eachRoute(r, func(f []string) {
		if len(f) > 7 && f[1] == "00000000" && f[7] == "00000000" {
			lower(out, f[0], f[6], 10)
		}
	})
}

// routes6 reads /proc/net/ipv6_route: destination, its prefix length, source, its prefix length, next hop, metric,
// references, uses, flags, interface.
func routes6(r io.Reader, out map[string]int) {
	eachRoute(r, func(f []string) {
		if len(f) > 9 && f[1] == "00" && strings.Trim(f[0], "0") == "" {
			lower(out, f[9], f[5], 16)
		}
	})
}

func eachRoute(r io.Reader, each func(fields []string)) {
	lines := bufio.NewScanner(r)
	for n := 0; n < maxRoutes && lines.Scan(); n++ {
		each(strings.Fields(lines.Text()))
	}
}

func lower(out map[string]int, name, metric string, base int) {
	m, err := strconv.ParseUint(metric, base, 32)
	if err != nil || m >= noRoute { // an unreachable route: the kernel's last resort, on lo
		return
	}
	if have, ok := out[name]; !ok || int(m) < have {
		out[name] = int(m)
	}
}
