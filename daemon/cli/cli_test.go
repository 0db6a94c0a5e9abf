package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tallykey/daemon/api"
)

// The scripts run the real program, each with folders of its own and without a session bus: what a person sees on a
// machine that has no keyring. With a keyring and a phone it is run by e2e.
func TestMain(m *testing.M) {
	if os.Getenv("CLI_TEST_KEYRING") != "" {
		asHelper()
	}
	testscript.Main(tidied{m}, map[string]func(){
		"tallykey": func() {
			keyringOptions.WorkFactor = 8 // a passphrase costs milliseconds here
			os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: isolate, Cmds: map[string]func(*testscript.TestScript, bool, []string){
		"await": await, "json": jsonField, "same": sameField, "installed": installed,
	}})
}

// isolate keeps the program away from the person's own keyring, settings and socket.
func isolate(e *testscript.Env) error {
	run, err := os.MkdirTemp("", "tk") // a socket's path must be short
	if err != nil {
		return err
	}
	e.Defer(func() { os.RemoveAll(run) })
	e.Setenv("HOME", e.WorkDir)
	e.Setenv("XDG_RUNTIME_DIR", run)
	e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
	e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "state"))
	e.Setenv("XDG_DATA_HOME", filepath.Join(e.WorkDir, "data"))
	e.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(run, "no-bus"))
	e.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(run, "no-bus"))
	e.Setenv("DISPLAY", "")
	return nil
}

// await waits until the daemon answers.
func await(ts *testscript.TestScript, neg bool, _ []string) {
	path := filepath.Join(ts.Getenv("XDG_RUNTIME_DIR"), "tallykey", "daemon.sock")
	for range 500 {
		if c, err := api.Dial(context.Background(), path); err == nil {
			c.Close()
			return
		}
		time.Sleep(10 * time.Millisecond) // there is nothing to be told by before the socket is there
	}
	ts.Fatalf("the daemon does not answer")
}

// installed makes folder bin hold the program and, beside it, what browsers start, as after an installation.
func installed(ts *testscript.TestScript, neg bool, _ []string) {
	bin := ts.MkAbs("bin")
	ts.Check(os.MkdirAll(bin, 0o755))
	ts.Check(os.WriteFile(filepath.Join(bin, "tallykey-native-messaging"), nil, 0o755))
	self, err := os.Executable()
	ts.Check(err)
	program, err := os.ReadFile(self)
	ts.Check(err)
	// Else a program that another script starts right now holds the file open for writing: "text file busy".
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	ts.Check(os.WriteFile(filepath.Join(bin, "tallykey"), program, 0o755)) // the test binary is the program under this name
}

// jsonField checks that a member of the last output's JSON object has a value: json stdout keyring.code keyring_missing.
func jsonField(ts *testscript.TestScript, neg bool, args []string) {
	path, want := args[1:len(args)-1], args[len(args)-1]
	if got := member(ts, args[0], path...); (got == want) == neg {
		ts.Fatalf("%v is %v, want %v", path, got, want)
	}
}

// sameField checks that a member is there and the same in two files: same desktop before.json stdout.
func sameField(ts *testscript.TestScript, neg bool, args []string) {
	one, two := member(ts, args[1], args[0]), member(ts, args[2], args[0])
	if one == "" || (one == two) == neg {
		ts.Fatalf("%s is %q and %q", args[0], one, two)
	}
}

func member(ts *testscript.TestScript, file string, path ...string) string {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &v))
	for _, name := range path {
		object, ok := v.(map[string]any)
		if !ok {
			ts.Fatalf("no member %q in %v", name, v)
		}
		v = object[name]
	}
	return fmt.Sprint(v)
}
