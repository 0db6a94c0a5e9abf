package console

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"tallykey/tenant/store"
	"tallykey/tenant/words/wordcheck"
)

// A pilot from the first user to the last line of the audit log, as an administrator does it on the pages.
func TestPilot(t *testing.T) {
	b := newBench(t)
	b.post("/admin/users/new", "upn", "nobody").is(422).code("upn_invalid").has(`value="nobody"`)
	made := b.post("/admin/users/new", "upn", "Dave@contoso.example", "name", "Dave").is(303).header.Get("Location")
	b.post("/admin/users/new", "upn", "dave@contoso.example").is(422).code("user_exists")
	b.get(made).is(200).has("dave@contoso.example", "Can sign in", "No device is registered")
	b.post(made+"/edit", "upn", "dave.d@contoso.example", "name", "Dave D.").leads(made)
	b.post(made+"/edit", "upn", "reader@contoso.example", "name", "Dave").is(422).code("user_exists")
	b.get(made).has("dave.d@contoso.example", "Dave D.")

	group := b.post("/admin/groups/new", "name", "Pilot").is(303).header.Get("Location")
	b.post("/admin/groups/new", "name", "Pilot").is(422).code("group_exists")
	b.post(group+"/members", "add", "dave.d@contoso.example\nwrong@contoso.example").is(404).code("user_unknown").has("wrong@contoso.example")
	b.get(group).has("Nobody is in this group")
	b.post(group+"/members", "add", "dave.d@contoso.example, user@contoso.example").leads(group)
	b.post(group+"/members", "remove", b.users["user"].ID).leads(group)
	b.get(group).has("dave.d@contoso.example", "Members: 1").lacks("user@contoso.example")

	rule := strings.Replace(group, "/groups/", "/policy/", 1)
	b.post(rule, "phone", "optional", "number", "type").leads("/admin/policy")
	b.get("/admin/policy/tenant/preview?phone=off").is(200).has("Affected users: 4", "user@contoso.example", "Optional → Off").lacks("dave.d@")
	b.get("/admin/policy").has("Pilot", "Type it")
	b.get("/admin/policy/tenant/preview?phone=sometimes").is(422).code("policy_invalid")
	b.post("/admin/policy/tenant", "phone", "off").leads("/admin/policy")
	b.get(made).has("Optional", "group Pilot")
	b.get("/admin/policy/tenant").has(`<option value="off" selected>`)

	line := b.audited()
	if line.Actor != "administrator@contoso.example" || line.Action != "policy.set" || !strings.Contains(string(line.After), `"phone":"off"`) {
		t.Errorf("%+v", line)
	}
	b.get("/admin/audit?action=policy").has("policy.set", "words.phone", "<ins>off</ins>").lacks("user.add")
	b.get("/admin/audit?target=dave%40contoso.example").has("user.add", "user.edit")
	b.post(group + "/remove").leads("/admin/groups")
	b.get(made).has("In no group")
}

// The one-time pass is on the page once, with its picture, and can be taken back.
func TestInvitation(t *testing.T) {
	b := newBench(t)
	user := userAt(b.users["user"].ID)
	page := b.do(b.visitor("helpdesk"), "POST", user+"/invite", "hours", "72").is(200).has(`id="qr"`, "26 Nov 2026")
	pass := page.find(`id="pass">([a-z2-7-]{23})<`)
	page.has(origin + "/invite#" + pass)
	b.get("/admin/invitations").has("user@contoso.example", "by helpdesk@contoso.example", "Open").lacks(pass)
	if line := b.audited(); strings.Contains(string(line.Before)+string(line.After), pass) {
		t.Error("the pass stands in the audit log")
	}
	revoke := b.get("/admin/invitations").find(`href="(/admin/invitations/[0-9a-f]{32}/revoke)"`)
	b.get(revoke).is(200).has("Take back the invitation for user@contoso.example?")
	b.post(revoke).leads("/admin/invitations")
	b.post(revoke).is(404).code("invitation_unknown")
	b.get("/admin/invitations").has("Invitations of the last weeks")
	b.post(user + "/block").leads(user)
	b.post(user + "/invite").is(403).code("account_disabled")
}

