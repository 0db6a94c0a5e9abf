package store

import (
	"database/sql"
	"fmt"
	"testing"
	"time"
)

func person(id, upn, name string) User {
	return User{ID: id, Handle: []byte(id), UPN: upn, Name: name, Created: now}
}

// crowd makes users whose order by name is not their order by UPN.
func crowd(t testing.TB, s *Store) []User {
	t.Helper()
	list := []User{person("1", "ada@contoso.example", "Zoe"), person("2", "adam@contoso.example", "bo"), person("3", "bea@contoso.example", "Bo"),
		person("4", "eve@fabrikam.example", "Ända"), person("5", "zed@contoso.example", "ada")}
	for _, u := range list {
		check(t, s.CreateUser(ctx, u))
	}
	return list
}

func upns(list []User) (out []string) {
	for _, u := range list {
		out = append(out, u.UPN[:3])
	}
	return out
}

// Pages follow each other without a gap or a repetition, whatever they are ordered by.
func people(t *testing.T, s *Store) {
	all := crowd(t, s)
	for name, c := range map[string]struct {
		filter UserFilter
		want   []string
	}{
		"all":           {UserFilter{}, []string{"ada", "ada", "bea", "eve", "zed"}},
		"by name":       {UserFilter{ByName: true}, []string{"zed", "ada", "bea", "ada", "eve"}},
		"begins":        {UserFilter{Prefix: "ADA"}, []string{"ada", "ada"}},
		"name begins":   {UserFilter{Prefix: "BO", ByName: true}, []string{"ada", "bea"}},
		"nobody":        {UserFilter{Prefix: "%"}, nil},
		"letters apart": {UserFilter{Prefix: "än", ByName: true}, nil}, // NOCASE knows ASCII only
	} {
		var got []User
		for f := c.filter; ; f.After = got[len(got)-1].UPN {
			page, err := s.FindUsers(ctx, f, 2)
			check(t, err)
			if got = append(got, page...); len(page) < 2 {
				break
			}
		}
		t.Run(name, func(t *testing.T) { same(t, upns(got), c.want) })
	}
	check(t, s.DisableUser(ctx, all[2], now, Change{}))
	check(t, s.SetRisk(ctx, all[3], now, Change{}))
	blocked, err := s.FindUsers(ctx, UserFilter{Disabled: true}, 9)
	check(t, err)
	same(t, upns(blocked), []string{"bea"})
	reported, err := s.FindUsers(ctx, UserFilter{AtRisk: true}, 9)
	check(t, err)
	same(t, upns(reported), []string{"eve"})

	check(t, s.EditUser(ctx, all[0], "ada@fabrikam.example", "Ada", Change{Action: "user.edit"}))
	want(t, s.EditUser(ctx, all[0], all[1].UPN, "Ada", Change{Action: "must not be written"}), ErrExists)
	want(t, s.EditUser(ctx, User{ID: "nobody"}, "x", "x", Change{}), ErrNotFound)
	got, err := s.User(ctx, "1")
	check(t, err)
	same(t, got.UPN+" "+got.Name, "ada@fabrikam.example Ada")
}

// The last administrator who can sign in stays one.
func admins(t *testing.T, s *Store) {
	all := crowd(t, s)
	c := Change{Time: now, Action: "role.set"}
	check(t, s.SetRole(ctx, all[0], Top, c))
	check(t, s.SetRole(ctx, all[1], "reader", c))
	want(t, s.SetRole(ctx, all[0], "", c), ErrLast)
	want(t, s.SetRole(ctx, all[0], "reader", c), ErrLast)
	want(t, s.DisableUser(ctx, all[0], now, c), ErrLast)
	want(t, s.SetRole(ctx, User{ID: "nobody"}, Top, c), ErrNotFound)
	check(t, s.SetRole(ctx, all[2], Top, c))
	check(t, s.DisableUser(ctx, all[2], now, c))
	want(t, s.SetRole(ctx, all[0], "", c), ErrLast) // the other one can't sign in
	check(t, s.DisableUser(ctx, all[2], time.Time{}, c))
	check(t, s.SetRole(ctx, all[0], "", c))
	check(t, s.SetRole(ctx, all[0], "", c)) // as it is
	list, err := s.Admins(ctx)
	check(t, err)
	same(t, list, []Admin{{all[1], "reader", now}, {all[2], Top, now}})
	for id, role := range map[string]string{"1": "", "2": "reader", "3": Top, "nobody": ""} {
		got, err := s.Role(ctx, id)
		check(t, err)
		same(t, got, role)
	}
}

