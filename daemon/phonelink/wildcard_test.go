//go:build linux

package phonelink

import (
	"crypto/rand"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"tallykey/phone/link"
	"tallykey/phone/virtual/dial"
)

const networkVar = "PHONELINK_TEST_NETWORK" // set where the test has a network of its own

// inNetwork says whether the test has a network of its own, with addresses of both families. Where not, it has been run
// in one when inNetwork returns. (Loopback won't do: ICE takes ::1 for an IPv4-compatible address and leaves it out.)
func inNetwork(t *testing.T) bool {
	t.Helper()
	if os.Getenv(networkVar) == "" {
		apart := []string{"--net", os.Args[0], "-test.run=^" + t.Name() + "$", "-test.v", "-test.timeout=2m"}
		if os.Getuid() != 0 { // root needs no user namespace, and some containers refuse it
			apart = append([]string{"--user", "--map-root-user"}, apart...)
		}
		run := exec.CommandContext(t.Context(), "unshare", apart...)
		run.Env = append(os.Environ(), networkVar+"=1")
		out, err := run.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Errorf("in its own network: %v\n%s", err, out)
		}
		return false
	}
	for _, arguments := range []string{"link set lo up", "link add lan0 type veth peer name lan1", "link set lan0 up",
		"link set lan1 up", "addr add 10.88.0.2/24 dev lan0", "addr add fd88::2/64 dev lan0 nodad"} {
		if out, err := exec.Command("ip", strings.Fields(arguments)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v\n%s", arguments, err, out)
		}
	}
	return true
}

// A daemon listens on the wildcard address; phones come by either family, and try several addresses at once.
func TestBothFamilies(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	cert, err := NewCertificate(rand.Reader, noon)
	if err != nil {
		t.Fatal(err)
	}
	print, err := Fingerprint(cert)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{})
	if err != nil {
		t.Fatal(err)
	}
	secret, r := make(link.Secret, link.PhoneSecretBytes), newRecorder()
	l, err := Listen(conn, Config{Certificate: cert, Now: func() time.Time { return noon }, Handler: r,
		Find: func(u link.Ufrag) (string, link.Secret, bool) { return peers[0], secret, secret.Owns(u) }})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, hosts := range map[string][]string{"IPv4": {"10.88.0.2"}, "IPv6": {"fd88::2"},
		"both": {"fd88::2", "10.88.0.2"}, "one is dead": {"10.88.0.99", "10.88.0.2"}} {
		t.Run(name, func(t *testing.T) {
			var at []netip.AddrPort
			for _, h := range hosts {
				at = append(at, netip.AddrPortFrom(netip.MustParseAddr(h), l.Port()))
			}
			c, err := dial.Open(t.Context(), dial.Config{Addresses: at, Certificate: print, Secret: secret,
				Now: func() time.Time { return noon }})
			if err != nil {
				t.Fatal(err)
			}
			r.next(t, "opened")
			c.Close()
			r.next(t, "closed")
		})
	}
}

// After Close nothing of the listener runs, nor of the WebRTC libraries.
func TestCloseLeavesNothing(t *testing.T) {
	d := newDesk(t, newRecorder())
	for _, p := range peers[:3] {
		c := d.dial(t, p)
		c.Close()
	}
	d.unhandled(first(t, d.secrets[peers[3]], noon, d.secrets[peers[3]]), stranger)
	d.Close()
	var left string
	tick := time.NewTicker(5 * time.Millisecond) // the libraries end on their own goroutines
	defer tick.Stop()
	for limit := time.After(20 * time.Second); ; {
		all := make([]byte, 1<<20)
		all = all[:runtime.Stack(all, true)]
		if left = running(string(all)); left == "" {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("still running:\n%s", left)
		}
	}
}

// running picks the goroutines of this package and of pion out of a dump, but for tests.
func running(stacks string) string {
	var out []string
	for _, one := range strings.Split(stacks, "\n\n") {
		ours := strings.Contains(one, "github.com/pion/") || strings.Contains(one, "phonelink.(*")
		if ours && !strings.Contains(one, "testing.tRunner") {
			out = append(out, one)
		}
	}
	return strings.Join(out, "\n\n")
}