// A device that is unregistered, and a session that is ended, are gone at once.
func TestTakingAway(t *testing.T) {
	b := newBench(t)
	ctx, u := context.Background(), b.users["user"]
	b.device(u, "one")
	b.device(u, "two")
	n := store.Session{TokenHash: []byte("t"), UserID: u.ID, Method: "phone", Registration: []byte("one"), Started: b.clock, Expires: b.clock.Add(time.Hour)}
	b.check(b.Office.Store.SignIn(ctx, n, nil, 1, store.Entry{}))
	b.get("/admin/devices").has("Phone one", "Phone two", "user@contoso.example", "Registered")
	unregister := strings.ReplaceAll(b.get(userAt(u.ID)).find(`href="([^"]*unregister[^"]*b25l)"`), "&amp;", "&") // "one" in base64
	b.get(unregister).has("Unregister Phone one, user@contoso.example?", `value="b25l"`)
	b.post(userAt(u.ID)+"/unregister", "device", "b25l").leads(userAt(u.ID))
	b.post(userAt(u.ID)+"/unregister", "device", "b25l").is(404).code("registration_unknown")
	b.get("/admin/devices").has("Phone two").lacks("Phone one")
	if _, err := b.Office.Store.Session(ctx, n.TokenHash, b.clock); err == nil {
		t.Error("the session outlived its device")
	}
	n.Registration = []byte("two")
	b.check(b.Office.Store.SignIn(ctx, n, nil, 1, store.Entry{}))
	b.get(userAt(u.ID)).has(`id="signout"`)
	b.post(userAt(u.ID) + "/signout").leads(userAt(u.ID))
	b.get(userAt(u.ID)).has("No session is open").lacks(`id="signout"`)
	b.check(b.Office.Store.Report(ctx, u.ID, nil, false, store.Entry{Time: b.clock, Code: "not_me", UserID: u.ID, UPN: u.UPN}))
	b.get("/admin/users?state=reported").has("user@contoso.example", "Reported").lacks("reader@contoso.example")
	b.post(userAt(u.ID) + "/dismiss").leads(userAt(u.ID))
	b.get("/admin/users?state=reported").has("No user is in this state")
}

// Lines of the audit log show what differs, and nothing else.
func TestDifferences(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{`null`, `{"a": "x", "used": "0001-01-01T00:00:00Z"}`, "a::x"},
		{`{"a": "x", "b": 1}`, `{"a": "y", "b": 1}`, "a:x:y"},
		{`{"words": {"phone": "off", "number": "type"}}`, `{"words": {"phone": "on"}}`, "words.number:type: words.phone:off:on"},
		{`{"list": ["x"]}`, `null`, `list:["x"]:`},
		{`null`, `null`, ""}, {`"x"`, `"y"`, ":x:y"}, {``, `{`, "::{"},
	} {
		var got []string
		for _, d := range differences([]byte(c.before), []byte(c.after)) {
			got = append(got, d.Field+":"+d.Was+":"+d.Is)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s → %s: %q", c.before, c.after, got)
		}
	}
}

// An app's secret is on the page once.
func TestApp(t *testing.T) {
	b := newBench(t)
	b.post("/admin/apps/new", "name", "Mail", "redirects", "http://mail.contoso.example/").is(422).code("redirect_invalid").has("http://mail.contoso.example/")
	page := b.post("/admin/apps/new", "name", "Mail", "redirects", "https://mail.contoso.example/callback\nhttps://mail.contoso.example/two").is(200)
	secret, id := page.find(`id="secret">([A-Za-z0-9_-]{43})<`), page.find(`id="client">([0-9a-f]{32})<`)
	page.has(origin+"/.well-known/openid-configuration", "OAUTH2_PROXY_CLIENT_SECRET="+secret, "OIDC_CLIENT_ID="+id)
	b.get("/admin/apps").has("Mail", id).lacks(secret)
	b.get("/admin/apps/"+id).is(200).has("Was shown when the app was registered", "https://mail.contoso.example/two").lacks(secret)
	b.post("/admin/apps/new", "name", "Terminal", "kind", "native", "redirects", "http://127.0.0.1/", "rs256", "1").is(200).has(">RS256<").lacks(`id="secret"`, "CLIENT_SECRET")
	b.post("/admin/apps/" + id + "/remove").leads("/admin/apps")
	b.get("/admin/apps/" + id).is(404).code("app_unknown")
}

