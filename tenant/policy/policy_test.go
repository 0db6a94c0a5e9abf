package policy

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/tenant/store"
)

func rule(group, phone, password string) store.Rule {
	return store.Rule{Group: group, Name: group, Phone: phone, Password: password}
}

func TestDecide(t *testing.T) {
	for name, c := range map[string]struct {
		rules []store.Rule
		want  string
	}{
		"nobody says anything":        {nil, "phone=optional by default, password=on by default"},
		"the tenant":                  {[]store.Rule{rule("", "off", "off")}, "phone=off by tenant, password=off by tenant"},
		"included by a group":         {[]store.Rule{rule("", "off", ""), rule("a", "optional", "")}, "phone=optional by group a (a), password=on by default"},
		"excluded by a group":         {[]store.Rule{rule("", "required", ""), rule("a", "off", "")}, "phone=off by group a (a), password=on by default"},
		"a group says half":           {[]store.Rule{rule("", "required", "on"), rule("a", "", "off")}, "phone=required by tenant, password=off by group a (a)"},
		"exclusion beats inclusion":   {[]store.Rule{rule("a", "optional", "off"), rule("b", "off", "on"), rule("c", "required", "off")}, "phone=off by group b (b), password=on by group b (b)"},
		"required beats optional":     {[]store.Rule{rule("a", "optional", ""), rule("b", "required", "")}, "phone=required by group b (b), password=on by default"},
		"the first of equals":         {[]store.Rule{rule("a", "off", ""), rule("b", "off", "")}, "phone=off by group a (a), password=on by default"},
		"the tenant's rule last":      {[]store.Rule{rule("a", "optional", ""), rule("", "off", "")}, "phone=optional by group a (a), password=on by default"},
		"a word of a newer program":   {[]store.Rule{rule("", "sometimes", "never")}, "phone=off by tenant, password=on by tenant"},
		"a group's word of that kind": {[]store.Rule{rule("", "optional", ""), rule("a", "sometimes", "")}, "phone=off by group a (a), password=on by default"},
	} {
		if got := Decide(c.rules).String(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestWhatFollows(t *testing.T) {
	for _, c := range []struct {
		phone         Phone
		password      Password
		phones        int
		allowed, must bool
	}{
		{Optional, PasswordOn, 0, true, false},
		{Optional, PasswordOn, 1, true, false},
		{Optional, PasswordOff, 0, true, false}, // the way to the first phone
		{Optional, PasswordOff, 1, false, false},
		{Required, PasswordOn, 0, true, true},
		{Required, PasswordOn, 1, false, false},
		{Required, PasswordOff, 2, false, false},
		{Off, PasswordOff, 1, true, false}, // all there is
		{Off, PasswordOn, 0, true, false},
	} {
		d := Decision{Phone: c.phone, Password: c.password}
		if d.PasswordAllowed(c.phones) != c.allowed || d.MustEnrol(c.phones) != c.must {
			t.Errorf("%+v", c)
		}
	}
}

func TestParse(t *testing.T) {
	for _, s := range []string{"", "Off", "on "} {
		if _, err := ParsePhone(s); err == nil {
			t.Errorf("phone %q", s)
		}
		if _, err := ParsePassword(s); err == nil {
			t.Errorf("password %q", s)
		}
	}
}

// A dry run says the same as what then happens, and changes nothing itself.
func TestAffected(t *testing.T) {
	ctx := context.Background()
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "tenant.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, n := range []string{"a", "b"} {
		if err := s.CreateUser(ctx, store.User{ID: n, Handle: []byte(n), UPN: n + "@contoso.example"}); err != nil {
			t.Fatal(err)
		}
	}
	g := store.Group{ID: "g", Name: "Pilot", Created: time.Unix(1, 0)}
	u, _ := s.User(ctx, "a")
	if err := s.CreateGroup(ctx, g, store.Change{}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddMember(ctx, g.ID, u, store.Change{}); err != nil {
		t.Fatal(err)
	}
	book, off, optional := NewBook(s), Off, Optional
	for _, step := range []struct {
		edit Edit
		want []string
	}{
		{Edit{Group: "g", Name: "Pilot", Phone: &optional}, nil}, // as by default
		{Edit{Phone: &off}, []string{"b@contoso.example"}},       // a is in the group by then
		{Edit{Group: "g", Name: "Pilot", Phone: new(Phone)}, []string{"a@contoso.example"}},
	} {
		before, _ := s.Rules(ctx)
		effects, err := book.Affected(ctx, step.edit)
		if err != nil {
			t.Fatal(err)
		}
		if after, _ := s.Rules(ctx); cmp.Diff(before, after) != "" {
			t.Fatal("a dry run changed the rules")
		}
		var got []string
		if _, _, err := book.Set(ctx, step.edit, store.Change{}); err != nil {
			t.Fatal(err)
		}
		for _, e := range effects {
			got = append(got, e.UPN)
			if now, err := book.For(ctx, e.UPN[:1]); err != nil || now.Phone != e.After.Phone || e.Before == e.After {
				t.Errorf("%+v, and it became %v", e, now)
			}
		}
		if d := cmp.Diff(step.want, got); d != "" {
			t.Errorf("%+v: %s", step.edit, d)
		}
	}
}
