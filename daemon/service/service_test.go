package service

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/socket"
	"tallykey/phone/link"
)

// testDaemon is a daemon with a keyring in memory and a socket in a folder of its own.
type testDaemon struct {
	*Daemon
	keyring *registration.Memory
	ended   chan error
}

// start runs a daemon for the length of the test. setup may change how it is started.
func start(t testing.TB, setup ...func(*Config)) *testDaemon {
	t.Helper()
	dir, err := os.MkdirTemp("", "tk") // t.TempDir is too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	keyring, ready := &registration.Memory{}, make(chan struct{})
	cfg := Config{Version: "test", Socket: filepath.Join(dir, "run", "daemon.sock"), State: dir, Name: "Office desktop",
		PhoneApp: &url.URL{Scheme: "https", Host: "phone.contoso.example", Path: "/"}, Keyring: keyring,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Ready: func() { close(ready) }}
	for _, f := range setup {
		f(&cfg)
	}
	d := &testDaemon{New(cfg), keyring, make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { d.ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-d.ended; err != nil {
			t.Errorf("the daemon ended with %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-d.ended:
		t.Fatalf("the daemon did not start: %v", err)
	}
	return d
}

func (d *testDaemon) client(t testing.TB) *api.Client {
	t.Helper()
	c, err := api.Dial(t.Context(), d.cfg.Socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func code(err error) api.Code {
	var e *api.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestStatus(t *testing.T) {
	d := start(t)
	c := d.client(t)
	if err := c.Call(t.Context(), api.MethodPhones, nil, nil); err != nil { // waits until the keyring is open
		t.Fatal(err)
	}
	var s api.Status
	if err := c.Call(t.Context(), api.MethodStatus, nil, &s); err != nil {
		t.Fatal(err)
	}
	if s.Keyring.State != "ready" || s.Link.State != "ready" || !link.ValidID(s.Desktop) || s.Port == 0 {
		t.Errorf("%+v", s)
	}
}

func TestIdentityAndPortStay(t *testing.T) {
	var first, second api.Status
	dir, keyring := t.TempDir(), &registration.Memory{}
	for _, s := range []*api.Status{&first, &second} {
		t.Run("run", func(t *testing.T) {
			d := start(t, func(c *Config) { c.State, c.Keyring = dir, keyring })
			c := d.client(t)
			if err := c.Call(t.Context(), api.MethodPhones, nil, nil); err != nil {
				t.Fatal(err)
			}
			if err := c.Call(t.Context(), api.MethodStatus, nil, s); err != nil {
				t.Fatal(err)
			}
		})
	}
	if first.Desktop != second.Desktop || first.Port != second.Port {
		t.Errorf("first %s at %d, then %s at %d", first.Desktop, first.Port, second.Desktop, second.Port)
	}
}

func TestPairingLinkHoldsWhatAPhoneNeeds(t *testing.T) {
	d := start(t)
	c := d.client(t)
	snapshot, err := c.Watch(t.Context())
	if err != nil || len(snapshot.Requests) != 0 {
		t.Fatal(snapshot, err)
	}
	var p api.Pairing
	if err := c.Call(t.Context(), api.MethodPair, nil, &p); err != nil {
		t.Fatal(err)
	}
	offer, err := link.ParseOffer(p.Link)
	if err != nil {
		t.Fatal(err)
	}
	if offer.Name != "Office desktop" || offer.Desktop != d.core.Load().identity.Desktop || offer.Certificate != d.core.Load().print {
		t.Errorf("%+v", offer)
	}
	var states []api.State
	for e := range c.Events() {
		if e.Request == nil {
			continue
		}
		states = append(states, e.Request.State)
		if e.Request.State == api.Waiting { // before its turn a request can end without having waited
			if err := c.Call(t.Context(), api.MethodCancel, api.ByID{ID: p.Request}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if e.Request.State == api.Ended {
			break
		}
	}
	if diff := cmp.Diff([]api.State{api.Queued, api.Waiting, api.Ended}, states); diff != "" {
		t.Error(diff)
	}
}

func TestRequestsFallThroughWithoutAPhoneOrAKeyring(t *testing.T) {
	get := api.GetParams{Caller: api.Caller{Origin: "https://login.contoso.example"}, Options: json.RawMessage(`{"challenge":"AAEC"}`)}
	for _, test := range []struct {
		name string
		fail error
		want api.Code
	}{
		{"no phone", nil, api.NoPhone},
		{"locked keyring", registration.ErrLocked, api.KeyringLocked},
		{"no keyring", registration.ErrMissing, api.KeyringMissing},
		{"broken keyring", registration.ErrFailed, api.KeyringFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := start(t, func(c *Config) { c.Keyring = failing{c.Keyring, test.fail} })
			err := d.client(t).Call(t.Context(), api.MethodGet, get, nil)
			if code(err) != test.want || !test.want.Outcome().FallThrough {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}

// failing is a keyring that fails as a whole, where err is set.
type failing struct {
	registration.Keyring
	err error
}

func (f failing) Get(ctx context.Context, name string) (string, error) {
	if f.err != nil {
		return "", f.err
	}
	return f.Keyring.Get(ctx, name)
}

func (f failing) List(ctx context.Context) (map[string]string, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.Keyring.List(ctx)
}

func TestUnknownThingsHaveTheirRows(t *testing.T) {
	c := start(t).client(t)
	for method, want := range map[string]api.Code{api.MethodRemovePhone: api.PhoneUnknown,
		api.MethodRemoveRegistration: api.RegistrationUnknown, api.MethodCancel: api.RequestUnknown, api.MethodReport: api.RequestUnknown} {
		if err := c.Call(t.Context(), method, api.ByID{ID: "AAECAwQFBgcICQoLDA0ODw"}, nil); code(err) != want {
			t.Errorf("%s: %v, want %s", method, err, want)
		}
	}
}

func TestStopEndsTheDaemonAndWhatWaits(t *testing.T) {
	d := start(t)
	c := d.client(t)
	if err := c.Call(t.Context(), api.MethodStop, nil, nil); err != nil && code(err) != api.DaemonStopped {
		t.Error(err)
	}
	err := <-d.ended
	d.ended <- err
	if err != nil {
		t.Error(err)
	}
	if _, err := api.Dial(t.Context(), d.cfg.Socket); !errors.Is(err, api.ErrNotRunning) {
		t.Errorf("after the end: %v", err)
	}
}

func TestOneDaemonAUser(t *testing.T) {
	d := start(t)
	second := New(d.cfg)
	if err := second.Run(t.Context()); !errors.Is(err, socket.ErrRunning) {
		t.Errorf("%v", err)
	}
}

func TestASocketLeftBehindIsTakenOver(t *testing.T) {
	start(t, func(c *Config) {
		if err := os.MkdirAll(filepath.Dir(c.Socket), 0o700); err != nil {
			t.Fatal(err)
		}
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: c.Socket, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		l.SetUnlinkOnClose(false)
		l.Close()
	})
}

func TestSocketIsPrivate(t *testing.T) {
	d := start(t)
	for path, want := range map[string]os.FileMode{d.cfg.Socket: 0o600, filepath.Dir(d.cfg.Socket): 0o700} {
		if i, err := os.Stat(path); err != nil || i.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", filepath.Base(path), i.Mode(), err)
		}
	}
}

// raw sends lines as they are and returns the answer to each, "" where the connection ended.
func (d *testDaemon) raw(t testing.TB, lines ...string) []string {
	t.Helper()
	conn, err := net.Dial("unix", d.cfg.Socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	in := bufio.NewReader(conn)
	var out []string
	for _, line := range lines {
		if _, err := io.WriteString(conn, line+"\n"); err != nil {
			return append(out, "")
		}
		answer, err := in.ReadString('\n')
		if err != nil {
			return append(out, "")
		}
		out = append(out, strings.TrimSpace(answer))
	}
	return out
}

func TestBadInputGetsAClearError(t *testing.T) {
	d := start(t)
	for _, test := range []struct{ name, line, want string }{
		{"broken JSON", `{"jsonrpc":`, `-32700`},
		{"no JSON-RPC", `{"hello":1}`, `-32600`},
		{"unknown method", `{"jsonrpc":"2.0","id":1,"method":"sign.everything"}`, `-32601`},
		{"parameters of another shape", `{"jsonrpc":"2.0","id":1,"method":"webauthn.get","params":{"origin":7}}`, `-32602`},
		{"a long token", `{"jsonrpc":"2.0","id":1,"method":"webauthn.get","params":{"origin":"https://a.example","token":"` +
			strings.Repeat("x", 65) + `","options":{}}}`, `-32602`},
		{"options of another shape", `{"jsonrpc":"2.0","id":1,"method":"webauthn.get","params":{"origin":"https://a.example","options":[]}}`, `options_invalid`},
		{"no options", `{"jsonrpc":"2.0","id":1,"method":"webauthn.create","params":{"origin":"https://a.example"}}`, `options_invalid`},
	} {
		answers := d.raw(t, test.line, `{"jsonrpc":"2.0","id":2,"method":"phones.list"}`)
		if !strings.Contains(answers[0], test.want) {
			t.Errorf("%s: %s", test.name, answers[0])
		}
		if len(answers) < 2 || answers[1] != `{"jsonrpc":"2.0","id":2,"result":[]}` {
			t.Errorf("%s: the next call gets %v", test.name, answers[1:])
		}
	}
}

func TestALineOverTheLimitEndsItsConnectionOnly(t *testing.T) {
	d := start(t)
	other := d.client(t)
	if got := d.raw(t, `"`+strings.Repeat("x", api.MaxLine)+`"`); got[0] != "" {
		t.Errorf("got %.100s", got[0])
	}
	if err := other.Call(t.Context(), api.MethodStatus, nil, nil); err != nil {
		t.Error(err)
	}
}

// FuzzLine sends one line of anything; the daemon must answer the next call on a new connection.
func FuzzLine(f *testing.F) {
	for _, s := range []string{`{"jsonrpc":"2.0","id":1,"method":"status"}`, `[]`, `[{"jsonrpc":"2.0","id":1,"method":"watch"}]`, `null`,
		`{"jsonrpc":"2.0","id":1,"method":"webauthn.get","params":{"origin":"https://a.example","options":{"challenge":"AA"}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"webauthn.create","params":{"origin":"null","options":{"user":{"id":""}}}}`,
		`{"jsonrpc":"2.0","method":"cancel","params":{"id":1}}`, `{"jsonrpc":"2.0","id":{},"method":"phones.remove","params":{"id":"x"}}`} {
		f.Add(s)
	}
	d := start(f)
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(line, `"stop"`) {
			return // a client may stop the daemon
		}
		conn, err := net.Dial("unix", d.cfg.Socket)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, line+"\n")
		conn.Close()
		if err := d.client(t).Call(t.Context(), api.MethodStatus, nil, nil); err != nil {
			t.Fatal(err)
		}
	})
}
