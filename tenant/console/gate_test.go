package console

import (
	"context"
	"strings"
	"testing"
	"time"
)

// gates says for each page and change who is let through: the least role, and "fresh" where a recent confirmation is
// needed. It is written out so that a change of package console's own table has to be made here too.
const gates = `
GET  /admin/                       reader
GET  /admin/users                  reader
GET  /admin/users/new              administrator fresh
POST /admin/users/new              administrator fresh
GET  /admin/users/import           administrator fresh
POST /admin/users/import           administrator fresh
GET  /admin/users/USER             reader
GET  /admin/users/USER/edit        administrator fresh
POST /admin/users/USER/edit        administrator fresh
GET  /admin/users/USER/block       helpdesk
POST /admin/users/USER/block       helpdesk
GET  /admin/users/USER/unblock     helpdesk fresh
POST /admin/users/USER/unblock     helpdesk fresh
GET  /admin/users/USER/dismiss     helpdesk fresh
POST /admin/users/USER/dismiss     helpdesk fresh
GET  /admin/users/USER/signout     helpdesk
POST /admin/users/USER/signout     helpdesk
GET  /admin/users/USER/unregister  helpdesk
POST /admin/users/USER/unregister  helpdesk
GET  /admin/users/USER/invite      helpdesk fresh
POST /admin/users/USER/invite      helpdesk fresh
GET  /admin/users/USER/role        administrator fresh
POST /admin/users/USER/role        administrator fresh
GET  /admin/groups                 reader
GET  /admin/groups/new             administrator fresh
POST /admin/groups/new             administrator fresh
GET  /admin/groups/GROUP           reader
GET  /admin/groups/GROUP/members   administrator fresh
POST /admin/groups/GROUP/members   administrator fresh
GET  /admin/groups/GROUP/remove    administrator fresh
POST /admin/groups/GROUP/remove    administrator fresh
GET  /admin/policy                 reader
GET  /admin/policy/tenant          reader
GET  /admin/policy/tenant/preview  reader
POST /admin/policy/tenant          administrator fresh
GET  /admin/devices                reader
GET  /admin/apps                   reader
GET  /admin/apps/new               administrator fresh
POST /admin/apps/new               administrator fresh
GET  /admin/apps/APP               reader
GET  /admin/apps/APP/remove        administrator fresh
POST /admin/apps/APP/remove        administrator fresh
GET  /admin/invitations            reader
GET  /admin/invitations/ID/revoke  helpdesk
POST /admin/invitations/ID/revoke  helpdesk
GET  /admin/log                    reader
GET  /admin/log.csv                reader
GET  /admin/log.json               reader
GET  /admin/log/live               reader
GET  /admin/audit                  reader
GET  /admin/admins                 reader
GET  /admin/nowhere                reader
`

var ranks = []string{"user", "reader", "helpdesk", "administrator"}

func rank(role string) int {
	for i, r := range ranks {
		if r == role {
			return i
		}
	}
	return len(ranks)
}

// refusedBy is the code of a refusal at the gate, "confirmation" for being sent to the confirmation, "" for being let in.
func refusedBy(v view) string {
	for _, code := range []string{"role_needed", "admin_signin_weak", "confirmation_needed"} {
		if strings.Contains(v.body, `id="code">`+code+"<") {
			return code
		}
	}
	if strings.HasPrefix(v.header.Get("Location"), "/security/confirm?") {
		return "confirmation_needed"
	}
	return ""
}

// Every route lets exactly those in whom the table names; who signed in with a password is nobody here.
func TestGates(t *testing.T) {
	b := newBench(t)
	group, err := b.Office.AddGroup(context.Background(), "Pilot", "cli")
	b.check(err)
	names := strings.NewReplacer("USER", b.users["user"].ID, "GROUP", group.ID, "APP", "nobody", "ID", "nothing")
	lines := strings.Split(strings.TrimSpace(gates), "\n")
	if len(lines) != len(routes)+1 {
		t.Fatalf("%d lines for %d routes and one page that is not there", len(lines), len(routes))
	}
	for _, line := range lines {
		f := strings.Fields(line)
		method, path, fresh := f[0], names.Replace(f[1]), len(f) > 3
		for role := range ranks {
			b.gate(t, method, path, ranks[role], role >= rank(f[2]), fresh)
		}
	}
}

// gate tries one route as one role: with a fresh phone sign-in, with an old one, and with a password.
func (b *bench) gate(t *testing.T, method, path, role string, may, fresh bool) {
	t.Helper()
	want := func(v Visitor, how, code string) {
		t.Helper()
		if got := refusedBy(b.do(v, method, path)); got != code {
			t.Errorf("%s %s as %s, %s: %q, want %q", method, path, role, how, got, code)
		}
	}
	if !may {
		want(b.visitor(role), "just now", "role_needed")
		return
	}
	want(b.visitor(role), "just now", "")
	if role != "administrator" {
		return // what follows does not depend on the role
	}
	stale, byPassword, old := b.visitor(role), b.visitor(role), ""
	if fresh {
		old = "confirmation_needed"
	}
	stale.Session.Started = b.clock.Add(-Fresh)
	byPassword.Session.Method, byPassword.Session.Registration = "password", nil
	want(stale, "an hour ago", old)
	want(byPassword, "by password", "admin_signin_weak")
}

// What the gate refuses stands in the sign-in log with its reason.
func TestRefusalsAreLogged(t *testing.T) {
	b := newBench(t)
	b.do(b.visitor("user"), "GET", "/admin/users").is(403).code("role_needed").lacks("administrator@contoso.example", `href="/admin/audit"`)
	list, err := b.Office.Store.Entries(context.Background(), 1)
	b.check(err)
	e := list[0]
	if e.Code != "role_needed" || e.Method != "admin" || e.UPN != "user@contoso.example" || e.Address != "192.0.2.7" {
		t.Errorf("%+v", e)
	}
}

