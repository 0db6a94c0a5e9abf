package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
	"tallykey/daemon/keyringfile"
)

const opener = "correct horse battery staple"

// lockedFile makes an encrypted file that costs nothing to open, and has the daemon keep everything in it, locked.
func lockedFile(t testing.TB, daemon *apitest.Server) (folder string, key keyringfile.Key) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "keyring")
	if err := keyringfile.Create(folder, opener, keyringfile.Options{WorkFactor: 1}); err != nil {
		t.Fatal(err)
	}
	key, err := keyringfile.OpenKey(folder, opener)
	if err != nil {
		t.Fatal(err)
	}
	daemon.SetKeyring(api.Keyring{Kind: api.KeyringInFile, Folder: folder,
		Part: api.Part{State: "problem", Code: api.KeyringFileLocked}})
	return folder, key
}

// typed is a passphrase as it comes from the page.
func typed(t *testing.T, text string) (p Passphrase) {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err == nil {
		err = json.Unmarshal(quoted, &p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The daemon gets the file's key and never the passphrase; a wrong one does not reach it at all.
func TestUnlockingTheFile(t *testing.T) {
	o := openMain(t)
	folder, key := lockedFile(t, o.daemon)
	var known *api.Error
	for _, wrong := range []string{"", "correct horse battery stapler", strings.Repeat("x", keyringfile.MaxPassphrase+1)} {
		if err := o.UnlockKeyring(typed(t, wrong)); !errors.As(err, &known) || known.Code != api.KeyringPassphraseWrong {
			t.Errorf("%.40q: %v", wrong, err)
		}
	}
	if k, err := o.Keyring(); err != nil || k.Folder != folder || k.Code != api.KeyringFileLocked {
		t.Errorf("%+v, %v; want it locked", k, err)
	}
	if err := o.UnlockKeyring(typed(t, opener)); err != nil {
		t.Fatal(err)
	}
	if c, err := o.daemon.Await(t.Context(), api.MethodUnlockKeyring); err != nil || string(c.Params) != fmt.Sprintf(`{"key":%q}`, key.Text()) {
		t.Errorf("the daemon got %s, %v", c.Params, err)
	}
	if s, err := o.Status(); err != nil || len(s.Phones) != 2 || s.Keyring.State != "ready" {
		t.Errorf("after it: %+v, %v", s.Keyring, err)
	}
	if err := o.LockKeyring(); err != nil {
		t.Fatal(err)
	}
	if s, err := o.Status(); err != nil || len(s.Phones) != 0 || s.Keyring.Code != api.KeyringFileLocked {
		t.Errorf("locked again: %+v, %v", s.Keyring, err)
	}
}

// Nothing is opened where there is no file, and the reason is that of the file where it can't be used.
func TestWhatCantBeUnlocked(t *testing.T) {
	o := openMain(t)
	var known *api.Error
	for _, f := range []func() error{func() error { return o.UnlockKeyring(typed(t, opener)) }, o.LockKeyring} {
		if err := f(); !errors.As(err, &known) || known.Code != api.KeyringNotFile {
			t.Errorf("the desktop’s keyring: %v", err)
		}
	}
	missing := api.Keyring{Kind: api.KeyringInFile, Folder: filepath.Join(t.TempDir(), "none")}
	o.daemon.SetKeyring(missing)
	if err := o.UnlockKeyring(typed(t, opener)); !errors.As(err, &known) || known.Code != api.KeyringFileMissing {
		t.Errorf("no file: %v", err)
	}
	lockedFile(t, o.daemon)
	o.daemon.Fail(api.MethodUnlockKeyring, api.KeyringFileInUse)
	if err := o.UnlockKeyring(typed(t, opener)); !errors.As(err, &known) || known.Code != api.KeyringFileInUse {
		t.Errorf("the daemon said no: %v", err)
	}
}

// Whatever the page hands over is read without an error, and printed it says nothing.
func TestAPassphraseIsNeverPrinted(t *testing.T) {
	for _, text := range []string{`"` + opener + `"`, `{"a":"` + opener + `"}`, `["` + opener + `"]`, `null`, `7`} {
		var p Passphrase
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if p.text != "" && p.text != opener {
			t.Errorf("%s: read as something else", text)
		}
		if out := fmt.Sprintf("%v %+v %#v %s %q", p, p, p, &p, p); strings.Contains(out, "horse") {
			t.Error(out)
		}
	}
}
