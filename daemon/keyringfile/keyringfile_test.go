package keyringfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	passphrase = "correct horse battery staple"
	another    = "four other words, please"
)

// quick makes a passphrase cost nothing.
var quick = Options{WorkFactor: 1}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestMain keeps the tests' files in memory, where the system has such a place: each write waits for the disk twice.
func TestMain(m *testing.M) {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		os.Setenv("TMPDIR", "/dev/shm")
	}
	os.Exit(m.Run())
}

func created(t testing.TB) (folder string, key Key) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "keyring")
	must(t, Create(folder, passphrase, quick))
	key, err := OpenKey(folder, passphrase)
	must(t, err)
	return folder, key
}

func unlocked(t testing.TB, folder string, key Key) *File {
	t.Helper()
	f := New(folder, quick)
	must(t, f.Unlock(key))
	t.Cleanup(f.Lock)
	return f
}

func set(t testing.TB, f *File, name, value string) {
	t.Helper()
	must(t, f.Change(func(items map[string]string) { items[name] = value }))
}

func TestKeepsItems(t *testing.T) {
	folder, key := created(t)
	f := unlocked(t, folder, key)
	set(t, f, "a", "1")
	set(t, f, "b", "2")
	must(t, f.Change(func(items map[string]string) { delete(items, "a") }))
	f.Lock()
	if _, err := f.Items(); !errors.Is(err, ErrLocked) {
		t.Errorf("locked: got %v", err)
	}
	if err := f.Change(func(map[string]string) {}); !errors.Is(err, ErrLocked) {
		t.Errorf("change while locked: got %v", err)
	}
	must(t, f.Unlock(key))
	got, err := f.Items()
	if d := cmp.Diff(map[string]string{"b": "2"}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	got["b"] = "the caller's own"
	if again, _ := f.Items(); again["b"] != "2" {
		t.Error("a caller changed the items")
	}
}

func TestFilesAreThePersonsAlone(t *testing.T) {
	folder, key := created(t)
	set(t, unlocked(t, folder, key), "a", "1")
	for _, path := range []string{folder, filepath.Join(folder, keyName), filepath.Join(folder, itemsName), filepath.Join(folder, lockName)} {
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
	}
}

func TestCreateReplacesNothing(t *testing.T) {
	folder, key := created(t)
	before := contentsOf(t, folder)
	if err := Create(folder, another, quick); !errors.Is(err, ErrExists) {
		t.Errorf("got %v", err)
	}
	must(t, os.Remove(filepath.Join(folder, keyName)))
	if err := Create(folder, another, quick); !errors.Is(err, ErrExists) { // key.age may be in a backup
		t.Errorf("without the key: got %v", err)
	}
	if got := contentsOf(t, folder); got[itemsName] != before[itemsName] {
		t.Error("the items were replaced")
	}
	if err := New(folder, quick).Unlock(key); !errors.Is(err, ErrMissing) {
		t.Errorf("without the key: got %v", err)
	}
	empty := t.TempDir()
	must(t, os.Chmod(empty, 0o700))
	must(t, Create(empty, passphrase, quick))
	left, err := filepath.Glob(filepath.Join(filepath.Dir(folder), temporary+"*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// contentsOf is every file of a folder.
func contentsOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	must(t, err)
	all := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		must(t, err)
		all[e.Name()] = string(data)
	}
	return all
}

func TestPassphrases(t *testing.T) {
	folder, key := created(t)
	for _, wrong := range []string{"", "correct horse battery stapl", passphrase + " ", strings.Repeat("a", MaxPassphrase+1)} {
		if _, err := OpenKey(folder, wrong); !errors.Is(err, ErrPassphrase) {
			t.Errorf("%.40q: got %v", wrong, err)
		}
	}
	for _, short := range []string{"", "11 letters.", "ééééééééééé"} {
		if err := Create(filepath.Join(t.TempDir(), "keyring"), short, quick); !errors.Is(err, ErrShort) {
			t.Errorf("%q: got %v", short, err)
		}
		if _, err := ChangePassphrase(folder, key, short, quick); !errors.Is(err, ErrShort) {
			t.Errorf("%q: changed with %v", short, err)
		}
	}
	if _, err := OpenKey(folder, passphrase); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

func TestChangePassphrase(t *testing.T) {
	folder, key := created(t)
	set(t, unlocked(t, folder, key), "a", "1")
	if _, err := ChangePassphrase(folder, key, another, quick); !errors.Is(err, ErrInUse) {
		t.Fatalf("while it is in use: %v", err)
	}
	old := contentsOf(t, folder)[keyName]
	f := New(folder, quick)
	if err := f.Unlock(key); !errors.Is(err, ErrInUse) {
		t.Errorf("a second time: %v", err)
	}
	folder = copied(t, folder)
	other, err := newKey()
	must(t, err)
	if _, err := ChangePassphrase(folder, other, another, quick); !errors.Is(err, ErrDamaged) {
		t.Errorf("with another key: %v", err)
	}
	after, err := ChangePassphrase(folder, key, another, quick)
	must(t, err)
	if got, err := unlocked(t, folder, after).Items(); err != nil || got["a"] != "1" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := OpenKey(folder, passphrase); !errors.Is(err, ErrPassphrase) {
		t.Errorf("the old passphrase: %v", err)
	}
	// Who has the old files and passphrase has the old key, and it does not open what is there now.
	stolen, err := openKey([]byte(old), passphrase)
	must(t, err)
	if _, err := readItems(folder, stolen); !errors.Is(err, ErrDamaged) {
		t.Errorf("the old key: %v", err)
	}
}

// copied is a copy of a folder, as a backup makes it.
func copied(t *testing.T, folder string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "keyring")
	must(t, os.Mkdir(to, 0o700))
	for name, data := range contentsOf(t, folder) {
		must(t, os.WriteFile(filepath.Join(to, name), []byte(data), 0o600))
	}
	return to
}

// A write that failed is found out: what the file has is what counts.
func TestFailedWrite(t *testing.T) {
	folder, key := created(t)
	f := unlocked(t, folder, key)
	set(t, f, "a", "1")
	must(t, os.Rename(folder, folder+"2"))
	err := f.Change(func(items map[string]string) { items["a"] = "2" })
	if !errors.Is(err, ErrNotWritten) {
		t.Errorf("got %v", err)
	}
	if _, err := f.Items(); !errors.Is(err, ErrDamaged) {
		t.Errorf("while the file is gone: %v", err)
	}
	must(t, os.Rename(folder+"2", folder))
	if got, err := f.Items(); err != nil || got["a"] != "1" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestErrorsHaveCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range codes {
		if got := Code(fmt.Errorf("somewhere: %w", c.err)); got != c.code || got.Outcome().Code != got || seen[string(got)] {
			t.Errorf("%v has code %q", c.err, got)
		}
		seen[string(c.code)] = true
	}
	if Code(nil) != "" || Code(os.ErrNotExist) != "" {
		t.Error("an error of others has a code")
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	key, err := newKey()
	must(t, err)
	if said := fmt.Sprintf("%v %+v %#v %s", key, key, key, &key); strings.Contains(said, "AGE-") || strings.Contains(said, key.Text()) {
		t.Errorf("it prints as %s", said)
	}
	if again, err := ParseKey(key.Text()); err != nil || again.mark() != key.mark() {
		t.Errorf("read again: %v", err)
	}
	if _, err := ParseKey(key.Text()[:20]); !errors.Is(err, ErrDamaged) || strings.Contains(err.Error(), "AGE-") {
		t.Errorf("half a key: %v", err)
	}
}

// FuzzItems: whatever stands in the files, reading them ends, and what was read can be written and read again.
func FuzzItems(f *testing.F) {
	key, err := newKey()
	must(f, err)
	f.Add([]byte(`{"v":1,"keys":["` + key.mark() + `"],"items":{"identity":"x"}}`))
	f.Add([]byte(`{"v":2}`))
	sealed, err := sealItems(map[string]string{"a": "b"}, key)
	must(f, err)
	f.Add(sealed)
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := openItems(data, key); err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
			t.Errorf("sealed: %v", err)
		}
		if _, err := openKey(data, passphrase); err != nil && Code(err) == "" {
			t.Errorf("key: %v", err)
		}
		items, err := parseItems(data, key.mark())
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
				t.Errorf("items: %v", err)
			}
			return
		}
		sealed, err := sealItems(items, key)
		must(t, err)
		again, err := openItems(sealed, key)
		if d := cmp.Diff(items, again); d != "" || err != nil {
			t.Error(d, err)
		}
	})
}

// BenchmarkOpenKey is what a passphrase costs, once.
func BenchmarkOpenKey(b *testing.B) {
	folder := filepath.Join(b.TempDir(), "keyring")
	must(b, Create(folder, passphrase, Options{}))
	for b.Loop() {
		_, err := OpenKey(folder, passphrase)
		must(b, err)
	}
}
