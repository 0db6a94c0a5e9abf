package store

import (
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