func ownedDevices(t *testing.T, s *Store) {
	all := crowd(t, s)
	for i, owner := range []int{4, 1, 1, 0} {
		r := phone(fmt.Sprint(i), all[owner].ID)
		check(t, s.CreateRegistration(ctx, r, Entry{}))
	}
	var got []string
	p := DevicePage{}
	for {
		page, err := s.Devices(ctx, p, 1)
		check(t, err)
		if len(page) == 0 {
			break
		}
		got = append(got, page[0].Owner.UPN[:4]+string(page[0].ID))
		p.AfterUPN, p.AfterRow = page[0].Owner.UPN, page[0].Row
	}
	same(t, got, []string{"ada@3", "adam1", "adam2", "zed@0"})
	some, err := s.Devices(ctx, DevicePage{Prefix: "adam", Kind: "phone"}, 9)
	check(t, err)
	same(t, len(some), 2)
	same(t, some[0].Registration, phone("1", all[1].ID))
	same(t, some[0].Owner, all[1])
	none, err := s.Devices(ctx, DevicePage{Kind: "passkey"}, 9)
	check(t, err)
	same(t, len(none), 0)
}

func invitations(t *testing.T, s *Store) {
	all := crowd(t, s)
	for i, u := range all[:3] {
		at := now.Add(time.Duration(i) * time.Minute)
		check(t, s.Invite(ctx, Invitation{ID: u.ID, UserID: u.ID, Secret: []byte(u.ID), Actor: "cli", Created: at, Expires: at.Add(time.Hour)}, Change{}))
	}
	check(t, s.Invite(ctx, Invitation{ID: "1b", UserID: "1", Secret: []byte("1b"), Actor: "cli", Created: now.Add(time.Hour), Expires: now.Add(2 * time.Hour)}, Change{}))
	_, err := s.Invitation(ctx, []byte("1"))
	want(t, err, ErrNotFound) // a newer one takes the older back
	first, err := s.Guests(ctx, "", "", 2)
	check(t, err)
	same(t, []string{first[0].ID, first[1].ID, first[0].UPN}, []string{"1b", "3", "ada@contoso.example"})
	rest, err := s.Guests(ctx, "", "3", 2)
	check(t, err)
	same(t, len(rest), 1)
	mine, err := s.Guests(ctx, "2", "", 9)
	check(t, err)
	same(t, mine, rest)

	n := session("t", "2", nil)
	check(t, s.Accept(ctx, "2", n, nil, Entry{Code: "invited"}))
	want(t, s.Accept(ctx, "2", session("u", "2", nil), nil, Entry{}), ErrNotFound)
	used, err := s.Guest(ctx, "2")
	check(t, err)
	same(t, used.Used, n.Started)
	want(t, s.Revoke(ctx, used, Change{}), ErrNotFound) // it is used up already
	check(t, s.Revoke(ctx, first[1], Change{}))
	_, err = s.Guest(ctx, "3")
	want(t, err, ErrNotFound)
	check(t, s.ForgetInvitations(ctx, now.Add(2*time.Hour)))
	left, err := s.Guests(ctx, "", "", 9)
	check(t, err)
	same(t, len(left), 1)
}

func endAll(t *testing.T, s *Store) {
	u := alice(t, s)
	for _, token := range []string{"here", "there"} {
		check(t, s.SignIn(ctx, session(token, u.ID, nil), nil, 0, Entry{}))
	}
	list, err := s.SessionsOf(ctx, u.ID, now)
	check(t, err)
	same(t, len(list), 2)
	check(t, s.EndAll(ctx, u, []byte("here"), Change{Action: "user.signout"}))
	list, err = s.SessionsOf(ctx, u.ID, now)
	check(t, err)
	same(t, string(list[0].TokenHash), "here")
	check(t, s.EndAll(ctx, u, nil, Change{}))
	list, err = s.SessionsOf(ctx, u.ID, now)
	check(t, err)
	same(t, len(list), 0)
}

