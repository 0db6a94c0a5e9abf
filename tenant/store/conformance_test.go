package store

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// engines are the databases that the conformance suite runs on.
var engines = map[string]func(testing.TB) *Store{
	"sqlite": openSQLite,
}

func openSQLite(t testing.TB) *Store {
	t.Helper()
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "a folder?", "tenant.db"))
	if err == nil {
		t.Fatal("opened a file in a folder that does not exist")
	}
	s, err = Open(context.Background(), filepath.Join(t.TempDir(), "100% & ?.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, s.Close()) })
	return s
}

var (
	ctx = context.Background()
	now = time.Date(2026, 11, 23, 14, 3, 12, 345e6, time.UTC)
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, err, sentinel error) {
	t.Helper()
	if !errors.Is(err, sentinel) {
		t.Fatalf("got %v, want %v", err, sentinel)
	}
}

func same[T any](t testing.TB, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("-want +got\n%s", d)
	}
}

func alice(t testing.TB, s *Store) User {
	t.Helper()
	u := User{ID: "a1", Handle: []byte("handle of alice"), UPN: "alice@contoso.example", Name: "Alice", Password: "x", Created: now}
	check(t, s.CreateUser(ctx, u))
	return u
}

func phone(id, user string) Registration {
	return Registration{ID: []byte(id), UserID: user, Name: "Alice’s phone", PublicKey: []byte{1}, Flags: 5,
		AAGUID: make([]byte, 16), Transports: "internal,hybrid", Created: now, Kind: "phone", Use: "signin", UV: "platform"}
}

func TestConformance(t *testing.T) {
	for engine, open := range engines {
		for name, f := range map[string]func(*testing.T, *Store){
			"Users": users, "Registrations": registrations, "Sessions": sessions, "RemovalEndsSessions": removalEndsSessions,
			"Attempts": attempts, "OneTaker": oneTaker, "Sweep": sweep, "Failures": failures, "Log": logged,
			"Find": found, "Apps": apps, "Keys": keys, "Codes": codes, "Refreshes": refreshes, "DeviceFlow": deviceFlow, "TokensOfARegistration": tokensOfARegistration, "Groups": groups, "Rules": rules, "Disable": disable,
			"People": people, "Admins": admins, "OwnedDevices": ownedDevices, "Invitations": invitations, "EndAll": endAll, "Reported": reported,
			"Members": members, "PagesOfLogs": pagesOfLogs,
		} {
			t.Run(engine+"/"+name, func(t *testing.T) { f(t, open(t)) })
		}
	}
}

func users(t *testing.T, s *Store) {
	u := alice(t, s)
	want(t, s.CreateUser(ctx, u), ErrExists)
	other := u
	other.ID, other.Handle = "b", []byte("b")
	want(t, s.CreateUser(ctx, other), ErrExists) // the UPN is taken
	for _, find := range []func() (User, error){
		func() (User, error) { return s.User(ctx, u.ID) },
		func() (User, error) { return s.UserByUPN(ctx, u.UPN) },
		func() (User, error) { return s.UserByHandle(ctx, u.Handle) },
	} {
		got, err := find()
		check(t, err)
		same(t, got, u)
	}
	_, err := s.UserByUPN(ctx, "nobody@contoso.example")
	want(t, err, ErrNotFound)
	check(t, s.RehashPassword(ctx, u, "y"))
	got, err := s.User(ctx, u.ID)
	check(t, err)
	same(t, got.Password, "y")
	want(t, s.RehashPassword(ctx, u, "z"), ErrNotFound) // it is another one by now
	want(t, s.ChangePassword(ctx, User{ID: "nobody"}, NewPassword{PHC: "y"}, Entry{Code: "must not be written"}), ErrNotFound)
}

func registrations(t *testing.T, s *Store) {
	u := alice(t, s)
	first, second := phone("one", u.ID), phone("two", u.ID)
	second.Created = now.Add(time.Second)
	check(t, s.CreateRegistration(ctx, second, Entry{Code: "registered"}))
	check(t, s.CreateRegistration(ctx, first, Entry{Code: "registered"}))
	want(t, s.CreateRegistration(ctx, first, Entry{Code: "must not be written"}), ErrExists)
	list, err := s.Registrations(ctx, u.ID)
	check(t, err)
	same(t, list, []Registration{first, second})
	log, err := s.Entries(ctx, 10)
	check(t, err)
	same(t, len(log), 2)
	if err := s.CreateRegistration(ctx, phone("three", "nobody"), Entry{}); err == nil {
		t.Error("a registration without a user was kept")
	}
}

