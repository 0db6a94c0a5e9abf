package network

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

const (
	ownVar  = "TALLYKEY_TEST_NETWORK" // set where the tests have a network of their own
	roleVar = "TALLYKEY_TEST_ROLE"    // what this process is, if not the tests
)

// Main runs a package's tests in a network namespace of their own, and is called by TestMain. A process that was started
// by Host.Start runs its role instead.
func Main(m *testing.M, roles map[string]func()) {
	if role := os.Getenv(roleVar); role != "" {
		roles[role]()
		return
	}
	if os.Getenv(ownVar) != "" {
		os.Exit(m.Run())
	}
	// The tests wait far more than they work, so more of them run at a time than there are processors.
	apart := append([]string{"--net", os.Args[0], "-test.parallel=4"}, os.Args[1:]...)
	if os.Getuid() != 0 { // root needs no user namespace, and some containers refuse it
		apart = append([]string{"--user", "--map-root-user"}, apart...)
	}
	run := exec.Command("unshare", apart...)
	run.Env = append(os.Environ(), ownVar+"=1")
	run.Stdin, run.Stdout, run.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := run.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "in a network of their own:", err)
		os.Exit(1)
	}
}

// Host is a machine with a network of its own and the files of all.
type Host struct {
	t   testing.TB
	pid string
}

// NewHost makes a host without a network. It ends with the test.
func NewHost(t testing.TB) *Host {
	t.Helper()
	// cat keeps the namespace: it waits for the end of its input.
	hold := exec.Command("unshare", "--net", "sh", "-c", "ip link set lo up && echo ready && exec cat")
	in, err := hold.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := hold.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := hold.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		hold.Wait()
	})
	if n, err := out.Read(make([]byte, 16)); n == 0 {
		t.Fatalf("no host: %v", err)
	}
	return &Host{t, strconv.Itoa(hold.Process.Pid)}
}

// Command is a program that runs on the host.
func (h *Host) Command(name string, args ...string) *exec.Cmd {
	return exec.CommandContext(context.WithoutCancel(h.t.Context()), "nsenter",
		append([]string{"--net=/proc/" + h.pid + "/ns/net", name}, args...)...)
}

// Role is this test program on the host, in a role that Main knows, with environment variables.
func (h *Host) Role(role string, env ...string) *exec.Cmd {
	c := h.Command(os.Args[0])
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", roleVar + "=" + role}, env...)
	return c
}

// IP runs ip(8) on the host.
func (h *Host) IP(arguments string) {
	h.t.Helper()
	must(h.t, h.Command("ip", strings.Fields(arguments)...))
}

// Plug lays a cable from an interface of the host to one of this process's own network, which has no address and no
// business but Relay's.
func (h *Host) Plug(inside, here string) {
	h.t.Helper()
	for _, arguments := range []string{"link add " + here + " type veth peer name " + inside + " netns " + h.pid,
		"link set dev " + here + " addrgenmode none", "link set " + here + " up"} {
		must(h.t, exec.Command("ip", strings.Fields(arguments)...))
	}
	h.IP("link set " + inside + " up")
}

func must(t testing.TB, c *exec.Cmd) {
	t.Helper()
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, out)
	}
}
