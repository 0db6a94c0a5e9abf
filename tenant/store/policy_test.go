package store

import (
	"maps"
	"testing"
	"time"
)

func groups(t *testing.T, s *Store) {
	u := alice(t, s)
	g, h := Group{ID: "g", Name: "Pilot", Created: now}, Group{ID: "h", Name: "g", Created: now}
	check(t, s.CreateGroup(ctx, g, Change{Action: "group.add"}))
	check(t, s.CreateGroup(ctx, h, Change{}))
	want(t, s.CreateGroup(ctx, Group{ID: "x", Name: "Pilot"}, Change{Action: "must not be written"}), ErrExists)
	list, err := s.Groups(ctx)
	check(t, err)
	same(t, list, []Group{g, h})
	for _, name := range []string{"g", "Pilot"} { // an id wins over a name
		got, err := s.Group(ctx, name)
		check(t, err)
		same(t, got, g)
	}
	_, err = s.Group(ctx, "nobody")
	want(t, err, ErrNotFound)

	check(t, s.AddMember(ctx, "g", u, Change{}))
	want(t, s.AddMember(ctx, "g", u, Change{}), ErrExists)
	if err := s.AddMember(ctx, "nobody", u, Change{}); err == nil {
		t.Error("a member of no group")
	}
	in, err := s.Members(ctx, "g")
	check(t, err)
	same(t, in, []User{u})
	of, err := s.GroupsOf(ctx, u.ID)
	check(t, err)
	same(t, of, []Group{g})
	check(t, s.RemoveMember(ctx, "g", u, Change{}))
	want(t, s.RemoveMember(ctx, "g", u, Change{}), ErrNotFound)
	log, err := s.Audits(ctx, 100)
	check(t, err)
	same(t, len(log), 4)
	same(t, string(log[3].Before)+string(log[3].After), `null{"id":"g","name":"Pilot","created":"2026-11-23T14:03:12.345Z"}`)
	if _, err := s.write.ExecContext(ctx, `UPDATE audit SET actor = 'somebody else'`); err == nil {
		t.Error("the audit log can be changed")
	}
}

func rules(t *testing.T, s *Store) {
	u := alice(t, s)
	check(t, s.CreateGroup(ctx, Group{ID: "g", Name: "Pilot", Created: now}, Change{}))
	check(t, s.AddMember(ctx, "g", u, Change{}))
	put := func(group, setting, word string) {
		t.Helper()
		before, after, err := s.ChangeRule(ctx, group, func(r Rule) Rule {
			words := maps.Clone(r.Words)
			words[setting] = word
			return Rule{Group: r.Group, Name: r.Name, Words: words}
		}, Change{})
		check(t, err)
		if before.Group != group || before.Words[setting] == word || after.Words[setting] != word {
			t.Errorf("%+v became %+v", before, after)
		}
	}
	put("g", "phone", "optional")
	put("", "phone", "off")
	put("", "instead", "off")
	both := []Rule{{Words: map[string]string{"phone": "off", "instead": "off"}}, {Group: "g", Name: "Pilot", Words: map[string]string{"phone": "optional"}}}
	all, err := s.Rules(ctx)
	check(t, err)
	same(t, all, both)
	mine, err := s.RulesFor(ctx, u.ID)
	check(t, err)
	same(t, mine, both)
	others, err := s.RulesFor(ctx, "nobody")
	check(t, err)
	same(t, others, both[:1])
	put("", "phone", "") // says nothing any more
	put("", "instead", "")
	check(t, s.RemoveGroup(ctx, Group{ID: "g"}, Change{}))
	want(t, s.RemoveGroup(ctx, Group{ID: "g"}, Change{}), ErrNotFound)
	all, err = s.Rules(ctx)
	check(t, err)
	same(t, len(all), 0)
}

func disable(t *testing.T, s *Store) {
	u := alice(t, s)
	check(t, s.SignIn(ctx, Session{TokenHash: []byte("t"), UserID: u.ID, Method: "password", Started: now, Expires: now.Add(time.Hour)}, nil, 0, Entry{}))
	check(t, s.CreateAttempt(ctx, Attempt{ID: "a", Kind: "signin", Browser: []byte("b"), UserID: u.ID, Options: []byte{}, State: []byte{}, Expires: now.Add(time.Hour)}))
	check(t, s.DisableUser(ctx, u, now, Change{Action: "user.disable"}))
	got, err := s.User(ctx, u.ID)
	check(t, err)
	same(t, got.Disabled, now)
	_, err = s.Session(ctx, []byte("t"), now)
	want(t, err, ErrNotFound)
	_, err = s.Attempt(ctx, "signin", "a", []byte("b"))
	want(t, err, ErrNotFound)
	check(t, s.DisableUser(ctx, got, time.Time{}, Change{}))
	all, err := s.Users(ctx)
	check(t, err)
	same(t, all, []User{u})
	want(t, s.DisableUser(ctx, User{ID: "nobody"}, now, Change{}), ErrNotFound)
}

// An admin takes a phone away: every session that it began ends.
func TestUnregister(t *testing.T) {
	s := openSQLite(t)
	u := alice(t, s)
	check(t, s.CreateRegistration(ctx, phone("p", u.ID), Entry{}))
	check(t, s.SignIn(ctx, Session{TokenHash: []byte("t"), UserID: u.ID, Method: "phone", Registration: []byte("p"), Started: now, Expires: now.Add(time.Hour)}, nil, 1, Entry{}))
	check(t, s.RemoveRegistration(ctx, Removal{UserID: u.ID, ID: []byte("p")}, Entry{}))
	_, err := s.Session(ctx, []byte("t"), now)
	want(t, err, ErrNotFound)
}