func session(token, user string, registration []byte) Session {
	return Session{TokenHash: []byte(token), UserID: user, Method: "phone", Registration: registration, Started: now, Expires: now.Add(time.Hour)}
}

func sessions(t *testing.T, s *Store) {
	u := alice(t, s)
	n := session("t1", u.ID, nil)
	check(t, s.SignIn(ctx, n, nil, 0, Entry{Code: "approved"}))
	got, err := s.Session(ctx, n.TokenHash, now)
	check(t, err)
	same(t, got, n)

	check(t, s.SignIn(ctx, session("t2", u.ID, nil), n.TokenHash, 0, Entry{Code: "approved"}))
	_, err = s.Session(ctx, n.TokenHash, now)
	want(t, err, ErrNotFound) // replaced

	check(t, s.Confirm(ctx, []byte("t2"), []byte("t3"), now.Add(time.Minute), Entry{Code: "password_right"}))
	want(t, s.Confirm(ctx, []byte("t2"), []byte("t4"), now, Entry{Code: "must not be written"}), ErrNotFound)
	got, err = s.Session(ctx, []byte("t3"), now)
	check(t, err)
	same(t, got.Confirmed, now.Add(time.Minute))
	_, err = s.Session(ctx, []byte("t3"), now.Add(time.Hour))
	want(t, err, ErrNotFound) // expired

	check(t, s.EndSession(ctx, []byte("t3")))
	check(t, s.EndSession(ctx, []byte("t3")))
	_, err = s.Session(ctx, []byte("t3"), now)
	want(t, err, ErrNotFound)
	log, err := s.Entries(ctx, 10)
	check(t, err)
	same(t, len(log), 3)
}

func removalEndsSessions(t *testing.T, s *Store) {
	u := alice(t, s)
	r := phone("one", u.ID)
	check(t, s.CreateRegistration(ctx, r, Entry{}))
	for _, token := range []string{"here", "elsewhere"} {
		check(t, s.SignIn(ctx, session(token, u.ID, r.ID), nil, 7, Entry{}))
	}
	check(t, s.SignIn(ctx, session("by password", u.ID, nil), nil, 0, Entry{}))
	list, err := s.Registrations(ctx, u.ID)
	check(t, err)
	same(t, list[0].Used, now)
	same(t, list[0].SignCount, 7)

	want(t, s.RemoveRegistration(ctx, Removal{UserID: "somebody else", ID: r.ID}, Entry{}), ErrNotFound)
	check(t, s.RemoveRegistration(ctx, Removal{UserID: u.ID, ID: r.ID, Keep: []byte("here")}, Entry{}))
	want(t, s.RemoveRegistration(ctx, Removal{UserID: u.ID, ID: r.ID, Keep: []byte("here")}, Entry{}), ErrNotFound)
	for token, stays := range map[string]bool{"here": true, "elsewhere": false, "by password": true} {
		_, err := s.Session(ctx, []byte(token), now)
		if stays != (err == nil) {
			t.Errorf("session %q: %v", token, err)
		}
	}
	want(t, s.SignIn(ctx, session("late", u.ID, r.ID), nil, 8, Entry{}), ErrNotFound)
	_, err = s.Session(ctx, []byte("late"), now)
	want(t, err, ErrNotFound)
}

func attempt(id, user string) Attempt {
	return Attempt{ID: id, Kind: "signin", Browser: []byte("browser"), UserID: user, UPN: "alice@contoso.example", Options: []byte("{}"),
		State: []byte("{}"), Address: "192.0.2.1", Agent: "Browser", Created: now, Expires: now.Add(2 * time.Minute)}
}

