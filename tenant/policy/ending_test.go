package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/tenant/store"
)

// begun is when the sessions of these tests began, and when policy changes.
var begun = time.Unix(100, 0).UTC()

// signIn begins a session of each method for a user, with what an app got by it. Their names are the methods.
func signIn(t *testing.T, s *store.Store, user string, methods ...string) {
	t.Helper()
	for _, m := range methods {
		n := store.Session{TokenHash: []byte(user + " " + m), UserID: user, Method: m, Started: begun, Expires: begun.Add(time.Hour)}
		if strings.Contains(m, "phone") {
			n.Registration = []byte(user)
		}
		by := store.Authentication{UserID: user, Method: m, Registration: n.Registration, AuthTime: begun}
		g := store.Grant{ID: user + " " + m, App: "mail", Created: begun, Expires: begun.Add(time.Hour), Authentication: by}
		err := errors.Join(s.SignIn(t.Context(), n, nil, 0, store.Entry{}), s.CreateGrant(t.Context(), g, store.Access{ID: g.ID, Expires: g.Expires}, nil))
		if err != nil {
			t.Fatal(err)
		}
	}
}

// stays are the methods of the sessions that a user still has; each has its app's token and no other has.
func stays(t *testing.T, s *store.Store, user string, methods ...string) (open []string) {
	t.Helper()
	for _, m := range methods {
		_, gone := s.Session(t.Context(), []byte(user+" "+m), begun)
		_, _, withdrawn := s.Access(t.Context(), user+" "+m, begun)
		if (gone == nil) != (withdrawn == nil) {
			t.Errorf("%s of %s: the session %v, the token %v", m, user, gone, withdrawn)
		}
		if gone == nil {
			open = append(open, m)
		}
	}
	return open
}

