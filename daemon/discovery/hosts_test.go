//go:build linux

package discovery

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/ipv4"
)

// These tests need a network of their own. Each runs itself again in a user and network namespace, where it may make
// interfaces; the phone is a process in a second one, at the other end of a cable.

const (
	networkVar = "DISCOVERY_TEST_NETWORK" // name of the test that has its network
	phoneVar   = "DISCOVERY_TEST_PHONE"   // this process is the phone
	patience   = 20 * time.Second
)

func TestMain(m *testing.M) {
	if os.Getenv(phoneVar) != "" {
		phoneMain()
		return
	}
	os.Exit(m.Run())
}

// inNetwork says whether the test has its own network. Where not, it has been run in one when inNetwork returns.
func inNetwork(t *testing.T) bool {
	t.Helper()
	if os.Getenv(networkVar) == t.Name() {
		ip(t, "link set lo up")
		return true
	}
	apart := []string{"--net", os.Args[0], "-test.run=^" + t.Name() + "$", "-test.v", "-test.timeout=2m"}
	if os.Getuid() != 0 { // root needs no user namespace, and some containers refuse it
		apart = append([]string{"--user", "--map-root-user"}, apart...)
	}
	run := exec.CommandContext(t.Context(), "unshare", apart...)
	run.Env = append(os.Environ(), networkVar+"="+t.Name())
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("in its own network: %v\n%s", err, out)
	}
	return false
}

func ip(t testing.TB, arguments string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(arguments)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v\n%s", arguments, err, out)
	}
}

// phone is another host. It does what it is told, a line at a time, and answers each with one line.
type phone struct {
	t     *testing.T
	in    io.Writer
	lines chan string
	pid   string
}

// newPhone starts a host without a network. It ends with the test.
func newPhone(t *testing.T) *phone {
	t.Helper()
	run := exec.CommandContext(t.Context(), "unshare", "--net", os.Args[0])
	run.Env = append(os.Environ(), phoneVar+"=1")
	run.Stderr = os.Stderr
	in, err := run.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	p := &phone{t: t, in: in, lines: make(chan string, 16), pid: strconv.Itoa(run.Process.Pid)}
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
		close(p.lines)
	}()
	t.Cleanup(func() {
		in.Close()
		run.Wait()
	})
	p.do("ip link set lo up", "ok")
	return p
}

// cable connects desktop (lan0) and phone (lan1) and gives them their addresses.
func (p *phone) cable(addrs ...string) {
	p.t.Helper()
	ip(p.t, "link add lan0 type veth peer name lan1")
	ip(p.t, "link set lan1 netns "+p.pid)
	ip(p.t, "link set lan0 up")
	p.do("ip link set lan1 up", "ok")
	p.do("ip addr add 10.88.0.1/24 dev lan1", "ok")
	for _, a := range addrs {
		ip(p.t, "addr add "+a+" dev lan0")
	}
}

func (p *phone) ask(command string) string {
	p.t.Helper()
	fmt.Fprintln(p.in, command)
	select {
	case line := <-p.lines:
		return line
	case <-time.After(patience + 5*time.Second):
		p.t.Fatalf("the phone says nothing to %q", command)
		return ""
	}
}

func (p *phone) do(command, want string) {
	p.t.Helper()
	if got := p.ask(command); got != want {
		p.t.Fatalf("%s: %q, want %q", command, got, want)
	}
}

// until repeats a command whose answer becomes the wanted one when something has happened on the desktop.
func (p *phone) until(command, want string) {
	p.t.Helper()
	var got string
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if got = p.ask(command); got == want {
			return
		}
	}
	p.t.Fatalf("%s: %q, want %q", command, got, want)
}

func phoneMain() {
	for s := bufio.NewScanner(os.Stdin); s.Scan(); {
		words := strings.Fields(s.Text())
		fmt.Println(phoneDoes(words[0], words[1:]))
	}
}

func phoneDoes(what string, with []string) string {
	var out string
	var err error
	switch what {
	case "ip":
		out = "ok"
		var text []byte
		if text, err = exec.Command("ip", with...).CombinedOutput(); err != nil {
			out = string(text)
		}
	case "find":
		out, err = phoneFinds(with[0])
	case "question":
		out, err = phoneAsks(with[0], with[1], with[2])
	case "listen":
		err = phoneListens()
		out = "ok"
	case "heard":
		out, err = phoneHeard(with[0])
	}
	if err != nil {
		return "error: " + strings.ReplaceAll(err.Error()+" "+out, "\n", " ")
	}
	return out
}

// phoneFinds returns the first answer about a desktop.
func phoneFinds(desktop string) (out string, err error) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	err = Find(ctx, desktop, func(at []netip.AddrPort) bool {
		out = fmt.Sprint(at)
		return true
	})
	return out, err
}

// phoneAsks asks for a host's addresses as "browser" (multicast), "unicast" or "resolver" and returns the answer's
// records, or "silence".
func phoneAsks(how, kind, name string) (string, error) {
	at := net.UDPAddrFromAddrPort(group4)
	if how == "resolver" {
		at = nil
	}
	s, err := listen(at)
	if err != nil {
		return "", err
	}
	defer s.close()
	class := dnsmessage.ClassINET
	if how == "unicast" {
		class |= topBit
	}
	types := map[string]dnsmessage.Type{"A": dnsmessage.TypeA, "AAAA": dnsmessage.TypeAAAA}
	m := asking(ask(name+".", types[kind], class))
	packet, err := m.Pack()
	if err != nil {
		return "", err
	}
	if err := s.write(packet, s.lan, group4); err != nil {
		return "", err
	}
	return s.answer(name, time.Second)
}

// listening is a socket that hears mDNS on the phone's end of the cable.
type listening struct {
	*socket4
	lan *net.Interface
}

func listen(at *net.UDPAddr) (*listening, error) {
	lan, err := net.InterfaceByName("lan1")
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp4", at)
	if err != nil {
		return nil, err
	}
	l := &listening{&socket4{PacketConn: ipv4.NewPacketConn(conn)}, lan}
	if at != nil {
		err = l.join(lan)
	}
	return l, err
}

// answer returns the next message that says something about name.
func (s *listening) answer(name string, limit time.Duration) (string, error) {
	s.SetReadDeadline(time.Now().Add(limit))
	buffer := make([]byte, maxPacket)
	for {
		n, _, _, err := s.read(buffer)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return "silence", nil
		}
		if err != nil {
			return "", err
		}
		var m dnsmessage.Message
		if m.Unpack(buffer[:n]) != nil || !m.Response || len(m.Answers) == 0 || m.Answers[0].Header.Name.String() != name+"." {
			continue
		}
		var all []string
		for _, r := range m.Answers {
			all = append(all, resource(r))
		}
		return strings.Join(all, ", "), nil
	}
}

var ear *listening

// phoneListens opens an ear for what is said unasked.
func phoneListens() (err error) {
	ear, err = listen(net.UDPAddrFromAddrPort(group4))
	return err
}

func phoneHeard(name string) (string, error) { return ear.answer(name, patience) }
