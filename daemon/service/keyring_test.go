package service

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/keyringfile"
	"tallykey/daemon/registration"
)

const passphrase = "correct horse battery staple"

// inFile is a locked file with what a keyring has, and its key.
func inFile(t *testing.T, items map[string]string) (*registration.FileKeyring, keyringfile.Key) {
	t.Helper()
	folder, quick := filepath.Join(t.TempDir(), "keyring"), keyringfile.Options{WorkFactor: 1}
	if err := keyringfile.Create(folder, passphrase, quick); err != nil {
		t.Fatal(err)
	}
	key, err := keyringfile.OpenKey(folder, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	file := keyringfile.New(folder, quick)
	defer file.Lock()
	if err := file.Unlock(key); err != nil {
		t.Fatal(err)
	}
	if err := file.Change(func(all map[string]string) { maps.Copy(all, items) }); err != nil {
		t.Fatal(err)
	}
	return registration.NewFileKeyring(file), key
}

// fileDaemon is a daemon whose keyring is a file, and a client of it.
type fileDaemon struct {
	*testDaemon
	t     *testing.T
	calls *api.Client
	key   keyringfile.Key
}

func startOnFile(t *testing.T, items map[string]string) fileDaemon {
	t.Helper()
	keyring, key := inFile(t, items)
	d := start(t, func(c *Config) { c.Keyring = keyring })
	return fileDaemon{d, t, d.client(t), key}
}

func (d fileDaemon) call(method string, params, result any) api.Code {
	d.t.Helper()
	err := d.calls.Call(d.t.Context(), method, params, result)
	if err != nil && code(err) == "" {
		d.t.Fatal(err)
	}
	return code(err)
}

func (d fileDaemon) unlock() api.Code {
	return d.call(api.MethodUnlockKeyring, api.KeyringKey{Key: d.key.Text()}, nil)
}

func (d fileDaemon) status() (s api.Status) {
	d.t.Helper()
	d.call(api.MethodStatus, nil, &s)
	return s
}

func get() api.GetParams {
	return api.GetParams{Caller: api.Caller{Origin: login}, Options: json.RawMessage(`{"challenge":"AAECAwQFBgcICQoLDA0ODw","rpId":"example.com"}`)}
}

func TestALockedFileSaysSo(t *testing.T) {
	d := startOnFile(t, registered(t, 1).Items())
	for range 2 {
		if got := d.call(api.MethodGet, get(), nil); got != api.KeyringFileLocked {
			t.Errorf("a sign-in ended with %q", got)
		}
	}
	if d.mu.Lock(); d.toldLock.IsZero() || time.Since(d.toldLock) > lockQuiet {
		t.Error("nobody was told")
	}
	d.mu.Unlock()
	if got := d.call(api.MethodPhones, nil, nil); got != api.KeyringFileLocked {
		t.Errorf("the list ended with %q", got)
	}
	if s := d.status(); s.Keyring.State != "problem" || s.Keyring.Code != api.KeyringFileLocked || s.Desktop != "" {
		t.Errorf("%+v", s)
	}
	var k api.Keyring
	d.call(api.MethodKeyring, nil, &k)
	if k.Kind != api.KeyringInFile || k.Folder == "" || k.Code != api.KeyringFileLocked {
		t.Errorf("%+v", k)
	}
}

func TestUnlockAndLock(t *testing.T) {
	d := startOnFile(t, registered(t, 1).Items())
	var first api.Status
	for range 3 {
		if got := d.unlock(); got != "" {
			t.Fatalf("unlock: %q", got)
		}
		if got := d.unlock(); got != "" {
			t.Errorf("unlock again: %q", got)
		}
		s := d.status()
		if s.Keyring.State != "ready" || s.Link.State != "ready" || len(s.Phones) != 1 || s.Registrations != 1 {
			t.Errorf("unlocked: %+v", s)
		}
		if first.Desktop != "" && (s.Desktop != first.Desktop || s.Port != first.Port) {
			t.Errorf("first %s at %d, then %s at %d", first.Desktop, first.Port, s.Desktop, s.Port)
		}
		first = s
		for range 2 {
			if got := d.call(api.MethodLockKeyring, nil, nil); got != "" {
				t.Errorf("lock: %q", got)
			}
		}
		if s := d.status(); s.Keyring.Code != api.KeyringFileLocked || len(s.Phones) != 0 || s.Registrations != 0 || s.Port != 0 {
			t.Errorf("locked: %+v", s)
		}
	}
}

// What waits for a phone when the file is locked ends, and says who ended it.
func TestLockEndsWhatWaits(t *testing.T) {
	d := startOnFile(t, registered(t, 1).Items())
	if got := d.unlock(); got != "" {
		t.Fatal(got)
	}
	watching := d.client(t)
	if _, err := watching.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	ended := make(chan api.Code, 1)
	asking := d.client(t)
	go func() { ended <- code(asking.Call(t.Context(), api.MethodGet, get(), nil)) }()
	for e := range watching.Events() {
		if e.Request != nil && e.Request.State == api.Waiting {
			break
		}
	}
	if got := d.call(api.MethodLockKeyring, nil, nil); got != "" {
		t.Fatal(got)
	}
	if got := <-ended; got != api.CancelledOnDesktop {
		t.Errorf("it ended with %q", got)
	}
}

func TestAKeyThatDoesNotFit(t *testing.T) {
	d := startOnFile(t, nil)
	_, other := inFile(t, nil)
	for _, key := range []string{other.Text(), "", "AGE-SECRET-KEY-1", strings.ToLower(other.Text())} {
		if got := d.call(api.MethodUnlockKeyring, api.KeyringKey{Key: key}, nil); got != api.KeyringFileDamaged {
			t.Errorf("it ended with %q", got)
		}
		if s := d.status(); s.Keyring.Code != api.KeyringFileDamaged || strings.Contains(s.Keyring.Detail, "KEY-1") {
			t.Errorf("%+v", s.Keyring)
		}
	}
	if got := d.unlock(); got != "" {
		t.Errorf("with the right one: %q", got)
	}
}

func TestNoFileToLock(t *testing.T) {
	d := start(t)
	c := d.client(t)
	for method, params := range map[string]any{api.MethodUnlockKeyring: api.KeyringKey{}, api.MethodLockKeyring: nil} {
		if err := c.Call(t.Context(), method, params, nil); code(err) != api.KeyringNotFile {
			t.Errorf("%s: %v", method, err)
		}
	}
	var k api.Keyring
	if err := c.Call(t.Context(), api.MethodKeyring, nil, &k); err != nil || k.Kind != api.KeyringOfDesktop {
		t.Errorf("%+v, %v", k, err)
	}
}

// The first start on a new file makes an identity in it, and it is the same after the next.
func TestIdentityInAFile(t *testing.T) {
	keyring, key := inFile(t, nil)
	var desktops []string
	for range 2 {
		t.Run("run", func(t *testing.T) {
			d := start(t, func(c *Config) { c.Keyring = keyring })
			f := fileDaemon{d, t, d.client(t), key}
			if got := f.unlock(); got != "" {
				t.Fatal(got)
			}
			desktops = append(desktops, f.status().Desktop)
		})
		keyring.File().Lock() // as the end of the program does
	}
	if len(desktops) != 2 || desktops[0] == "" || desktops[0] != desktops[1] {
		t.Errorf("%q", desktops)
	}
}

// Things of a later version are there and can't be used: the rest works, and the person is told.
func TestItemsOfALaterVersion(t *testing.T) {
	keyring := registered(t, 1, 2)
	for name, value := range keyring.Items() {
		if strings.HasPrefix(name, "registration/") {
			if err := keyring.Set(t.Context(), name, strings.Replace(value, `"v":1`, `"v":2`, 1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	d := start(t, func(c *Config) { c.Keyring = keyring })
	f := fileDaemon{testDaemon: d, t: t, calls: d.client(t)}
	f.call(api.MethodPhones, nil, nil)
	if s := f.status(); s.Keyring.Code != api.StateNewer || s.Link.State != "ready" || len(s.Phones) != 1 {
		t.Errorf("%+v", s)
	}
}