func TestImportPage(t *testing.T) {
	b := newBench(t)
	b.post("/admin/users/import", "csv", "name\nx").is(422).code("csv_invalid").has("line 1")
	b.post("/admin/users/import", "csv", "upn,name,groups\nerin@contoso.example,Erin,Pilot\nuser@contoso.example,,").is(200).has("1 added", "1 were there")
	b.get("/admin/users?find=erin").has("erin@contoso.example")
}

// Lists of many lines are read page by page, with the filter kept.
func TestPaging(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	for i := range rows + 10 {
		upn := fmt.Sprintf("p%03d@contoso.example", i)
		b.check(b.Office.Store.CreateUser(ctx, store.User{ID: upn, Handle: []byte(upn), UPN: upn, Name: fmt.Sprintf("Q%03d", rows+10-i)}))
		b.check(b.Office.Store.Log(ctx, store.Entry{Time: b.clock, Request: fmt.Sprintf("r%03d", i), UPN: upn, Method: "phone", Code: "approved"}))
	}
	next := func(v view) string {
		return strings.ReplaceAll(v.find(`id="next" href="([^"]+)"`), "&amp;", "&")
	}
	first := b.get("/admin/users?find=p").has("p000@", "p049@").lacks("p050@", `id="first"`)
	b.get(next(first)).has("p050@", "p059@", `id="first"`, `value="p"`).lacks("p049@", `id="next"`)
	byName := b.get("/admin/users?find=q&order=name").has("p059@", "p010@").lacks("p009@")
	b.get(next(byName)).has("p009@", "p000@").lacks("p010@")
	log := b.get("/admin/log?method=phone").has("p059@", "p010@").lacks("p009@")
	b.get(next(log)).has("p009@", "p000@").lacks("p010@")
}

// The log is searched, narrowed and opened, and what is exported is what is shown.
func TestLog(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	for i, e := range []store.Entry{
		{UPN: "alice@contoso.example", Method: "phone", Code: "timed_out", Device: "Alice’s phone", App: "mail", Address: "192.0.2.9", Request: "7f3c-91ab-40de-0b12", Detail: "d<e>tail", Agent: "Firefox"},
		{UPN: "bob@contoso.example", Method: "password", Code: "password_wrong", Request: "0000-0000-0000-0001"},
		{UPN: "=cmd()@contoso.example", Method: "app", Code: "app_request_invalid", Request: "0000-0000-0000-0002"},
	} {
		e.Time = b.clock.AddDate(0, 0, i-2)
		b.check(b.Office.Store.Log(ctx, e))
	}
	for _, q := range []string{"find=ALICE@contoso.example", "find=7f3c-91ab-40de-0b12", "find=timed_out", "find=192.0.2.", "code=timed_out", "method=phone", "app=mail",
		"device=Alice%E2%80%99s+phone", "request=7f3c-91ab-40de-0b12", "user=alice@contoso.example", "until=2026-11-21"} {
		b.get("/admin/log?"+q).is(200).has("alice@contoso.example", "Request timeout", "70039").lacks("bob@contoso.example")
		b.get("/admin/log.json?"+q).has(`"upn":"alice@contoso.example"`, `"entra":70039`).lacks("bob@")
	}
	b.get("/admin/log?from=2026-11-22").has("bob@contoso.example").lacks("alice@contoso.example")
	open := strings.ReplaceAll(b.get("/admin/log?user=alice@contoso.example").find(`href="(/admin/log\?[^"]*open=1[^"#]*)`), "&amp;", "&")
	b.get(open).has("7f3c-91ab-40de-0b12", "d&lt;e&gt;tail", "Firefox", "Your phone did not answer")
	v := b.get("/admin/log.csv").is(200)
	list, err := csv.NewReader(strings.NewReader(v.body)).ReadAll()
	if err != nil || len(list) != 4 || list[3][1] != "'=cmd()@contoso.example" {
		t.Errorf("%v %q", err, list)
	}
	if got := v.header.Get("Content-Disposition"); got != `attachment; filename="sign-ins.csv"` {
		t.Error(got)
	}
}