func attempts(t *testing.T, s *Store) {
	a, anyone := attempt("one", alice(t, s).ID), attempt("two", "")
	check(t, s.CreateAttempt(ctx, a))
	check(t, s.CreateAttempt(ctx, anyone))
	want(t, s.CreateAttempt(ctx, a), ErrExists)
	for _, wrong := range []struct{ kind, id, browser string }{{"register", "one", "browser"}, {"signin", "three", "browser"}, {"signin", "one", "another"}} {
		_, err := s.TakeAttempt(ctx, wrong.kind, wrong.id, []byte(wrong.browser))
		want(t, err, ErrNotFound)
	}
	for _, a := range []Attempt{a, anyone} {
		got, err := s.Attempt(ctx, a.Kind, a.ID, a.Browser)
		check(t, err)
		same(t, got, a)
		got, err = s.TakeAttempt(ctx, a.Kind, a.ID, a.Browser)
		check(t, err)
		same(t, got, a)
		_, err = s.TakeAttempt(ctx, a.Kind, a.ID, a.Browser)
		want(t, err, ErrNotFound)
	}
}

func oneTaker(t *testing.T, s *Store) {
	a := attempt("one", "")
	check(t, s.CreateAttempt(ctx, a))
	took := make(chan error, 8)
	var all sync.WaitGroup
	for range cap(took) {
		all.Go(func() { _, err := s.TakeAttempt(ctx, a.Kind, a.ID, a.Browser); took <- err })
	}
	all.Wait()
	close(took)
	winners := 0
	for err := range took {
		if err == nil {
			winners++
			continue
		}
		want(t, err, ErrNotFound)
	}
	same(t, winners, 1)
}

func sweep(t *testing.T, s *Store) {
	u := alice(t, s)
	old, fresh := attempt("old", u.ID), attempt("fresh", u.ID)
	old.Expires = now
	check(t, s.CreateAttempt(ctx, old))
	check(t, s.CreateAttempt(ctx, fresh))
	check(t, s.SignIn(ctx, session("t", u.ID, nil), nil, 0, Entry{}))
	check(t, s.UpdateFailure(ctx, "forgotten", func(Failure) Failure { return Failure{Count: 1, Last: now.Add(-time.Hour)} }))
	check(t, s.UpdateFailure(ctx, "locked", func(Failure) Failure {
		return Failure{Count: 1, Last: now.Add(-time.Hour), Until: now.Add(time.Minute)}
	}))
	check(t, s.Sweep(ctx, now, now.Add(-time.Minute), func(a Attempt) Entry { return Entry{Request: a.ID, Code: "page_left"} }))

	_, err := s.Attempt(ctx, fresh.Kind, fresh.ID, fresh.Browser)
	check(t, err)
	_, err = s.Attempt(ctx, old.Kind, old.ID, old.Browser)
	want(t, err, ErrNotFound)
	log, err := s.Entries(ctx, 1)
	check(t, err)
	same(t, log[0].Request, "old")
	same(t, log[0].Code, "page_left")
	for subject, count := range map[string]int{"forgotten": 0, "locked": 1} {
		check(t, s.UpdateFailure(ctx, subject, func(f Failure) Failure { same(t, f.Count, count); return f }))
	}
}

func failures(t *testing.T, s *Store) {
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := s.UpdateFailure(ctx, "x", func(f Failure) Failure { f.Count++; f.Last = now; return f }); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	check(t, s.UpdateFailure(ctx, "x", func(f Failure) Failure { same(t, f, Failure{Count: 20, Last: now}); return Failure{} }))
	check(t, s.UpdateFailure(ctx, "x", func(f Failure) Failure { same(t, f, Failure{}); return f }))
}

func logged(t *testing.T, s *Store) {
	e := Entry{Time: now, Request: "7f3c-91ab-40de-0b12", UPN: "alice@contoso.example", UserID: "a1", Method: "phone", Code: "timed_out",
		Detail: "d", Registration: []byte("one"), Address: "192.0.2.1", Agent: "Browser", Millis: 60012}
	check(t, s.Log(ctx, Entry{Time: now}))
	check(t, s.Log(ctx, e))
	got, err := s.Entries(ctx, 1)
	check(t, err)
	e.Seq = 2
	same(t, got, []Entry{e})
	if _, err := s.write.Exec(`UPDATE signins SET code = 'approved'`); err == nil {
		t.Error("a line of the log was changed")
	}
}
