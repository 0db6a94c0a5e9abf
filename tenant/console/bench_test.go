package console

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/admin"
	"tallykey/tenant/enrol"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
	"tallykey/tenant/store/storetest"
)

const origin = "https://login.contoso.example"

// bench is the admin pages of a tenant, with one user of each role and a clock that stands still.
type bench struct {
	*Console
	t     testing.TB
	clock time.Time
	users map[string]store.User // by role, and "user" for one without
}

func newBench(t testing.TB) *bench {
	t.Helper()
	ctx := context.Background()
	db := storetest.New(t)
	b := &bench{t: t, clock: time.Date(2026, 11, 23, 14, 3, 12, 0, time.UTC), users: map[string]store.User{}}
	now := func() time.Time { return b.clock }
	accounts, err := account.NewDirectory(ctx, db, account.NewHasher(account.Cost{Memory: 8, Passes: 1, Lanes: 1}), now)
	if err != nil {
		t.Fatal(err)
	}
	book := policy.NewBook(db)
	office := &admin.Office{Store: db, Accounts: accounts, Policy: book, Desk: enrol.NewDesk(db, nil, book, now), Now: now}
	issuer, _ := url.Parse(origin)
	b.Console = New(Config{Issuer: issuer, Name: "Contoso", Office: office, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Tick: time.Millisecond})
	for _, name := range []string{"user", "reader", "helpdesk", "administrator"} {
		u, err := office.AddUser(ctx, name+"@contoso.example", name, "", "cli")
		b.check(err)
		b.users[name] = u
		r, err := admin.ParseRole(strings.TrimPrefix(name, "user"))
		b.check(err)
		b.check(office.SetRole(ctx, u, r, "cli"))
	}
	return b
}

func (b *bench) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// device registers a device for a user.
func (b *bench) device(u store.User, id string) {
	b.t.Helper()
	b.check(b.Office.Store.CreateRegistration(context.Background(), store.Registration{ID: []byte(id), UserID: u.ID, Name: "Phone " + id, PublicKey: []byte{1},
		AAGUID: make([]byte, 16), Created: b.clock, Kind: "phone", Use: "signin", UV: "platform"}, store.Entry{Time: b.clock, Code: "registered", Method: "register", UserID: u.ID, UPN: u.UPN}))
}

// visitor is a user with a session that began by phone just now.
func (b *bench) visitor(name string) Visitor {
	return Visitor{User: b.users[name], Address: "192.0.2.7", Agent: "Test browser",
		Session: store.Session{UserID: b.users[name].ID, TokenHash: []byte("session of " + name), Method: "phone", Registration: []byte("key"), Started: b.clock, Expires: b.clock.Add(time.Hour)}}
}

// view is a page that came back.
type view struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

func (b *bench) do(v Visitor, method, path string, pairs ...string) view {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(method, origin+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(v, r)
}

func (b *bench) send(v Visitor, r *http.Request) view {
	b.t.Helper()
	b.check(r.ParseForm()) // as the site's guard does
	rec := httptest.NewRecorder()
	b.Serve(rec, r, v)
	raw, err := io.ReadAll(rec.Result().Body)
	b.check(err)
	return view{b.t, rec.Code, rec.Header(), string(raw)}
}

func (b *bench) get(path string) view {
	b.t.Helper()
	return b.do(b.visitor("administrator"), "GET", path)
}

func (b *bench) post(path string, pairs ...string) view {
	b.t.Helper()
	return b.do(b.visitor("administrator"), "POST", path, pairs...)
}

func (v view) is(status int) view {
	v.t.Helper()
	if v.status != status {
		v.t.Fatalf("status %d, want %d\n%s", v.status, status, v.body)
	}
	return v
}

func (v view) has(texts ...string) view {
	v.t.Helper()
	for _, s := range texts {
		if !strings.Contains(v.body, s) {
			v.t.Fatalf("%d: %q is not on the page\n%s", v.status, s, v.body)
		}
	}
	return v
}

func (v view) lacks(texts ...string) view {
	v.t.Helper()
	for _, s := range texts {
		if strings.Contains(v.body, s) {
			v.t.Fatalf("%d: %q is on the page\n%s", v.status, s, v.body)
		}
	}
	return v
}

func (v view) code(code string) view { v.t.Helper(); return v.has(`id="code">` + code + "<") }

// leads fails the test unless the answer leads there.
func (v view) leads(path string) view {
	v.t.Helper()
	if got := v.header.Get("Location"); v.status != http.StatusSeeOther || got != path {
		v.t.Fatalf("%d to %q, want %q\n%s", v.status, got, path, v.body)
	}
	return v
}

func (v view) find(what string) string {
	v.t.Helper()
	m := regexp.MustCompile(what).FindStringSubmatch(v.body)
	if m == nil {
		v.t.Fatalf("no %s\n%s", what, v.body)
	}
	return m[1]
}

// audited is the newest line of the audit log.
func (b *bench) audited() store.Audit {
	b.t.Helper()
	list, err := b.Office.Store.Audits(context.Background(), 1)
	b.check(err)
	return list[0]
}
