//go:build linux

package breaking

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/cli"
	"tallykey/daemon/desktop/desktoptest"
	"tallykey/daemon/doctor"
	"tallykey/daemon/phonelink/network"
	"tallykey/daemon/registration"
	"tallykey/phone/virtual"
)

func TestMain(m *testing.M) {
	network.Main(m, map[string]func(){"tallykey": tallykeyMain, "occupant": occupantMain})
}

// tallykeyMain is the program, of the version that the test says. At SIGUSR1 it collects what is dead, so that what it says
// of its heap is what lives.
func tallykeyMain() {
	collect := make(chan os.Signal, 1)
	signal.Notify(collect, syscall.SIGUSR1)
	go func() {
		for range collect {
			debug.FreeOSMemory()
		}
	}()
	if v := os.Getenv("VERSION"); v != "" {
		cli.Version = v
	}
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// occupantMain is a program that has taken a UDP port until its input ends.
func occupantMain() {
	port, _ := strconv.Atoi(os.Getenv("PORT"))
	if _, err := net.ListenUDP("udp", &net.UDPAddr{Port: port}); err != nil {
		os.Exit(1)
	}
	os.Stdout.WriteString("taken\n")
	io.Copy(io.Discard, os.Stdin)
}

// patience bounds every wait. It is generous, for machines that stall.
const patience = 60 * time.Second

// machine is a desktop on which all is well, until a test breaks something.
type machine struct {
	t       testing.TB // of what is broken now
	outer   testing.TB // of all
	dir     string     // short: the path of a socket holds 107 bytes
	version string     // of the command line; empty: that of the daemon
	host    *network.Host
	in      []string // a command that the doctor is run by
	log     record

	panel   *desktoptest.Panel
	login   *desktoptest.Login
	shows   *desktoptest.NotificationService
	time    *timedate
	keyring *exec.Cmd
	daemon  *exec.Cmd
	phone   *phone
	second  *phone
	port    int

	leave    func()                // of a port that is occupied
	identity registration.Identity // as it was
}

// record is what the daemon writes to its standard error.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

func newMachine(t testing.TB) *machine {
	t.Helper()
	dir, err := os.MkdirTemp("", "tk")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	m := &machine{t: t, outer: t, dir: dir, host: network.NewHost(t)}
	for _, folder := range []string{"run", "home/.config/chromium", "home/.local/state", "bin"} {
		must(t, os.MkdirAll(m.path(folder), 0o700))
	}
	m.installPrograms()
	m.host.Plug("lan0", "d1")
	m.host.IP("addr add 10.88.0.2/24 dev lan0")
	must(t, exec.Command("ip", "addr", "add", "10.88.0.1/24", "dev", "d1").Run())
	m.startDesktop()
	m.startKeyring()
	m.startDaemon()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the daemon's log:\n%s", &m.log)
		}
	})
	m.run("tallykey browsers install")
	m.run("tallykey settings set start-at-login=on")
	m.hello("0.1.0")
	m.phone = newPhone(m, virtual.Options{Name: "Alice’s phone"})
	m.phone.pair()
	return m
}

func (m *machine) path(below string) string { return filepath.Join(m.dir, below) }

