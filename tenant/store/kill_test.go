package store

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writerEnv makes this test's binary the process that writes and is killed.
const writerEnv = "TALLYKEY_TEST_STORE_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		fmt.Println(writeUntilKilled(path))
		os.Exit(1) // only reached after an error
	}
	os.Exit(m.Run())
}

// writeUntilKilled does what a tenant keeps, and names each on stdout once it is committed: that is when a person or an app
// is told.
func writeUntilKilled(path string) error {
	s, err := Open(ctx, path)
	if err != nil {
		return err
	}
	var n int // users that are there, by writers before
	if err := s.read.QueryRow(`SELECT count(*) FROM users`).Scan(&n); err != nil {
		return err
	}
	if err := s.CreateApp(ctx, App{ID: "mail", Redirects: []string{}, Logouts: []string{}, Created: now}, Change{}); err != nil && !errors.Is(err, ErrExists) {
		return err
	}
	for ; ; n++ {
		for _, k := range kept {
			if err := k.write(s, fmt.Sprint(n)); err != nil {
				return err
			}
			fmt.Println(k.name, n)
		}
	}
}

// kept are the writes of which each may be the last one before the end, and whether one that was named is there.
var kept = []struct {
	name  string
	write func(*Store, string) error
	there func(*Store, string) error
}{
	{"user", func(s *Store, n string) error {
		return s.CreateUser(ctx, User{ID: n, Handle: []byte(n), UPN: n + "@contoso.example"}, Change{Time: now, Actor: "cli", Action: "user.add", Target: n})
	}, func(s *Store, n string) error {
		_, err := s.User(ctx, n)
		list, e := s.FindAudits(ctx, AuditFilter{Target: n}, 2)
		return errors.Join(err, e, only(len(list)))
	}},
	{"credential", func(s *Store, n string) error {
		return s.CreateRegistration(ctx, phone(n, n), Entry{Time: now, Code: "registered", Request: n})
	}, func(s *Store, n string) error {
		list, err := s.Registrations(ctx, n)
		return errors.Join(err, only(len(list)), line(s, Filter{Request: n, Code: "registered"}))
	}},
	{"session", func(s *Store, n string) error {
		return s.SignIn(ctx, session(n, n, []byte(n)), nil, 1, Entry{Time: now, Code: "approved", Request: n})
	}, func(s *Store, n string) error {
		_, err := s.Session(ctx, []byte(n), now)
		return errors.Join(err, line(s, Filter{Request: n, Code: "approved"}))
	}},
	{"grant", func(s *Store, n string) error {
		by := Authentication{UserID: n, Method: "phone", Registration: []byte(n), AuthTime: now}
		return s.CreateGrant(ctx, Grant{ID: n, App: "mail", Created: now, Expires: now.Add(time.Hour), Authentication: by}, Access{ID: n, Expires: now.Add(time.Hour)}, []byte(n+" first"))
	}, func(s *Store, n string) error {
		_, _, err := s.Access(ctx, n, now)
		return err
	}},
	{"refresh", func(s *Store, n string) error {
		return s.Refresh(ctx, []byte(n+" first"), []byte(n+" second"), Access{ID: n + " new", Expires: now.Add(time.Hour)}, now)
	}, func(s *Store, n string) error {
		_, err := s.GrantByRefresh(ctx, []byte(n+" second"), now)
		_, _, e := s.Access(ctx, n+" new", now)
		return errors.Join(err, e)
	}},
}

func only(n int) error {
	if n != 1 {
		return fmt.Errorf("%d rows", n)
	}
	return nil
}

func line(s *Store, f Filter) error {
	list, err := s.Find(ctx, f, 2)
	return errors.Join(err, only(len(list)))
}

// halves are what a write that was broken off would leave behind.
var halves = map[string]string{
	"a user without a line in the audit log":   `SELECT count(*) FROM users WHERE id NOT IN (SELECT target FROM audit WHERE action = 'user.add')`,
	"a line in the audit log without its user": `SELECT count(*) FROM audit WHERE action = 'user.add' AND target NOT IN (SELECT id FROM users)`,
	"a credential without its line":            `SELECT (SELECT count(*) FROM registrations) <> (SELECT count(*) FROM signins WHERE code = 'registered')`,
	"a session without its line":               `SELECT (SELECT count(*) FROM sessions) <> (SELECT count(*) FROM signins WHERE code = 'approved')`,
	"a grant with no refresh token, or two":    `SELECT count(*) FROM grants WHERE 1 <> (SELECT count(*) FROM refreshes WHERE grant_id = grants.id AND used = 0)`,
	"a used refresh token without an access":   `SELECT count(*) FROM refreshes AS r WHERE used <> 0 AND 2 <> (SELECT count(*) FROM accesses WHERE grant_id = r.grant_id)`,
	"a row whose other row is not there":       `SELECT count(*) FROM pragma_foreign_key_check`,
	"a file that is not whole":                 `SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'`,
}

// A process that is killed in the middle of writing loses nothing that it has told anybody, leaves nothing half done, and the
// file stays whole.
func TestKillLosesNothingCommitted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	for round := range kept { // each kind of write is the one that was told last, once
		told := killedWriter(t, path, 10+round)
		s, err := Open(ctx, path)
		check(t, err)
		for _, what := range told {
			name, n, _ := strings.Cut(what, " ")
			for _, k := range kept {
				if k.name == name {
					if err := k.there(s, n); err != nil {
						t.Errorf("round %d: %s was told and is not there: %v", round, what, err)
					}
				}
			}
		}
		for half, query := range halves {
			var n int
			check(t, s.read.QueryRow(query).Scan(&n))
			if n != 0 {
				t.Errorf("round %d: %s", round, half)
			}
		}
		check(t, s.Close())
	}
}

// killedWriter starts a writer, kills it with SIGKILL after it has told n things, and says what it told in all.
func killedWriter(t *testing.T, path string, n int) (told []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerEnv+"="+path)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if told = append(told, lines.Text()); len(told) == n {
			check(t, cmd.Process.Kill())
		}
	}
	if err := cmd.Wait(); err == nil || len(told) < n {
		t.Fatalf("the writer was not killed: %v, %q", err, told)
	}
	return told
}

func BenchmarkLog(b *testing.B) {
	s := openSQLite(b)
	for b.Loop() {
		check(b, s.Log(ctx, Entry{Time: now, Request: "7f3c-91ab-40de-0b12", Code: "approved"}))
	}
}
