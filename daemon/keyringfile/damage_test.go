package keyringfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Cut off anywhere, or with any byte changed, a file opens nothing.
func TestDamage(t *testing.T) {
	folder, key := created(t)
	set(t, unlocked(t, folder, key), "identity", strings.Repeat("kept ", 10))
	files := contentsOf(t, folder)
	damaged(t, []byte(files[itemsName]), func(data []byte) error {
		_, err := openItems(data, key)
		return err
	})
	damaged(t, []byte(files[keyName]), func(data []byte) error {
		_, err := openKey(data, passphrase)
		if errors.Is(err, ErrPassphrase) { // its salt and its share are the passphrase's: nobody can tell
			err = ErrDamaged
		}
		return err
	})
}

func damaged(t *testing.T, whole []byte, open func([]byte) error) {
	t.Helper()
	for i := range whole {
		if err := open(whole[:i]); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut off at %d: got %v", i, err)
		}
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1
		if err := open(flipped); !errors.Is(err, ErrDamaged) {
			t.Errorf("changed at %d: got %v", i, err)
		}
	}
}

// A damaged file stays as it is, whatever is asked of it.
func TestDamagedFilesStay(t *testing.T) {
	for _, name := range []string{itemsName, keyName} {
		folder, key := created(t)
		path := filepath.Join(folder, name)
		must(t, os.Truncate(path, 100))
		before := contentsOf(t, folder)
		if err := opened(folder, key); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v", name, err)
		}
		change := func() error {
			_, err := OpenKey(folder, passphrase)
			if err == nil {
				_, err = ChangePassphrase(folder, key, another, quick)
			}
			return err
		}
		if err := change(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: changed with %v", name, err)
		}
		if err := Create(folder, another, quick); !errors.Is(err, ErrExists) {
			t.Errorf("%s: made anew with %v", name, err)
		}
		after := contentsOf(t, folder)
		delete(after, lockName)
		if d := cmp.Diff(before, after); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// opened opens key.age with the passphrase and items.age with the key.
func opened(folder string, key Key) error {
	if _, err := OpenKey(folder, passphrase); err != nil {
		return err
	}
	f := New(folder, quick)
	defer f.Lock()
	if err := f.Unlock(key); err == nil {
		return nil
	}
	_, err := f.Items() // says the same
	return err
}

// A file of a later version says so, and one of none is damaged.
func TestVersions(t *testing.T) {
	for v, want := range map[string]error{"2": ErrNewer, "1000": ErrNewer, "0": ErrDamaged, "-1": ErrDamaged, `"1"`: ErrDamaged} {
		folder, key := created(t)
		items, err := seal(fmt.Appendf(nil, `{"v":%s,"later":true}`, v), key.identity.Recipient())
		must(t, err)
		must(t, os.WriteFile(filepath.Join(folder, itemsName), items, 0o600))
		if err := New(folder, quick).Unlock(key); !errors.Is(err, want) {
			t.Errorf("items of version %s: got %v", v, err)
		}
		if _, err := ChangePassphrase(folder, key, another, quick); !errors.Is(err, want) {
			t.Errorf("items of version %s: changed with %v", v, err)
		}
		if got := contentsOf(t, folder)[itemsName]; got != string(items) {
			t.Errorf("items of version %s were replaced", v)
		}
		var c keyContents
		if err := decode(fmt.Appendf(nil, `{"v":%s,"key":7}`, v), &c, &c.V); !errors.Is(err, want) {
			t.Errorf("key of version %s: got %v", v, err)
		}
	}
}

// Items that someone wrote who knows the public half of the key, or with another key, are not taken.
func TestItemsOfOthers(t *testing.T) {
	folder, key := created(t)
	other, err := newKey()
	must(t, err)
	forged, err := seal([]byte(`{"v":1,"keys":["`+other.mark()+`"],"items":{"identity":"mine"}}`), key.identity.Recipient())
	must(t, err)
	foreign, err := sealItems(map[string]string{"identity": "mine"}, other)
	must(t, err)
	nothing, err := seal([]byte(`{"v":1,"keys":["`+key.mark()+`"]}`), key.identity.Recipient())
	must(t, err)
	for name, data := range map[string][]byte{"forged": forged, "of another key": foreign, "without items": nothing, "empty": nil} {
		must(t, os.WriteFile(filepath.Join(folder, itemsName), data, 0o600))
		if err := New(folder, quick).Unlock(key); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A file that asks for more work than it may is damaged, and costs nothing to find so.
func TestWorkIsBounded(t *testing.T) {
	folder, _ := created(t)
	path := filepath.Join(folder, keyName)
	sealed := contentsOf(t, folder)[keyName]
	must(t, os.WriteFile(path, []byte(strings.Replace(sealed, " 1\n", " 30\n", 1)), 0o600))
	if _, err := OpenKey(folder, passphrase); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
}

// The files of the first version open, take a change, and get another passphrase.
func TestReadsVersion1(t *testing.T) {
	folder := copied(t, "testdata/version1")
	key, err := OpenKey(folder, passphrase)
	must(t, err)
	want := map[string]string{"identity": `{"v":1,"desktop":"74aaaaaaaaaaaaaa"}`, "phone/aeaaaaaaaaaaaaaa": "a phone"}
	f := unlocked(t, folder, key)
	got, err := f.Items()
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Fatal(d, err)
	}
	set(t, f, "trial", "more")
	f.Lock()
	key, err = ChangePassphrase(folder, key, another, quick)
	must(t, err)
	got, err = unlocked(t, folder, key).Items()
	want["trial"] = "more"
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
}
