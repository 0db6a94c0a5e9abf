// Package store keeps what the tenant must not forget: users, registrations, sessions, ceremonies in progress, wrong
// passwords and the sign-in log. It is the only package with SQL in it, and it holds no rules: who may do what is
// decided by the packages above it, which see rows and the sentinel errors ErrNotFound and ErrExists.
//
// The engine is SQLite in one file. One connection writes and begins every transaction as a writer, so that two of them
// never deadlock; others read beside it (WAL). Writes are synced to the disk, not only to the system: otherwise a power
// cut could bring back a registration that its owner removed. The conformance suite in this package is what another
// engine has to pass.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrNotFound means that no row has this key, or that another one took it first.
	ErrNotFound = errors.New("not found")
	// ErrExists means that the key is taken.
	ErrExists = errors.New("exists already")
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is the open database. It is safe for use by several goroutines and several processes.
type Store struct {
	write *sql.DB // one connection
	read  *sql.DB
}

// Open opens the file, makes it if need be, and brings its tables up to date.
func Open(ctx context.Context, path string) (*Store, error) {
	write, err := sql.Open("sqlite", dsn(path, "&_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), write.Close())
	}
	read, err := sql.Open("sqlite", dsn(path, "&_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return &Store{write, read}, nil
}

func dsn(path, more string) string {
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path)}).String() +
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=foreign_keys(1)" + more
}

func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// Close closes all connections. The store can't be used any more.
func (s *Store) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }

// inTx runs f in a transaction that is committed if and only if f returns nil.
func (s *Store) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// named turns the driver's errors into the sentinels.
func named(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() {
		case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE:
			return ErrExists
		}
	}
	return err
}

// one makes sure that a statement changed a row.
func one(r sql.Result, err error) error {
	if err != nil {
		return named(err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNotFound)
	}
	return nil
}

type scanner interface{ Scan(...any) error }
