//go:build linux

package network_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/phonelink/network"
	"tallykey/phone/link"
	"tallykey/phone/virtual"
	"tallykey/phone/virtual/dial"
)

// Run them with -benchtime 1x: each takes its own number of samples, and reports median and p95 in milliseconds beside a
// floor that was measured in the same run, on the same hosts.
const (
	openSamples      = 100
	reconnectSamples = 10
	lossSamples      = 40
	worstSamples     = 20
	pairingSamples   = 5
)

// report adds a row: the times of one thing.
func report(b *testing.B, what string, times []time.Duration) {
	b.Helper()
	if len(times) == 0 {
		b.Fatalf("no %s", what)
	}
	slices.Sort(times)
	at := func(share float64) float64 {
		return float64(times[int(share*float64(len(times)-1)+0.5)]) / float64(time.Millisecond)
	}
	b.ReportMetric(at(0.5), what+"-p50-ms")
	b.ReportMetric(at(0.95), what+"-p95-ms")
	b.ReportMetric(0, "ns/op") // of no meaning: left out
}

// BenchmarkLinkOpen opens connections between two hosts; the floor is a TLS 1.3 handshake over TCP between them, both sides
// with a certificate of the same kind.
func BenchmarkLinkOpen(b *testing.B) {
	w := unpaired(b, 1)
	server := w.desktop.host.Role("tls")
	start(b, server)
	var p api.Pairing
	w.desktop.must(api.MethodPair, nil, &p)
	opener := w.phone.host.Role("opener")
	opener.Stdin = strings.NewReader(p.Link) // it holds a secret
	opener.Stderr = os.Stderr
	out, err := opener.Output()
	if err != nil {
		b.Fatal(err)
	}
	var times struct{ Link, TLS []time.Duration }
	if err := json.Unmarshal(out, &times); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	report(b, "open", times.Link)
	report(b, "tls-floor", times.TLS)
}

// BenchmarkLinkAddressChange gives the desktop another address under an idle connection; the floor is a UDP echo from there.
func BenchmarkLinkAddressChange(b *testing.B) {
	w := newWorld(b, 2)
	start(b, w.desktop.host.Role("echo"))
	probe := w.phone.host.Role("probe")
	ask, answers := start(b, probe)
	w.desktop.host.IP("addr del fd88::2/64 dev lan0")
	var back, floor []time.Duration
	addresses := []string{"10.88.0.2", "10.88.0.77"}
	for i := range reconnectSamples {
		eventually(b, "the phone is connected", w.desktop.connected)
		old, next := addresses[i%2], addresses[(i+1)%2]
		before := w.phone.count(virtual.Connected, "", "")
		w.desktop.host.IP("addr add " + next + "/24 dev lan0")
		w.desktop.host.IP("addr del " + old + "/24 dev lan0")
		w.desktop.host.IP("addr replace " + next + "/24 dev lan0")
		since := time.Now()
		fmt.Fprintln(ask, next)
		line, err := answers.ReadString('\n')
		if err != nil {
			b.Fatal(err)
		}
		echo, err := time.ParseDuration(strings.TrimSpace(line))
		if err != nil {
			b.Fatal(err)
		}
		eventually(b, "the phone is back", func() bool { return w.phone.count(virtual.Connected, "", "") > before })
		back, floor = append(back, time.Since(since)), append(floor, echo)
	}
	report(b, "back", back)
	report(b, "echo-floor", floor)
}

// BenchmarkLinkRestart kills the daemon and starts it again; the floor is when its own link is ready.
func BenchmarkLinkRestart(b *testing.B) {
	w := newWorld(b, 3)
	var back, floor []time.Duration
	for range reconnectSamples {
		eventually(b, "the phone is connected", w.desktop.connected)
		before := w.phone.count(virtual.Connected, "", "")
		w.desktop.end(syscall.SIGKILL)
		since := time.Now()
		w.desktop.start()
		floor = append(floor, time.Since(since))
		eventually(b, "the phone is back", func() bool { return w.phone.count(virtual.Connected, "", "") > before })
		back = append(back, time.Since(since))
	}
	report(b, "back", back)
	report(b, "ready-floor", floor)
}