func reported(t *testing.T, s *Store) {
	u := alice(t, s)
	for _, token := range []string{"here", "there"} {
		check(t, s.SignIn(ctx, session(token, u.ID, nil), nil, 0, Entry{}))
	}
	check(t, s.Report(ctx, u.ID, []byte("here"), false, Entry{Time: now, Code: "not_me"}))
	want(t, s.Report(ctx, "nobody", nil, false, Entry{Code: "must not be written"}), ErrNotFound)
	list, err := s.SessionsOf(ctx, u.ID, now)
	check(t, err)
	same(t, len(list), 1)
	got, err := s.User(ctx, u.ID)
	check(t, err)
	same(t, got.Risk, now)
	check(t, s.SetRisk(ctx, got, time.Time{}, Change{}))
}

// Every member is on one page, whichever way the pages are made.
func members(t *testing.T, s *Store) {
	check(t, s.CreateGroup(ctx, Group{ID: "g", Name: "Pilot", Created: now}, Change{}))
	all := crowd(t, s)
	for _, u := range all {
		check(t, s.AddMember(ctx, "g", u, Change{}))
	}
	first, err := s.MembersPage(ctx, "g", "", 3)
	check(t, err)
	rest, err := s.MembersPage(ctx, "g", first[2].UPN, 3)
	check(t, err)
	same(t, upns(append(first, rest...)), []string{"ada", "ada", "bea", "eve", "zed"})
	counts, err := s.CountMembers(ctx)
	check(t, err)
	same(t, counts, map[string]int{"g": 5})

	check(t, s.CreateRegistration(ctx, phone("p", "2"), Entry{}))
	var seen []Standing
	check(t, s.Standings(ctx, Among{Group: "g"}, now, func(st Standing) error { seen = append(seen, st); return nil }))
	same(t, len(seen), 5)
	same(t, seen[1], Standing{"2", "adam@contoso.example", []string{"g"}, []Registration{{Kind: "phone", Use: "signin"}}, nil})
	want(t, s.Standings(ctx, Among{}, now, func(Standing) error { return ErrLast }), ErrLast)
}

// The logs are read in pages, forwards and backwards, and by time also when a clock was put back.
func pagesOfLogs(t *testing.T, s *Store) {
	for i, at := range []time.Duration{0, time.Hour, 2 * time.Hour, time.Hour / 2, 3 * time.Hour} { // the fourth after the clock was put back
		check(t, s.Log(ctx, Entry{Time: now.Add(at), UPN: "a", App: "mail", Request: fmt.Sprint("r", i), Device: "d"}))
		check(t, s.inTx(ctx, func(tx *sql.Tx) error {
			return insertAudit(ctx, tx, Change{Time: now, Actor: "cli", Action: []string{"policy.set", "user.add"}[i%2], Target: fmt.Sprint(i)}, nil, i)
		}))
	}
	seqs := func(list []Entry, err error) (out []int64) {
		check(t, err)
		for _, e := range list {
			out = append(out, e.Seq)
		}
		return out
	}
	same(t, seqs(s.Find(ctx, Filter{Before: 4}, 2)), []int64{3, 2})
	same(t, seqs(s.Since(ctx, Filter{After: 3}, 9)), []int64{4, 5})
	same(t, seqs(s.Find(ctx, Filter{Since: now.Add(time.Hour)}, 9)), []int64{5, 3, 2})
	same(t, seqs(s.Find(ctx, Filter{Until: now.Add(time.Hour)}, 9)), []int64{4, 1})
	same(t, seqs(s.Find(ctx, Filter{Since: now.Add(72 * time.Hour)}, 9)), nil)
	same(t, seqs(s.Find(ctx, Filter{Until: now.Add(-72 * time.Hour)}, 9)), nil)
	same(t, seqs(s.Find(ctx, Filter{Request: "r1", Device: "d", App: "mail", UPN: "a"}, 9)), []int64{2})
	check(t, s.Forget(ctx, now.Add(time.Hour)))
	same(t, seqs(s.Entries(ctx, 9)), []int64{5, 3, 2})

	for want, f := range map[int]AuditFilter{5: {}, 3: {Action: "policy"}, 2: {Action: "user.add"}, 1: {Target: "3", Actor: "cli"}, 4: {Before: 5}} {
		list, err := s.FindAudits(ctx, f, 9)
		check(t, err)
		if len(list) != want {
			t.Errorf("%+v: %d lines", f, len(list))
		}
	}
}
