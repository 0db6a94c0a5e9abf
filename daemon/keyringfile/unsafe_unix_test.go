//go:build unix

package keyringfile

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What others could read or change, what only points elsewhere, and what is no file, is not used.
func TestUnsafeFiles(t *testing.T) {
	mode := func(mode os.FileMode) func(string) error {
		return func(path string) error { return os.Chmod(path, mode) }
	}
	link := func(path string) error {
		return errors.Join(os.Rename(path, path+" elsewhere"), os.Symlink(path+" elsewhere", path))
	}
	pipe := func(path string) error { return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)) }
	folder := func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }
	for _, c := range []struct {
		what, name string
		spoil      func(path string) error
	}{
		{"a folder for the group", "", mode(0o770)}, {"a folder to look into", "", mode(0o701)}, {"a linked folder", "", link},
		{"a key for all", keyName, mode(0o604)}, {"a key for the group", keyName, mode(0o640)}, {"a linked key", keyName, link},
		{"items for all", itemsName, mode(0o602)}, {"linked items", itemsName, link}, {"a pipe", itemsName, pipe},
		{"a folder for items", itemsName, folder}, {"a pipe for a key", keyName, pipe},
	} {
		t.Run(c.what, func(t *testing.T) {
			folder, key := created(t)
			must(t, c.spoil(filepath.Join(folder, c.name)))
			if err := New(folder, quick).Unlock(key); !errors.Is(err, ErrUnsafe) {
				t.Errorf("unlock: %v", err)
			}
			if _, err := New(folder, quick).Items(); !errors.Is(err, ErrUnsafe) {
				t.Errorf("items: %v", err)
			}
			if _, err := OpenKey(folder, passphrase); c.name != itemsName && !errors.Is(err, ErrUnsafe) {
				t.Errorf("key: %v", err)
			}
		})
	}
}

// A file of another user's, which only root can make.
func TestFilesOfOthers(t *testing.T) {
	folder, key := created(t)
	if err := os.Lchown(filepath.Join(folder, itemsName), os.Geteuid()+1, -1); err != nil {
		if os.Geteuid() == 0 {
			t.Fatal(err)
		}
		folder = "/" // it is root's, and everybody's
	}
	if err := New(folder, quick).Unlock(key); !errors.Is(err, ErrUnsafe) {
		t.Errorf("got %v", err)
	}
}

// Stopped at any step of a change of the passphrase, one of the two opens everything.
func TestStoppedWhileThePassphraseChanges(t *testing.T) {
	for step := 1; ; step++ {
		folder, key := created(t)
		f := unlocked(t, folder, key)
		set(t, f, "identity", "kept")
		f.Lock()
		if survived(t, folder, key, step) {
			if step-1 != 3*5 {
				t.Errorf("%d steps", step-1)
			}
			return
		}
	}
}

// survived stops a change of the passphrase dead at a step, and looks at what is left. It returns true if there is no
// such step.
func survived(t *testing.T, folder string, before Key, step int) bool {
	t.Helper()
	type stopped struct{}
	var end any
	func() {
		defer func() { end = recover() }()
		_, err := ChangePassphrase(folder, before, another, Options{WorkFactor: 1, Step: func(Step) {
			if step--; step == 0 {
				panic(stopped{})
			}
		}})
		must(t, err)
	}()
	key, err := OpenKey(folder, passphrase)
	if errors.Is(err, ErrPassphrase) {
		key, err = OpenKey(folder, another)
	}
	must(t, err)
	f := unlocked(t, folder, key)
	if got, err := f.Items(); err != nil || got["identity"] != "kept" {
		t.Errorf("%v, %v", got, err)
	}
	set(t, f, "identity", "changed")
	if left, _ := filepath.Glob(filepath.Join(folder, temporary+"*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	return end == nil
}
