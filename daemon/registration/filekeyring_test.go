package registration

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tallykey/daemon/api"
	"tallykey/daemon/keyringfile"
)

const passphrase = "correct horse battery staple"

// quick makes a passphrase cost nothing.
var quick = keyringfile.Options{WorkFactor: 1}

// newFileKeyring is an open keyring in a new folder, with its key.
func newFileKeyring(t testing.TB) (*FileKeyring, keyringfile.Key) {
	t.Helper()
	folder := filepath.Join(inMemory(t), "keyring")
	must(t, keyringfile.Create(folder, passphrase, quick))
	key, err := keyringfile.OpenKey(folder, passphrase)
	must(t, err)
	k := NewFileKeyring(keyringfile.New(folder, quick))
	must(t, k.File().Unlock(key))
	t.Cleanup(k.File().Lock)
	return k, key
}

func TestFileKeyringConforms(t *testing.T) {
	k, _ := newFileKeyring(t)
	conforms(t, k)
	storeLife(t, k)
}

func TestFileKeyringLocked(t *testing.T) {
	k, key := newFileKeyring(t)
	must(t, k.Set(t.Context(), "identity", "kept"))
	k.File().Lock()
	fails(t, k, ErrLocked)
	if _, err := Open(t.Context(), k); Code(err) != api.KeyringFileLocked {
		t.Errorf("%v has code %q", err, Code(err))
	}
	must(t, k.File().Unlock(key))
	if got, err := k.Get(t.Context(), "identity"); err != nil || got != "kept" {
		t.Errorf("after it was unlocked: got %q, %v", got, err)
	}
}

func TestFileKeyringAbsent(t *testing.T) {
	k := NewFileKeyring(keyringfile.New(filepath.Join(t.TempDir(), "none"), quick))
	fails(t, k, ErrMissing)
	if _, err := Open(t.Context(), k); Code(err) != api.KeyringFileMissing {
		t.Errorf("%v has code %q", err, Code(err))
	}
}

// A disk that takes nothing more: what was there stays, and nothing that failed comes back.
func TestFileKeyringThatCantBeWritten(t *testing.T) {
	k, key := newFileKeyring(t)
	s := open(t, k)
	must(t, s.AddPhone(t.Context(), samplePhone(1)))
	must(t, s.Add(t.Context(), sampleRegistration(1, samplePhone(1).ID)))
	elsewhere := k.File().Folder() + " elsewhere"
	must(t, os.Rename(k.File().Folder(), elsewhere))
	err := s.Add(t.Context(), sampleRegistration(2, samplePhone(1).ID))
	if !errors.Is(err, ErrFailed) || Code(err) != api.KeyringFailed {
		t.Errorf("got %v with code %q", err, Code(err))
	}
	must(t, os.Rename(elsewhere, k.File().Folder()))
	must(t, s.Add(t.Context(), sampleRegistration(3, samplePhone(1).ID)))
	k.File().Lock()
	must(t, k.File().Unlock(key))
	sameAfterRestart(t, s, k)
	if n := len(s.Registrations()); n != 2 {
		t.Errorf("%d registrations", n)
	}
}

func TestThousandRegistrationsInAFile(t *testing.T) {
	k, key := newFileKeyring(t)
	const before = 990
	must(t, open(t, k).AddPhone(t.Context(), samplePhone(1)))
	must(t, k.File().Change(func(items map[string]string) { // at once: each write is of the whole file
		for n := range before {
			value, err := encodeRegistration(sampleRegistration(n, samplePhone(1).ID))
			must(t, err)
			items[nameOf(n)] = value
		}
	}))
	s := open(t, k)
	for n := before; n < 1000; n++ {
		must(t, s.Add(t.Context(), sampleRegistration(n, samplePhone(1).ID)))
	}
	k.File().Lock()
	must(t, k.File().Unlock(key))
	if n := len(open(t, k).Registrations()); n != 1000 {
		t.Errorf("%d registrations", n)
	}
	for n := range 10 {
		must(t, s.Remove(t.Context(), sampleRegistration(n, "").Credential))
	}
	sameAfterRestart(t, s, k)
}

// Nothing that stands in the items can be read in what is on the disk.
func TestFileKeyringSaysNothing(t *testing.T) {
	k, _ := newFileKeyring(t)
	storeLife(t, k)
	err := filepath.WalkDir(k.File().Folder(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, word := range []string{"alice", "example", "phone/", "AGE-SECRET", passphrase} {
			if strings.Contains(strings.ToLower(string(data)), strings.ToLower(word)) {
				t.Errorf("%s says %q", path, word)
			}
		}
		return err
	})
	must(t, err)
}

func BenchmarkFileKeyring(b *testing.B) {
	for _, size := range []int{10, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) { benchmarkFile(b, size) })
	}
}

func benchmarkFile(b *testing.B, size int) {
	k, _ := newFileKeyring(b)
	value, err := encodeRegistration(sampleRegistration(1, samplePhone(1).ID))
	must(b, err)
	must(b, k.File().Change(func(items map[string]string) {
		for n := range size {
			items[nameOf(n)] = value
		}
	}))
	for n := 0; b.Loop(); n++ {
		must(b, k.Set(b.Context(), nameOf(0), value+strings.Repeat(" ", n%2+1)))
	}
}
