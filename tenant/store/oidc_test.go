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
	a := App{ID: "mail", Name: "Mail", Secret: []byte("h"), Redirects: []string{"https://mail.contoso.example/"}, Logouts: []string{}, Created: now, Alg: "RS256"}
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
	first := Key{ID: "1", Use: "sig", Alg: "ES256", Material: []byte("m"), Created: now}
	check(t, s.FirstKey(ctx, first))
	check(t, s.FirstKey(ctx, Key{ID: "too late", Use: "sig", Material: []byte("m"), Created: now}))
	second := Key{ID: "2", Use: "sig", Alg: "ES256", Material: []byte("n"), Created: now.Add(time.Hour)}
	other := Key{ID: "r", Use: "sig", Alg: "RS256", Material: []byte("r"), Created: now.Add(-time.Hour)}
	check(t, s.FirstKey(ctx, other))
	check(t, s.RotateKeys(ctx, []Key{second}, now, Change{}))
	first.Retired = second.Created
	list, err := s.Keys(ctx, "sig")
	check(t, err)
	same(t, list, []Key{second, first, other})
	check(t, s.RotateKeys(ctx, []Key{{ID: "3", Use: "sig", Material: []byte("o"), Created: now.Add(48 * time.Hour)}}, now.Add(2*time.Hour), Change{}))
	list, err = s.Keys(ctx, "sig")
	check(t, err)
	same(t, len(list), 3) // the first was forgotten
}

func codes(t *testing.T, s *Store) {
	_, r := mail(t, s)
	_, err := s.Authorization(ctx, r.ID, []byte("another browser"))
	want(t, err, ErrNotFound)
	got, err := s.Authorization(ctx, r.ID, r.Browser)
	check(t, err)
	same(t, got, r)
	want(t, s.Consent(ctx, r.ID, []byte("another browser"), Denied), ErrNotFound)
	check(t, s.Consent(ctx, r.ID, r.Browser, "a1"))
	r.Consent = "a1"
	r.Authentication, r.Coded = Authentication{UserID: "a1", Method: "phone", Number: "type", UV: "pin", Registration: []byte("key"), AuthTime: now}, now
	check(t, s.GiveCode(ctx, r, []byte("code")))
	want(t, s.GiveCode(ctx, r, []byte("a second")), ErrNotFound)
	_, err = s.Authorization(ctx, r.ID, r.Browser)
	want(t, err, ErrNotFound) // answered
	got, err = s.RedeemCode(ctx, []byte("code"), now)
	check(t, err)
	same(t, got, r)
	check(t, s.CreateGrant(ctx, Grant{ID: r.ID, App: r.App, Authentication: r.Authentication, Expires: now.Add(time.Hour)}, Access{ID: "t", Expires: now.Add(time.Hour)}, nil))
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

// Of many who use the same refresh token at once, one gets what follows, and what it got is gone once the next one came.
func refreshes(t *testing.T, s *Store) {
	_, r := mail(t, s)
	g := Grant{ID: r.ID, App: r.App, Scopes: "openid", Created: now, Expires: now.Add(time.Hour),
		Authentication: Authentication{UserID: "a1", Method: "phone", AuthTime: now}}
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
	_, _, err = s.Access(ctx, "t", now)
	want(t, err, ErrNotFound) // all went with the grant
	_, err = s.GrantByRefresh(ctx, []byte("0"), now)
	want(t, err, ErrNotFound)
}

// One device asks, a person decides once, and the device fetches its tokens once.
func deviceFlow(t *testing.T, s *Store) {
	_, r := mail(t, s)
	d := Device{ID: "d", App: r.App, UserCode: "BCDF-GHJK", Scopes: "openid", Address: "192.0.2.7", State: DevicePending, Pace: 5 * time.Second,
		Created: now, Expires: now.Add(time.Minute)}
	check(t, s.CreateDevice(ctx, d, []byte("code")))
	want(t, s.CreateDevice(ctx, d, []byte("another")), ErrExists)
	got, err := s.Device(ctx, d.UserCode, now)
	check(t, err)
	same(t, got, d)
	_, err = s.Device(ctx, d.UserCode, d.Expires)
	want(t, err, ErrNotFound)
	_, err = s.PollDevice(ctx, "another app", []byte("code"), now, time.Second)
	want(t, err, ErrNotFound)
	for _, step := range []struct {
		at   time.Duration
		pace time.Duration // as it was before
	}{{0, 5 * time.Second}, {time.Second, 5 * time.Second}, {10 * time.Second, 6 * time.Second}} {
		got, err = s.PollDevice(ctx, r.App, []byte("code"), now.Add(step.at), time.Second)
		check(t, err)
		same(t, got.Pace, step.pace)
	}
	by := Authentication{UserID: "a1", Method: "phone", Number: "choose", UV: "platform", Registration: []byte("key"), AuthTime: now}
	want(t, s.DecideDevice(ctx, d.UserCode, DeviceApproved, by, d.Expires), ErrNotFound)
	check(t, s.DecideDevice(ctx, d.UserCode, DeviceApproved, by, now))
	want(t, s.DecideDevice(ctx, d.UserCode, DeviceDenied, by, now), ErrNotFound)
	got, err = s.PollDevice(ctx, r.App, []byte("code"), now.Add(time.Minute), 0)
	check(t, err)
	same(t, got.State, DeviceApproved)
	same(t, got.Authentication, by)
	g := Grant{ID: d.ID, App: d.App, Scopes: d.Scopes, Created: now, Expires: now.Add(time.Hour), Authentication: by}
	check(t, s.UseDevice(ctx, g, Access{ID: "t", Expires: now.Add(time.Hour)}, nil))
	want(t, s.UseDevice(ctx, g, Access{ID: "u", Expires: now.Add(time.Hour)}, nil), ErrReused)
	_, _, err = s.Access(ctx, "t", now)
	want(t, err, ErrNotFound)
	check(t, s.SweepTokens(ctx, d.Expires, now))
	_, err = s.PollDevice(ctx, r.App, []byte("code"), now, 0)
	want(t, err, ErrNotFound)
}

// What apps got by a registration goes with it, and nothing else.
func tokensOfARegistration(t *testing.T, s *Store) {
	_, r := mail(t, s)
	key := phone("key", "a1")
	check(t, s.CreateRegistration(ctx, key, Entry{}))
	grant := func(id string, registration []byte) {
		by := Authentication{UserID: "a1", Method: "m", Registration: registration, AuthTime: now}
		check(t, s.CreateGrant(ctx, Grant{ID: id, App: r.App, Created: now, Expires: now.Add(time.Hour), Authentication: by}, Access{ID: id, Expires: now.Add(time.Hour)}, nil))
	}
	lives := func(id string) bool { _, _, err := s.Access(ctx, id, now); return err == nil }
	grant("by the key", key.ID)
	grant("by another", []byte("another"))
	grant("by password", nil)
	check(t, s.RemoveRegistration(ctx, Removal{UserID: "a1", ID: key.ID}, Entry{}))
	same(t, []bool{lives("by the key"), lives("by another"), lives("by password")}, []bool{false, true, true})
	check(t, s.CreateRegistration(ctx, key, Entry{}))
	grant("by the key again", key.ID)
	check(t, s.RemoveRegistration(ctx, Removal{UserID: "a1", ID: key.ID, Open: true}, Entry{}))
	same(t, lives("by the key again"), true)
}
