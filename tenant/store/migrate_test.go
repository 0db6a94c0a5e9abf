package store

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// old makes a database as an earlier program left it.
func old(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "tenant.db")
	dump, err := os.ReadFile("testdata/version3.sql")
	check(t, err)
	db, err := sql.Open("sqlite", dsn(path, ""))
	check(t, err)
	_, err = db.Exec(string(dump))
	check(t, err)
	check(t, db.Close())
	return path
}

// An old file is brought up to date when it is opened, loses nothing, and is opened a second time without being changed.
func TestMigrateAnOldFile(t *testing.T) {
	path := old(t)
	for range 2 {
		s, err := Open(ctx, path)
		check(t, err)
		migrated(t, s)
		check(t, s.Close())
	}
	check(t, Verify(ctx, path))
}

func migrated(t *testing.T, s *Store) {
	t.Helper()
	at := time.UnixMilli(1795000000000).UTC()
	u, err := s.UserByUPN(ctx, "alice@contoso.example")
	check(t, err)
	same(t, u, User{ID: "a1", Handle: []byte{1}, UPN: "alice@contoso.example", Name: "Alice", Password: "$argon2id$x", Created: at})
	blocked, err := s.FindUsers(ctx, UserFilter{Disabled: true}, 9)
	check(t, err)
	same(t, upns(blocked), []string{"bob"})

	has, err := s.Registrations(ctx, "a1")
	check(t, err)
	same(t, []string{has[0].Name, has[0].Kind, has[0].Use, has[1].Kind}, []string{"Alice's phone", "phone", "signin", "passkey"})
	n, err := s.Session(ctx, []byte{0xcc}, at)
	check(t, err)
	same(t, n.Method+n.Agent, "phone")
	check(t, s.UpdateFailure(ctx, "upn:bob@contoso.example", func(f Failure) Failure { same(t, f.Count, 5); return f }))

	rules, err := s.RulesFor(ctx, "a1")
	check(t, err)
	same(t, rules, []Rule{{Words: map[string]string{"phone": "off", "instead": "off"}}, {Group: "g1", Name: "Pilot", Words: map[string]string{"phone": "optional"}}})
	log, err := s.Find(ctx, Filter{UPN: u.UPN}, 9)
	check(t, err)
	same(t, []string{log[0].Request, log[0].Code, log[0].App, log[0].Policy}, []string{"7f3c-91ab-40de-0b12", "timed_out", "", "all by default"})
	audit, err := s.FindAudits(ctx, AuditFilter{Action: "policy"}, 9)
	check(t, err)
	same(t, string(audit[0].After), `{"phone":"off"}`)
	app, err := s.App(ctx, "mail")
	check(t, err)
	same(t, app.Redirects, []string{"https://mail.contoso.example/callback"})
	keys, err := s.Keys(ctx, "enc")
	check(t, err)
	same(t, len(keys), 1)
	_, g, err := s.Access(ctx, "ac", at)
	check(t, err)
	same(t, g.UserID, "a1")
}

// A copy that is made while others write is one moment of the database: whole, with everything that was committed before
// it began, and nothing of a line without what came before. It can be opened, and written to, as the original can.
func TestBackupWhileWriting(t *testing.T) {
	s := openSQLite(t)
	alice(t, s)
	for range 50 {
		check(t, s.Log(ctx, Entry{Time: now, Request: "before"}))
	}
	stop, cancel := context.WithCancel(ctx)
	ended := make(chan int)
	go func() {
		written := 0
		for stop.Err() == nil {
			if err := s.Log(ctx, Entry{Time: now, Request: "meanwhile"}); err != nil {
				t.Error(err)
				break
			}
			written++
		}
		ended <- written
	}()
	path := filepath.Join(t.TempDir(), "copy.db")
	check(t, s.Backup(ctx, path))
	cancel()
	written := <-ended

	copied, err := Open(ctx, path)
	check(t, err)
	defer copied.Close()
	list, err := copied.Since(ctx, Filter{}, 100_000)
	check(t, err)
	if len(list) < 50 || len(list) > 50+written {
		t.Errorf("%d lines; 50 were there, %d came", len(list), written)
	}
	for i, e := range list {
		if e.Seq != int64(i+1) {
			t.Fatalf("line %d is %d", i, e.Seq)
		}
	}
	_, err = copied.UserByUPN(ctx, "alice@contoso.example")
	check(t, err)
	check(t, copied.Log(ctx, Entry{Time: now}))
}

// A file that was damaged is no backup.
func TestDamageIsSeen(t *testing.T) {
	s := openSQLite(t)
	for range 200 {
		check(t, s.Log(ctx, Entry{Time: now, Detail: "a line of some length, so that there are several pages to damage"}))
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	check(t, s.Backup(ctx, path))
	raw, err := os.ReadFile(path)
	check(t, err)
	for i := len(raw) / 2; i < len(raw)/2+8192; i++ {
		raw[i] ^= 0xff
	}
	check(t, os.WriteFile(path, raw, 0o600))
	if err := Verify(ctx, path); err == nil {
		t.Error("a damaged file was taken for a copy")
	}
}
