package store

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// A copy made while the store is open has everything, and is never made over another file.
func TestBackup(t *testing.T) {
	s := openSQLite(t)
	u := alice(t, s)
	path := filepath.Join(t.TempDir(), "copy.db")
	check(t, s.Backup(ctx, path))
	if err := s.Backup(ctx, path); !os.IsExist(err) {
		t.Errorf("written over: %v", err)
	}
	copied, err := Open(ctx, path)
	check(t, err)
	t.Cleanup(func() { check(t, copied.Close()) })
	got, err := copied.UserByUPN(ctx, u.UPN)
	check(t, err)
	same(t, got, u)
}

func TestVerify(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	for name, content := range map[string]string{"empty": "", "nonsense": "this is no database, but longer than a header of one would have to be......................................................"} {
		check(t, os.WriteFile(path, []byte(content), 0o600))
		if Verify(ctx, path) == nil {
			t.Error(name)
		}
	}
}

// Restoring changes nothing about the copy, not even one of an older program, and leaves nothing beside it.
func TestRestoreOnlyReads(t *testing.T) {
	from := old(t)
	before, err := os.ReadFile(from)
	check(t, err)
	to := filepath.Join(t.TempDir(), "tenant.db")
	check(t, Restore(ctx, from, to))
	after, err := os.ReadFile(from)
	check(t, err)
	if !bytes.Equal(before, after) {
		t.Error("the copy was changed")
	}
	beside, err := os.ReadDir(filepath.Dir(from))
	check(t, err)
	same(t, len(beside), 1)
	s, err := Open(ctx, to)
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	migrated(t, s)
	if err := Restore(ctx, from, to); !os.IsExist(err) {
		t.Errorf("written over: %v", err)
	}
	check(t, os.WriteFile(from, before[:len(before)/2], 0o600))
	half := filepath.Join(t.TempDir(), "half.db")
	if err := Restore(ctx, from, half); err == nil {
		t.Error("half a copy was restored")
	}
	if _, err := os.Stat(half); !os.IsNotExist(err) {
		t.Error("half a copy is left")
	}
}