// The live log sends what is new, goes on where the browser was, and ends when the session does.
func TestLive(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	v := b.visitor("reader")
	b.check(b.Office.Store.SignIn(ctx, store.Session{TokenHash: v.Session.TokenHash, UserID: v.User.ID, Method: "password", Started: b.clock, Expires: b.clock.Add(time.Hour)}, nil, 0, store.Entry{UPN: "one"}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.check(r.ParseForm())
		b.Serve(w, r, v)
	}))
	defer server.Close()
	r, err := http.NewRequest("GET", server.URL+"/admin/log/live?newest=1", nil)
	b.check(err)
	res, err := server.Client().Do(r)
	b.check(err)
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	b.check(b.Office.Store.Log(ctx, store.Entry{UPN: "two@contoso.example", Code: "timed_out", Method: "phone"}))
	var got []string
	for lines.Scan() {
		if text := lines.Text(); strings.HasPrefix(text, "id:") || strings.HasPrefix(text, "data:") {
			got = append(got, text)
		}
		if len(got) == 2 {
			b.check(b.Office.Store.EndSession(ctx, v.Session.TokenHash)) // then the lines end by themselves
			got = append(got, "the end")
		}
	}
	if len(got) != 3 || got[0] != "id: 2" || !strings.Contains(got[1], `"account":"two@contoso.example"`) || !strings.Contains(got[1], `"title":"Request timeout"`) {
		t.Errorf("%q", got)
	}
	if len(b.lives) != 0 {
		t.Error("the place was not given back")
	}
}

// Where all places for live logs are taken, the next one is told to come again.
func TestLiveIsBounded(t *testing.T) {
	b := newBench(t)
	for range maxLives {
		b.lives <- struct{}{}
	}
	b.get("/admin/log/live").is(503)
}

// Every page can be made in both languages with something on it, and every text is there and used.
func TestPagesInBothLanguages(t *testing.T) {
	b := newBench(t)
	ctx, u := context.Background(), b.users["user"]
	b.device(u, "one")
	group, err := b.Office.AddGroup(ctx, "Pilot", "cli")
	b.check(err)
	b.check(b.Office.Join(ctx, group, u, "cli"))
	b.post("/admin/policy/"+group.ID, "phone", "required", "strength", "platform").is(303)
	app := b.post("/admin/apps/new", "name", "Mail", "redirects", "https://mail.contoso.example/").find(`id="client">([0-9a-f]{32})<`)
	b.post(userAt(u.ID) + "/invite").is(200)
	for _, language := range []string{"en", "de"} {
		for _, path := range []string{"/admin/users", "/admin/users/new", "/admin/users/import", userAt(u.ID), userAt(u.ID) + "/edit", userAt(u.ID) + "/role", userAt(u.ID) + "/invite",
			userAt(u.ID) + "/block", userAt(u.ID) + "/unblock", userAt(u.ID) + "/dismiss", userAt(u.ID) + "/signout", userAt(u.ID) + "/unregister?device=b25l",
			"/admin/groups", "/admin/groups/new", groupAt(group.ID), groupAt(group.ID) + "/members", groupAt(group.ID) + "/remove",
			"/admin/policy", "/admin/policy/tenant", "/admin/policy/" + group.ID, "/admin/policy/" + group.ID + "/preview?phone=off&sessions=keep",
			"/admin/devices", "/admin/devices?find=x", "/admin/apps", "/admin/apps/new", "/admin/apps/" + app, "/admin/apps/" + app + "/remove",
			"/admin/invitations", "/admin/log", "/admin/log?live=1", "/admin/audit", "/admin/admins"} {
			r := httptest.NewRequest("GET", origin+path, nil)
			r.Header.Set("Accept-Language", language)
			v := b.send(b.visitor("administrator"), r).is(200).has(`<html lang="` + language + `">`)
			if csp := v.header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.Contains(csp, "default-src 'none'") {
				t.Error(csp)
			}
		}
	}
}

// Nothing is inline, because the policy forbids it; every text is there in both languages and used.
func TestTemplatesAndTexts(t *testing.T) {
	inline, err := wordcheck.Inline(pageFiles)
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`^(nav|role|state|kind|setting|word|hours|invitation|audit|method|ask|app|from)\.`)
	faults, err := wordcheck.Texts(texts, made)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range append(inline, faults...) {
		t.Error(fault)
	}
}
