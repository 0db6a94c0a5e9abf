package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
)

// Backup writes a copy of the database, as it is at one moment, into a file that must not exist yet, and makes sure that
// the copy is whole. Others read meanwhile, and who writes waits. The copy holds what the database holds: password hashes and signing keys.
func (s *Store) Backup(ctx context.Context, path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // VACUUM INTO takes an empty file
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if _, err := s.write.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", path, err), os.Remove(path))
	}
	return Verify(ctx, path)
}

// Restore puts a copy that Backup made where no file may be yet, makes sure that it is whole and brings it up to date. The
// copy itself is only read: it may lie on a medium that can't be written, and is still the older program's.
func Restore(ctx context.Context, from, to string) error {
	if err := duplicate(from, to); err != nil {
		return err
	}
	err := Verify(ctx, to)
	if err == nil {
		var s *Store
		if s, err = Open(ctx, to); err == nil {
			err = s.Close()
		}
	}
	if err != nil {
		return errors.Join(fmt.Errorf("restore %s: %w", from, err), os.Remove(to))
	}
	return nil
}

func duplicate(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() // it was only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

// Verify makes sure that a file is a whole database of the tenant. It changes nothing.
func Verify(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: url.PathEscape(path)}).String()+"?mode=ro")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var whole string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&whole); err != nil || whole != "ok" {
		return fmt.Errorf("%s is damaged: %s %w", path, whole, err)
	}
	var users int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM users`).Scan(&users); err != nil {
		return fmt.Errorf("%s is no database of a tenant: %w", path, err)
	}
	return nil
}