// equip gives a user a phone and the tenant an app.
func equip(t *testing.T, s *store.Store, user, use string) {
	t.Helper()
	r := store.Registration{ID: []byte(user), UserID: user, Kind: KindPhone, Use: use, PublicKey: []byte{1}, AAGUID: []byte{}}
	err := s.CreateApp(t.Context(), store.App{ID: "mail", Redirects: []string{}, Logouts: []string{}, Alg: "ES256"}, store.Change{})
	if errors.Is(err, store.ErrExists) {
		err = nil
	}
	if use != "" {
		err = errors.Join(err, s.CreateRegistration(t.Context(), r, store.Entry{}))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// When policy changes, a session ends that could not begin any more the way it did, and no other; what apps got by it ends
// too. The dry run says how many, and each user who is signed out has a line of the audit log.
func TestChangesEndSessions(t *testing.T) {
	for _, c := range []struct {
		name   string
		phone  string // use of the user's phone; empty: none
		before string // rule of the tenant
		change string
		stay   string // of one session of each method that the user has
	}{
		{"phone off", UseSignIn, "", "phone=off", "password federated invitation"},
		{"phone off, but sessions are kept", UseSignIn, "sessions=keep", "phone=off", "phone password federated password+phone invitation"},
		{"sessions are kept from now on", UseSignIn, "", "phone=off sessions=keep", "phone password federated password+phone invitation"},
		{"password off", UseSignIn, "", "password=off", "phone invitation"},
		{"password off where nothing else signs in", "", "", "password=off", "invitation"},
		{"password off where it is all that is left", UseSignIn, "phone=off passkeys=off", "password=off", "phone password federated password+phone invitation"},
		{"the phone is required", UseSignIn, "", "phone=required", "phone invitation"},
		{"the phone is required of who has none", "", "", "phone=required", "password federated invitation"},
		{"no password instead", UseSignIn, "", "instead=off", "phone invitation"},
		{"the password at every sign-in", UseSignIn, "", "password=required", "password+phone invitation"},
		{"a second factor from now on", UseSignIn, "", "approve=required", "phone password+phone invitation"},
		{"no second factor any more", UseApprove, "approve=optional", "approve=off", "phone password federated invitation"},
		{"phone off where it is the second factor", UseApprove, "approve=optional", "phone=off", "password federated password+phone invitation"},
		{"other passkeys off", UseSignIn, "", "passkeys=off", "phone password federated password+phone invitation"},
		{"how the number is matched", UseSignIn, "", "number=type", "phone password federated password+phone invitation"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			equip(t, s, "b", c.phone)
			all := []string{"phone", "password", "federated", "password+phone", "invitation"}
			if c.phone == "" {
				all = []string{"password", "federated", "invitation"}
			}
			book := NewBook(s)
			edit := func(said string) Edit { return Edit{Words: wordsOf(t, said)} }
			if _, _, _, err := book.Set(t.Context(), edit(c.before), store.Change{Time: begun}); err != nil {
				t.Fatal(err)
			}
			signIn(t, s, "b", all...)
			dry, err := book.Affected(t.Context(), edit(c.change), begun)
			if err != nil || len(stays(t, s, "b", all...)) != len(all) {
				t.Fatal("the dry run changed something", err)
			}
			if _, _, _, err := book.Set(t.Context(), edit(c.change), store.Change{Time: begun, Actor: "cli:root", Action: "policy.set", Target: "tenant"}); err != nil {
				t.Fatal(err)
			}
			left := stays(t, s, "b", all...)
			if d := cmp.Diff(strings.Fields(c.stay), left); d != "" {
				t.Error(d)
			}
			ended := len(all) - len(left)
			if Sessions(dry) != ended {
				t.Errorf("the dry run says %d, and %d ended", Sessions(dry), ended)
			}
			signedOut(t, s, "b@contoso.example", "policy.set tenant", ended)
		})
	}
}

func wordsOf(t *testing.T, said string) map[Setting]Word {
	t.Helper()
	words := map[Setting]Word{}
	for one := range strings.FieldsSeq(said) {
		name, typed, _ := strings.Cut(one, "=")
		setting, word, err := Parse(name, typed)
		if err != nil {
			t.Fatal(err)
		}
		words[setting] = word
	}
	return words
}

// signedOut looks for the one line of the audit log about the end of a user's sessions; none where none ended.
func signedOut(t *testing.T, s *store.Store, upn, by string, sessions int) {
	t.Helper()
	list, err := s.FindAudits(t.Context(), store.AuditFilter{Action: "user.signout"}, 10)
	if err != nil {
		t.Fatal(err)
	}
	if sessions == 0 {
		if len(list) != 0 {
			t.Errorf("%+v", list)
		}
		return
	}
	if len(list) != 1 {
		t.Fatalf("%d lines", len(list))
	}
	a := list[0]
	before, after := fmt.Sprintf(`{"sessions":%d,"tokens":%[1]d}`, sessions), fmt.Sprintf(`{"by":%q,"sessions":0,"tokens":0}`, by)
	if a.Actor != "cli:root" || a.Target != upn || !a.Time.Equal(begun) || string(a.Before) != before || string(a.After) != after {
		t.Errorf("%s %s %s %s %s", a.Time, a.Actor, a.Target, a.Before, a.After)
	}
}

// Putting somebody into a group, or taking them out, ends sessions as a change of its rule does; removing the group too.
func TestMembershipEndsSessions(t *testing.T) {
	ctx, methods := context.Background(), []string{"phone", "password"}
	g := store.Group{ID: "g", Name: "Pilot"}
	by := store.Change{Time: begun, Actor: "cli:root", Action: "a", Target: "t"}
	for name, c := range map[string]struct {
		user   string // a is in the group, b is not
		tenant string
		group  string
		change func(*Book, store.User) error
		stay   []string
	}{
		"join":         {"b", "", "password=off", func(b *Book, u store.User) error { return b.Join(ctx, g, u, by) }, []string{"phone"}},
		"leave":        {"a", "password=off", "password=optional", func(b *Book, u store.User) error { return b.Leave(ctx, g, u, by) }, []string{"phone"}},
		"remove":       {"a", "phone=off", "phone=optional", func(b *Book, u store.User) error { return b.RemoveGroup(ctx, g, by) }, []string{"password"}},
		"join, kept":   {"b", "", "password=off sessions=keep", func(b *Book, u store.User) error { return b.Join(ctx, g, u, by) }, methods},
		"join, at all": {"b", "password=off", "password=optional", func(b *Book, u store.User) error { return b.Join(ctx, g, u, by) }, methods},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			book := NewBook(s)
			for _, u := range []string{"a", "b"} {
				equip(t, s, u, UseSignIn)
			}
			for _, e := range []Edit{{Words: wordsOf(t, c.tenant)}, {Group: "g", Name: "Pilot", Words: wordsOf(t, c.group)}} {
				if _, _, _, err := book.Set(ctx, e, by); err != nil {
					t.Fatal(err)
				}
			}
			for _, u := range []string{"a", "b"} {
				signIn(t, s, u, methods...)
			}
			u, err := s.User(ctx, c.user)
			if err == nil {
				err = c.change(book, u)
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.stay, stays(t, s, c.user, methods...)); d != "" {
				t.Error(d)
			}
			other := slices.DeleteFunc([]string{"a", "b"}, func(n string) bool { return n == c.user })[0]
			if n := len(stays(t, s, other, methods...)); n != len(methods) {
				t.Errorf("%s lost sessions", other)
			}
			signedOut(t, s, u.UPN, "a t", len(methods)-len(c.stay))
		})
	}
}

// A change that fails ends nothing: it is one transaction.
func TestFailedChangeEndsNothing(t *testing.T) {
	s := open(t)
	equip(t, s, "a", UseSignIn)
	signIn(t, s, "a", "password")
	all := store.Ending{UserID: "a", UPN: "a@contoso.example", Ways: ways}
	if err := s.AddMember(t.Context(), "nowhere", store.User{ID: "a"}, store.Change{Time: begun}, all); err == nil {
		t.Error("a group that is not there")
	}
	if len(stays(t, s, "a", "password")) != 1 {
		t.Error("the session ended")
	}
	signedOut(t, s, "", "", 0)
}
