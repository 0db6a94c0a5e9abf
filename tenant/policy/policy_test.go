package policy

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/tenant/store"
	"tallykey/tenant/store/storetest"
)

// rule is a rule of "setting=word" pairs.
func rule(group string, pairs ...string) store.Rule {
	r := store.Rule{Group: group, Name: group, Words: map[string]string{}}
	for _, p := range pairs {
		setting, word, _ := strings.Cut(p, "=")
		r.Words[setting] = word
	}
	return r
}

func TestDecide(t *testing.T) {
	for name, c := range map[string]struct {
		rules []store.Rule
		want  string
	}{
		"nobody says anything":        {nil, "all by default"},
		"the tenant":                  {[]store.Rule{rule("", "phone=off", "instead=off")}, "phone=off by tenant, instead=off by tenant"},
		"included by a group":         {[]store.Rule{rule("", "phone=off"), rule("a", "phone=optional")}, "phone=optional by group a (a)"},
		"excluded by a group":         {[]store.Rule{rule("", "phone=required"), rule("a", "phone=off")}, "phone=off by group a (a)"},
		"a group says half":           {[]store.Rule{rule("", "phone=required"), rule("a", "number=type")}, "phone=required by tenant, number=type by group a (a)"},
		"exclusion beats inclusion":   {[]store.Rule{rule("a", "phone=optional"), rule("b", "phone=off"), rule("c", "phone=required")}, "phone=off by group b (b)"},
		"required beats optional":     {[]store.Rule{rule("a", "phone=optional"), rule("b", "phone=required")}, "phone=required by group b (b)"},
		"the stricter number":         {[]store.Rule{rule("a", "number=choose"), rule("b", "number=type")}, "number=type by group b (b)"},
		"the first of equals":         {[]store.Rule{rule("a", "phone=off"), rule("b", "phone=off")}, "phone=off by group a (a)"},
		"the tenant's rule last":      {[]store.Rule{rule("a", "phone=optional"), rule("", "phone=off")}, "phone=optional by group a (a)"},
		"a word of a newer program":   {[]store.Rule{rule("", "phone=sometimes")}, "phone=off by tenant"},
		"a group's word of that kind": {[]store.Rule{rule("", "phone=optional"), rule("a", "phone=sometimes")}, "phone=off by group a (a)"},
	} {
		if got := Decide(c.rules).String(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func device(kind, use string) store.Registration {
	return store.Registration{ID: []byte(kind + use), Kind: kind, Use: use}
}

var (
	phone    = device(KindPhone, UseSignIn)
	passkey  = device(KindPasskey, UseSignIn)
	approver = device(KindPhone, UseApprove)
)

// What follows from the words for somebody with some devices: which sign in, which are asked after a password, whether
// the password may be used, and what must be registered first.
func TestWhatFollows(t *testing.T) {
	has := func(list ...store.Registration) []store.Registration { return list }
	for _, c := range []struct {
		words           string
		has             []store.Registration
		signIn, approve int
		password        bool
		missing         Setting
	}{
		{"", nil, 0, 0, true, ""},
		{"", has(phone, passkey), 2, 0, true, ""},
		{"", has(approver), 0, 0, true, ""}, // approve is off by default
		{"approve=optional", has(approver), 0, 1, true, ""},
		{"approve=optional", has(phone), 1, 0, true, ""},
		{"approve=required", has(phone, passkey), 2, 2, true, ""},
		{"approve=required", nil, 0, 0, true, SetApprove},
		{"phone=off", has(phone, passkey), 1, 0, true, ""},
		{"phone=off passkeys=off instead=off", has(phone, passkey), 0, 0, true, ""}, // the password is all there is
		{"phone=required", nil, 0, 0, true, SetPhone},
		{"phone=required", has(passkey), 1, 0, true, SetPhone},
		{"phone=required", has(phone), 1, 0, false, ""},
		{"passkeys=required", has(phone), 1, 0, true, SetPasskeys},
		{"instead=off", has(phone), 1, 0, false, ""},
		{"instead=off", nil, 0, 0, true, ""}, // the way to the first phone
		{"password=off", nil, 0, 0, false, ""},
		{"password=off", has(phone), 1, 0, false, ""},
		{"password=off phone=off passkeys=off", has(phone), 0, 0, true, ""},
		{"password=required", has(phone, approver), 0, 2, true, ""},
		{"password=required phone=off", has(phone), 0, 0, true, ""},
	} {
		d := Decide([]store.Rule{rule("", strings.Fields(c.words)...)})
		got := []any{len(d.SignIn(c.has)), len(d.Approve(c.has)), d.PasswordAllowed(c.has), d.Missing(c.has)}
		if diff := cmp.Diff([]any{c.signIn, c.approve, c.password, c.missing}, got); diff != "" {
			t.Errorf("%q with %d devices: %s", c.words, len(c.has), diff)
		}
	}
}

func TestStrength(t *testing.T) {
	for _, c := range []struct {
		least, kind, uv string
		enough          bool
	}{
		{"any", KindPhone, "", true}, {"pin", KindPhone, "", false}, {"pin", KindPhone, "pin", true}, {"pin", KindPhone, "platform", true},
		{"platform", KindPhone, "pin", false}, {"platform", KindPhone, "platform", true}, {"platform", KindPhone, "made up", false},
		{"platform", KindPasskey, "", true}, // it never says
	} {
		d := Decide([]store.Rule{rule("", "strength="+c.least)})
		if d.StrongEnough(c.kind, c.uv) != c.enough {
			t.Errorf("%+v", c)
		}
	}
	d := Decide([]store.Rule{rule("", "passkeys=off", "approve=optional")})
	if d.MayRegister(KindPasskey, UseSignIn) || d.MayRegister(KindPasskey, UseApprove) || !d.MayRegister(KindPhone, UseApprove) {
		t.Error("MayRegister")
	}
}

func TestParse(t *testing.T) {
	for _, s := range Settings {
		for _, w := range s.Words {
			if gotS, gotW, err := Parse(string(s.Setting), string(w)); err != nil || gotS != s.Setting || gotW != w {
				t.Errorf("%s=%s: %v", s.Setting, w, err)
			}
		}
		if _, _, err := Parse(string(s.Setting), "On "); err == nil {
			t.Errorf("%s takes anything", s.Setting)
		}
	}
	if _, _, err := Parse("nothing", "on"); err == nil {
		t.Error("a setting that does not exist")
	}
}

func open(t *testing.T) *store.Store {
	t.Helper()
	ctx := context.Background()
	s := storetest.New(t)
	for _, n := range []string{"a", "b"} {
		if err := s.CreateUser(ctx, store.User{ID: n, Handle: []byte(n), UPN: n + "@contoso.example"}); err != nil {
			t.Fatal(err)
		}
	}
	u, _ := s.User(ctx, "a")
	if err := s.CreateGroup(ctx, store.Group{ID: "g", Name: "Pilot", Created: time.Unix(1, 0)}, store.Change{}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddMember(ctx, "g", u, store.Change{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// A dry run says the same as what then happens, and changes nothing itself.
func TestAffected(t *testing.T) {
	ctx, s := context.Background(), open(t)
	book := NewBook(s)
	for _, step := range []struct {
		edit Edit
		want []string
	}{
		{Edit{Group: "g", Name: "Pilot", Words: map[Setting]Word{SetPhone: Optional}}, nil}, // as by default
		{Edit{Words: map[Setting]Word{SetPhone: Off}}, []string{"b@contoso.example"}},       // a is in the group by then
		{Edit{Group: "g", Name: "Pilot", Words: map[Setting]Word{SetPhone: ""}}, []string{"a@contoso.example"}},
		{Edit{Words: map[Setting]Word{SetNumber: Type}}, []string{"a@contoso.example", "b@contoso.example"}},
	} {
		before, _ := s.Rules(ctx)
		effects, err := book.Affected(ctx, step.edit, time.Unix(2, 0))
		if err != nil {
			t.Fatal(err)
		}
		if after, _ := s.Rules(ctx); cmp.Diff(before, after) != "" {
			t.Fatal("a dry run changed the rules")
		}
		_, _, did, err := book.Set(ctx, step.edit, store.Change{Time: time.Unix(2, 0)})
		if err != nil || cmp.Diff(effects, did) != "" {
			t.Fatal(err, cmp.Diff(effects, did))
		}
		var got []string
		for _, e := range effects {
			got = append(got, e.UPN)
			if now, err := book.For(ctx, e.UPN[:1]); err != nil || !now.Same(e.After) || len(e.Changed()) != 1 {
				t.Errorf("%+v, and it became %v", e, now)
			}
		}
		if d := cmp.Diff(step.want, got); d != "" {
			t.Errorf("%+v: %s", step.edit, d)
		}
	}
}