// start starts a role that says when it is ready; it ends with the benchmark.
func start(b *testing.B, role *exec.Cmd) (in io.Writer, out *bufio.Reader) {
	b.Helper()
	pipe, err := role.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	said, err := role.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	role.Stderr = os.Stderr
	if err := role.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		role.Process.Kill()
		role.Wait()
	})
	out = bufio.NewReader(said)
	if line, err := out.ReadString('\n'); line != "ready\n" {
		b.Fatalf("%v says %q, %v", role.Args, line, err)
	}
	return pipe, out
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// BenchmarkLinkLoss signs in while three packets in ten are lost each way, and tells the share that came through besides;
// the floor is the same without loss.
func BenchmarkLinkLoss(b *testing.B) {
	w := newWorld(b, 4)
	var times [2][]time.Duration
	approved := 0
	for i, weather := range []network.Weather{{}, {Loss: 0.3}} {
		w.relay.Set(weather)
		for range lossSamples {
			eventually(b, "the phone is connected", w.desktop.connected)
			since := time.Now()
			if code := w.signIn(); code == api.Approved {
				times[i] = append(times[i], time.Since(since))
				approved += i
			} else {
				b.Logf("%v: %s", weather, code)
			}
		}
	}
	report(b, "signin", times[1])
	report(b, "fair-floor", times[0])
	b.ReportMetric(100*float64(approved)/lossSamples, "%approved")
}

// BenchmarkLinkWorst pairs and signs in over the worst of links, and tells the share of each that came through at the first
// try. The time of a sign-in includes that in which the phone connects.
func BenchmarkLinkWorst(b *testing.B) {
	w := newWorld(b, 5)
	w.relay.Set(worst)
	paired, pairing := w.share(pairingSamples, api.Paired, w.pairing)
	approved, signin := w.share(worstSamples, api.Approved, func() api.Code {
		within(b, 3*patience, "the phone is connected", w.desktop.connected)
		return w.signIn()
	})
	report(b, "pairing", pairing)
	report(b, "signin", signin)
	b.ReportMetric(paired, "%paired")
	b.ReportMetric(approved, "%approved")
}

// share does something n times, and returns how many in a hundred ended as wanted, and how long those took.
func (w *world) share(n int, want api.Code, do func() api.Code) (percent float64, times []time.Duration) {
	for range n {
		since := time.Now()
		if code := do(); code == want {
			times = append(times, time.Since(since))
		} else {
			w.t.Logf("%s: %s", want, code)
		}
	}
	return 100 * float64(len(times)) / float64(n), times
}

// openerMain is a phone that does nothing but connect.
func openerMain() {
	text, _ := io.ReadAll(os.Stdin)
	offer, err := link.ParseOffer(string(text))
	if err != nil {
		fail(err)
	}
	at := []netip.AddrPort{netip.AddrPortFrom(offer.Addresses[0], offer.Port)}
	var times struct{ Link, TLS []time.Duration }
	for range openSamples {
		since := time.Now()
		c, err := dial.Open(context.Background(), dial.Config{Addresses: at, Certificate: offer.Certificate, Secret: offer.Secret})
		if err != nil {
			fail(err)
		}
		times.Link = append(times.Link, time.Since(since))
		c.Close()
		since = time.Now()
		t, err := tls.Dial("tcp", net.JoinHostPort(offer.Addresses[0].String(), tlsPort), tlsConfig())
		if err != nil {
			fail(err)
		}
		t.Read(make([]byte, 1)) // the other side has taken our certificate
		times.TLS = append(times.TLS, time.Since(since))
		t.Close()
	}
	json.NewEncoder(os.Stdout).Encode(times)
}

const (
	tlsPort  = "4433"
	echoPort = "4434"
)

// tlsConfig has a new certificate, as each connection of a phone does.
func tlsConfig() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		fail(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().AddDate(1, 0, 0)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		fail(err)
	}
	return &tls.Config{InsecureSkipVerify: true, ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{cert}, PrivateKey: key}}}
}

// tlsMain is the floor's desktop.
func tlsMain() {
	l, err := tls.Listen("tcp", ":"+tlsPort, tlsConfig())
	if err != nil {
		fail(err)
	}
	fmt.Println("ready")
	for {
		c, err := l.Accept()
		if err != nil {
			fail(err)
		}
		go func() {
			c.Write([]byte{1}) // after the handshake
			io.Copy(io.Discard, c)
			c.Close()
		}()
	}
}

// echoMain sends packets back.
func echoMain() {
	c, err := net.ListenPacket("udp", ":"+echoPort)
	if err != nil {
		fail(err)
	}
	fmt.Println("ready")
	for b := make([]byte, 16); ; {
		n, from, err := c.ReadFrom(b)
		if err != nil {
			fail(err)
		}
		c.WriteTo(b[:n], from)
	}
}

// probeMain reads addresses and says how long it took until an echo came from each.
func probeMain() {
	fmt.Println("ready")
	for s := bufio.NewScanner(os.Stdin); s.Scan(); {
		since := time.Now()
		for !echoes(s.Text()) {
		}
		fmt.Println(time.Since(since))
	}
}

func echoes(address string) bool {
	c, err := net.Dial("udp", net.JoinHostPort(address, echoPort))
	if err != nil {
		return false
	}
	defer c.Close()
	c.Write([]byte("echo"))
	c.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
	_, err = c.Read(make([]byte, 16))
	return err == nil
}
