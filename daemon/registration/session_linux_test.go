package registration

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// The tests of the real keyring run in a session of their own: own bus, own home, own runtime folder, own keyring. They
// need dbus-run-session and gnome-keyring-daemon, and fail without.

const insideTest = "TALLYKEY_TEST_SESSION" // names the test that this process runs inside its session

// A desktop with and without a keyring that the bus can start.
const (
	withServices    = "<standard_session_servicedirs/>"
	withoutServices = ""
)

// inSession runs the calling test again, in another process inside a new session, and returns false; there it returns
// true.
func inSession(t *testing.T, services string) bool {
	t.Helper()
	if os.Getenv(insideTest) == t.Name() {
		return true
	}
	home := privateHome(t)
	config := filepath.Join(home, "bus.conf")
	must(t, os.WriteFile(config, []byte(fmt.Sprintf(busConfig, filepath.Join(home, "run"), services)), 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "dbus-run-session", "--config-file="+config, "--", os.Args[0],
		"-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=4m")
	cmd.Env = []string{insideTest + "=" + t.Name(), "HOME=" + home, "XDG_RUNTIME_DIR=" + filepath.Join(home, "run"),
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + home, "LANG=C.UTF-8"}
	out, err := runToFile(t, cmd, filepath.Join(home, "output"))
	t.Logf("in its session:\n%s", out)
	if err != nil || !strings.Contains(out, "--- PASS: "+t.Name()) {
		t.Fatalf("the test did not pass in its session: %v", err)
	}
	return false
}

// runToFile runs a command with its output in a file: a pipe would be kept open by what the command leaves behind.
func runToFile(t *testing.T, cmd *exec.Cmd, file string) (string, error) {
	t.Helper()
	f, err := os.Create(file)
	must(t, err)
	defer f.Close()
	cmd.Stdout, cmd.Stderr = f, f
	ran := cmd.Run()
	out, err := os.ReadFile(file)
	must(t, err)
	return string(out), ran
}

// busConfig is a session bus for one user whose socket is in a private folder.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=%s</listen>
  <auth>EXTERNAL</auth>
  %s
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// privateHome is in memory where the system has such a place: gnome-keyring writes its whole file for each item and
// waits for the disk twice.
func privateHome(t *testing.T) string {
	t.Helper()
	home := inMemory(t)
	t.Cleanup(func() { killAll(home) })
	must(t, os.Mkdir(filepath.Join(home, "run"), 0o700))
	return home
}

// killAll ends what a session leaves behind: a service that the bus started as it went away itself. Such a process is
// known by its home.
func killAll(home string) {
	environments, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range environments {
		environment, _ := os.ReadFile(file) // it may have ended since, or be another user's
		if !slices.Contains(strings.Split(string(environment), "\x00"), "HOME="+home) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

const password = "correct horse"

// startKeyring starts gnome-keyring with its login collection unlocked and returns its process. It returns when the
// keyring is ready.
func startKeyring(t *testing.T) *os.Process {
	t.Helper()
	cmd := exec.Command("gnome-keyring-daemon", "--daemonize", "--unlock", "--components=secrets")
	cmd.Stdin = strings.NewReader(password)
	must(t, cmd.Run())
	// It takes its name on the bus when it is first asked for.
	must(t, sessionBus(t).BusObject().Call("org.freedesktop.DBus.StartServiceByName", 0, secretsBus, uint32(0)).Err)
	return keyringProcess(t)
}

// keyringProcess finds the keyring by its name on the bus. It is killed with the test.
func keyringProcess(t *testing.T) *os.Process {
	t.Helper()
	conn := sessionBus(t)
	owner, err := ownerOf(t.Context(), conn)
	must(t, err)
	var pid uint32
	must(t, conn.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, owner).Store(&pid))
	p, err := os.FindProcess(int(pid))
	must(t, err)
	t.Cleanup(func() { p.Kill() })
	return p
}

func sessionBus(t *testing.T) *dbus.Conn {
	t.Helper()
	if !strings.Contains(os.Getenv("DBUS_SESSION_BUS_ADDRESS"), "tallykey-keyring-") {
		t.Fatal("this is not a session of the test's own")
	}
	conn, err := connect(t.Context())
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

func lock(t *testing.T) {
	t.Helper()
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	must(t, sessionBus(t).Object(secretsBus, secretsPath).
		Call(secretService+".Lock", 0, []dbus.ObjectPath{loginCollection}).Store(&locked, &prompt))
	if len(locked) != 1 || prompt != "/" {
		t.Fatalf("locked %v, prompt %s", locked, prompt)
	}
}

// unlock does without a prompt what gnome-keyring's login does.
func unlock(t *testing.T) {
	t.Helper()
	service := sessionBus(t).Object(secretsBus, secretsPath)
	var ignored dbus.Variant
	var plain dbus.ObjectPath
	must(t, service.Call(secretService+".OpenSession", 0, "plain", dbus.MakeVariant("")).Store(&ignored, &plain))
	must(t, service.Call("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword", 0,
		loginCollection, secret{plain, nil, []byte(password), "text/plain"}).Err)
}

// nobodyPrompted: gnome-keyring asks for passwords through this name.
func nobodyPrompted(t *testing.T) {
	t.Helper()
	var asked bool
	must(t, sessionBus(t).BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0,
		"org.gnome.keyring.SystemPrompter").Store(&asked))
	if asked {
		t.Error("a prompt was opened")
	}
}

func pause(t *testing.T, p *os.Process)  { t.Helper(); must(t, p.Signal(syscall.SIGSTOP)) }
func resume(t *testing.T, p *os.Process) { t.Helper(); must(t, p.Signal(syscall.SIGCONT)) }