// Each change that is not made stands in the sign-in log with who, why and under which id, but not what was typed: it may
// have been a pass. Pages that are not there leave no line.
func TestRefusedChangesAreLogged(t *testing.T) {
	b := newBench(t)
	me, user := userAt(b.users["administrator"].ID), userAt(b.users["user"].ID)
	old := b.visitor("administrator")
	old.Session.Started = b.clock.Add(-Fresh)
	for _, c := range []struct {
		by     Visitor
		path   string
		form   []string
		code   string
		detail string
	}{
		{b.visitor("helpdesk"), me + "/block", nil, "user_has_role", "POST /admin/users/{id}/block: administrator@contoso.example is administrator"},
		{b.visitor("administrator"), me + "/block", nil, "last_administrator", "POST /admin/users/{id}/block: administrator@contoso.example is the last administrator who can sign in"},
		{old, user + "/invite", nil, "confirmation_needed", "POST /admin/users/{id}/invite: the confirmation is too old"},
		{b.visitor("reader"), user + "/role", []string{"role", "administrator"}, "role_needed",
			`POST /admin/users/{id}/role: needs administrator, and this is "reader"`},
		{b.visitor("administrator"), user + "/role", []string{"role", "k5tqa-2xdrm"}, "role_unknown", "POST /admin/users/{id}/role"},
		{b.visitor("administrator"), "/admin/apps/new", []string{"name", "Mail", "redirects", "http://k5tqa-2xdrm/"}, "redirect_invalid", "POST /admin/apps/new"},
		{b.visitor("administrator"), "/admin/policy/tenant", []string{"phone", "k5tqa-2xdrm"}, "policy_invalid", "POST /admin/policy/{group}"},
		{b.visitor("administrator"), "/admin/users/new", []string{"upn", "k5tqa-2xdrm"}, "upn_invalid", "POST /admin/users/new"},
		{b.visitor("administrator"), user + "/unregister", []string{"device", "k5tqa"}, "registration_unknown", "POST /admin/users/{id}/unregister: not an id"},
		{b.visitor("administrator"), "/admin/users/nobody/block", nil, "user_unknown", "POST /admin/users/{id}/block"},
		{b.visitor("administrator"), "/admin/nowhere", nil, "page_unknown", "/: no such page"},
	} {
		page := b.do(c.by, "POST", c.path, c.form...).code(c.code)
		list, err := b.Office.Store.Entries(context.Background(), 1)
		b.check(err)
		e := list[0]
		if e.Code != c.code || e.Detail != c.detail || e.Method != "admin" || e.UPN != c.by.User.UPN || !strings.Contains(page.body, e.Request) {
			t.Errorf("%s: %+v", c.path, e)
		}
	}
	before, err := b.Office.Store.Entries(context.Background(), 100)
	b.check(err)
	b.get("/admin/users/nobody").is(404)
	b.do(old, "GET", user+"/invite").is(303)
	after, err := b.Office.Store.Entries(context.Background(), 100)
	b.check(err)
	if len(after) != len(before) {
		t.Errorf("%d lines became %d", len(before), len(after))
	}
}

// A confirmation counts as much as a new sign-in, and one of the future counts nothing.
func TestFresh(t *testing.T) {
	b := newBench(t)
	v := b.visitor("administrator")
	v.Session.Started = b.clock.Add(-time.Hour)
	b.do(v, "GET", "/admin/users/new").leads("/security/confirm?admin=%2Fadmin%2Fusers%2Fnew")
	b.do(v, "POST", "/admin/users/new", "upn", "new@contoso.example").is(403).code("confirmation_needed").has("/security/confirm?admin=%2Fadmin%2Fusers%2Fnew")
	v.Session.Confirmed = b.clock.Add(-Fresh + time.Second)
	b.do(v, "GET", "/admin/users/new").is(200)
	v.Session.Confirmed = b.clock.Add(time.Second)
	b.do(v, "GET", "/admin/users/new").is(303)
}

// A helpdesk acts on users, not on those who administer: an invitation would make it one of them.
func TestHelpdeskCannotTouchAdmins(t *testing.T) {
	b := newBench(t)
	v := b.visitor("helpdesk")
	for _, other := range []string{"reader", "helpdesk", "administrator"} {
		for _, act := range []string{"invite", "block", "unblock", "dismiss", "signout", "unregister"} {
			b.do(v, "POST", userAt(b.users[other].ID)+"/"+act).is(403).code("user_has_role")
		}
		b.do(v, "GET", userAt(b.users[other].ID)).is(200).lacks(`id="block"`, `id="invite"`)
	}
	b.do(v, "GET", userAt(b.users["user"].ID)).is(200).has(`id="block"`, `id="invite"`).lacks(`id="role"`, `id="edit"`)
	b.do(b.visitor("reader"), "GET", userAt(b.users["user"].ID)).is(200).lacks(`id="block"`, `id="invite"`)
}

// Nobody takes the tenant's last administrator away from the pages, also not oneself.
func TestLastAdministrator(t *testing.T) {
	b := newBench(t)
	me := userAt(b.users["administrator"].ID)
	b.post(me+"/role", "role", "").is(403).code("last_administrator")
	b.post(me+"/role", "role", "reader").is(403).code("last_administrator")
	b.post(me + "/block").is(403).code("last_administrator")
	b.post(userAt(b.users["reader"].ID)+"/role", "role", "administrator").is(303)
	b.post(me+"/role", "role", "").is(303)
	b.get("/admin/users").code("role_needed") // it counts at once
}