// installPrograms makes a folder of programs: this test as tallykey, the host, the window, and sudo, for who runs the
// tests is root.
func (m *machine) installPrograms() {
	// Else a program that starts right now elsewhere holds these files open for writing: "text file busy".
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	self, err := os.Executable()
	must(m.t, err)
	if program := os.Getenv("TALLYKEY_PROGRAM"); program != "" { // a benchmark's: the one that people have
		self = program
	}
	if os.Link(self, m.path("bin/tallykey")) != nil { // another file system
		program, err := os.ReadFile(self)
		must(m.t, err)
		must(m.t, os.WriteFile(m.path("bin/tallykey"), program, 0o755))
	}
	for name, script := range map[string]string{"tallykey-native-messaging": "exit 0", "tallykey-window": "exit 0", "sudo": `exec "$@"`} {
		must(m.t, os.WriteFile(m.path("bin/"+name), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
	}
}

func (m *machine) env() []string {
	home := m.path("home")
	return []string{"HOME=" + home, "XDG_RUNTIME_DIR=" + m.path("run"), "XDG_CONFIG_HOME=" + home + "/.config",
		"XDG_STATE_HOME=" + home + "/.local/state", "XDG_DATA_HOME=" + home + "/.local/share", "XDG_CONFIG_DIRS=" + home + "/none",
		"XDG_CURRENT_DESKTOP=GNOME", "LANG=C.UTF-8", "PATH=" + m.path("bin") + ":/usr/sbin:/usr/bin:/sbin:/bin", "VERSION=" + m.version,
		"DBUS_SESSION_BUS_ADDRESS=" + os.Getenv("DBUS_SESSION_BUS_ADDRESS"), "DBUS_SYSTEM_BUS_ADDRESS=" + os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"),
		"TALLYKEY_TEST_ROLE=tallykey", "GORACE=atexit_sleep_ms=0"} // the race detector waits a second at each end otherwise
}

func (m *machine) command(args ...string) *exec.Cmd {
	c := m.host.Command(args[0], args[1:]...)
	c.Env = m.env()
	return c
}

// run runs a line of a shell on the machine and wants it to succeed.
func (m *machine) run(line string) string {
	m.t.Helper()
	c := m.command("sh", "-c", line)
	out, err := c.CombinedOutput()
	if err != nil {
		m.t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

// examine runs the doctor and returns what it found, by name.
func (m *machine) examine(flags ...string) map[string]doctor.Result {
	m.t.Helper()
	c := m.command(append(append(append([]string{}, m.in...), m.path("bin/tallykey"), "doctor", "--json"), flags...)...)
	out, err := c.Output()
	var all []doctor.Result
	if bad := json.Unmarshal(out, &all); bad != nil {
		m.t.Fatalf("doctor: %v, %v\n%s", err, bad, out)
	}
	found := map[string]doctor.Result{}
	for _, r := range all {
		found[r.Name] = r
	}
	return found
}

// startDesktop starts what a desktop has on its buses.
func (m *machine) startDesktop() {
	desktoptest.StartBus(m.t)
	m.login = desktoptest.StartLogin(m.t)
	m.panel = desktoptest.StartPanel(m.t)
	m.shows = desktoptest.StartNotifications(m.t, "actions", "body")
	m.time = startTimedate(m.t)
}

const password = "a password nobody types"

// startKeyring starts a real keyring and unlocks it. It keeps what an earlier one had.
func (m *machine) startKeyring() {
	m.t.Helper()
	m.keyring = m.command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	m.keyring.Stdin = strings.NewReader(password)
	must(m.t, m.keyring.Start())
	keyring := m.keyring
	m.outer.Cleanup(func() { kill(keyring) })
	conn := desktoptest.Connect(m.t)
	eventually(m.t, "the keyring is on the bus", func() bool {
		var owned bool
		err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&owned)
		return err == nil && owned
	})
}

// startDaemon starts the daemon and waits until phones can come, or until the link failed.
func (m *machine) startDaemon(flags ...string) {
	m.t.Helper()
	m.launch(flags...)
	eventually(m.t, "the daemon's link is ready or failed", func() bool {
		s := m.status()
		m.port = s.Port
		return s.Link.State == "ready" || s.Link.Code != ""
	})
}

// launch starts the daemon and waits until it answers.
func (m *machine) launch(flags ...string) {
	m.t.Helper()
	args := append([]string{m.path("bin/tallykey"), "daemon", "--phone-app", "https://phone.contoso.example/"}, flags...)
	m.daemon = m.command(args...)
	m.daemon.Stderr = &m.log
	must(m.t, m.daemon.Start())
	daemon := m.daemon
	m.outer.Cleanup(func() { kill(daemon) })
	eventually(m.t, "the daemon answers", func() bool { return m.call(api.MethodStatus, nil, nil) == nil })
}

func (m *machine) stopDaemon() {
	m.daemon.Process.Signal(syscall.SIGTERM)
	m.daemon.Wait()
}

func (m *machine) restartDaemon(flags ...string) {
	m.t.Helper()
	m.stopDaemon()
	m.startDaemon(flags...)
}

func (m *machine) dial(ctx context.Context) (*api.Client, error) {
	return api.Dial(ctx, m.path("run/tallykey/daemon.sock"))
}

func (m *machine) call(method string, params, result any) error {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	c, err := m.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Call(ctx, method, params, result)
}

func (m *machine) status() (s api.Status) {
	m.t.Helper()
	must(m.t, m.call(api.MethodStatus, nil, &s))
	return s
}

// hello is the extension of Chromium that says that it is there.
func (m *machine) hello(version string) {
	m.t.Helper()
	must(m.t, m.call(api.MethodBrowser, api.Browser{Name: "Chromium", Extension: version}, nil))
}

// occupy takes a UDP port of the machine until the returned function is called.
func (m *machine) occupy(port int) (leave func()) {
	m.t.Helper()
	c := m.host.Role("occupant", "PORT="+strconv.Itoa(port))
	in, err := c.StdinPipe()
	must(m.t, err)
	out, err := c.StdoutPipe()
	must(m.t, err)
	must(m.t, c.Start())
	m.outer.Cleanup(func() { kill(c) })
	if n, err := out.Read(make([]byte, 16)); n == 0 {
		m.t.Fatalf("port %d can't be taken: %v", port, err)
	}
	return func() {
		in.Close()
		c.Wait()
	}
}

// kill ends a process that the test started; one that has ended is fine.
func kill(c *exec.Cmd) {
	c.Process.Kill()
	c.Wait()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for a condition that nothing announces.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}
