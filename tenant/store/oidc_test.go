package store

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func found(t *testing.T, s *Store) {
	for i, e := range []Entry{{UPN: "a", Code: "x", Method: "phone"}, {UPN: "b", Code: "x", Method: "app"}, {UPN: "a", Code: "y", Method: "phone"}} {
		e.Time = now.Add(time.Duration(i) * time.Hour)
		check(t, s.Log(ctx, e))
	}
	for want, f := range map[int]Filter{3: {}, 2: {UPN: "a"}, 1: {UPN: "a", Code: "x"}, 0: {UPN: "b", Method: "phone"}} {
		list, err := s.Find(ctx, f, 10)
		check(t, err)
		if len(list) != want {
			t.Errorf("%+v: %d lines", f, len(list))
		}
	}
	list, err := s.Find(ctx, Filter{Since: now.Add(time.Hour)}, 10)
	check(t, err)
	same(t, len(list), 2)
}

// mail registers an app and a user, and begins a request.
func mail(t *testing.T, s *Store) (App, Authorization) {
	t.Helper()
	alice(t, s)
	a := App{ID: "mail", Name: "Mail", Secret: []byte("h"), Redirects: []string{"https://mail.contoso.example/"}, Logouts: []string{}, Created: now}
	check(t, s.CreateApp(ctx, a, Change{}))
	r := Authorization{ID: "r", App: a.ID, Browser: []byte("b"), Request: []byte("{}"), Created: now}
	check(t, s.CreateAuthorization(ctx, r))
	return a, r
}

func apps(t *testing.T, s *Store) {
	a, r := mail(t, s)
	want(t, s.CreateApp(ctx, a, Change{}), ErrExists)
	got, err := s.App(ctx, a.ID)
	check(t, err)
	same(t, got, a)
	all, err := s.Apps(ctx)
	check(t, err)
	same(t, all, []App{a})
	check(t, s.RemoveApp(ctx, a, Change{}))
	want(t, s.RemoveApp(ctx, a, Change{}), ErrNotFound)
	_, err = s.Authorization(ctx, r.ID, r.Browser)
	want(t, err, ErrNotFound) // went with its app
}

func keys(t *testing.T, s *Store) {
	first := Key{ID: "1", Use: "sig", Material: []byte("m"), Created: now}
	check(t, s.FirstKey(ctx, first))
	check(t, s.FirstKey(ctx, Key{ID: "too late", Use: "sig", Material: []byte("m"), Created: now}))
	second := Key{ID: "2", Use: "sig", Material: []byte("n"), Created: now.Add(time.Hour)}
	check(t, s.RotateKey(ctx, second, now, Change{}))
	first.Retired = second.Created
	list, err := s.Keys(ctx, "sig")
	check(t, err)
	same(t, list, []Key{second, first})
	check(t, s.RotateKey(ctx, Key{ID: "3", Use: "sig", Material: []byte("o"), Created: now.Add(48 * time.Hour)}, now.Add(2*time.Hour), Change{}))
	list, err = s.Keys(ctx, "sig")
	check(t, err)
	same(t, len(list), 2) // the first was forgotten
}

func codes(t *testing.T, s *Store) {
	_, r := mail(t, s)
	_, err := s.Authorization(ctx, r.ID, []byte("another browser"))
	want(t, err, ErrNotFound)
	got, err := s.Authorization(ctx, r.ID, r.Browser)
	check(t, err)
	same(t, got, r)
	r.UserID, r.Method, r.AuthTime, r.Coded = "a1", "phone", now, now
	check(t, s.GiveCode(ctx, r, []byte("code")))
	want(t, s.GiveCode(ctx, r, []byte("a second")), ErrNotFound)
	_, err = s.Authorization(ctx, r.ID, r.Browser)
	want(t, err, ErrNotFound) // answered
	got, err = s.RedeemCode(ctx, []byte("code"), now)
	check(t, err)
	same(t, got, r)
	check(t, s.CreateGrant(ctx, Grant{ID: r.ID, App: r.App, UserID: r.UserID, Expires: now.Add(time.Hour)}, Access{ID: "t", Expires: now.Add(time.Hour)}, nil))
	_, err = s.RedeemCode(ctx, []byte("code"), now)
	want(t, err, ErrReused)
	_, _, err = s.Access(ctx, "t", now)
	want(t, err, ErrNotFound)
	_, err = s.RedeemCode(ctx, []byte("made up"), now)
	want(t, err, ErrNotFound)
	check(t, s.SweepTokens(ctx, now, now.Add(time.Second)))
	_, err = s.RedeemCode(ctx, []byte("code"), now)
	want(t, err, ErrNotFound)
}

// Of many who use the same refresh token at once, one gets what follows, and in the end the theft is noticed.
func refreshes(t *testing.T, s *Store) {
	_, r := mail(t, s)
	g := Grant{ID: r.ID, App: r.App, UserID: "a1", Scopes: "openid", Method: "phone", AuthTime: now, Created: now, Expires: now.Add(time.Hour)}
	a := Access{ID: "t", Scopes: "openid", Expires: now.Add(time.Minute)}
	check(t, s.CreateGrant(ctx, g, a, []byte("0")))
	gotA, gotG, err := s.Access(ctx, "t", now)
	check(t, err)
	same(t, gotA, a)
	same(t, gotG, g)
	_, _, err = s.Access(ctx, "t", a.Expires)
	want(t, err, ErrNotFound)

	results := make(chan error, 8)
	var all sync.WaitGroup
	for i := range cap(results) {
		all.Go(func() {
			results <- s.Refresh(ctx, []byte("0"), []byte{1, byte(i)}, Access{ID: string(rune('A' + i)), Expires: now.Add(time.Hour)}, now)
		})
	}
	all.Wait()
	close(results)
	won := 0
	for err := range results {
		if err == nil {
			won++
		} else if !errors.Is(err, ErrReused) {
			t.Error(err)
		}
	}
	same(t, won, 1)
	_, err = s.GrantByRefresh(ctx, []byte("0"), now)
	want(t, err, ErrReused)
	_, _, err = s.Access(ctx, "t", now)
	want(t, err, ErrNotFound) // all went with the grant
	_, err = s.GrantByRefresh(ctx, []byte("0"), now)
	want(t, err, ErrNotFound)
}
