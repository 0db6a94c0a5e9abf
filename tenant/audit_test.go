package main

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/tenant/admin"
	"tallykey/tenant/console"
	"tallykey/tenant/store"
	"tallykey/tenant/store/storetest"
)

// everyChange is all ways in which an admin changes something: a command with its flags, or a form of the admin pages with its
// fields. Each is followed by the lines that it has to leave in the audit log: action, target, before and after. Words in
// capitals stand for ids, moments and keys. The steps build on each other.
const everyChange = `
users add --upn dave@contoso.example --no-password
    user.add dave@contoso.example null {"id":"ID","name":"dave","password":false,"upn":"dave@contoso.example"}
users add --upn eve@contoso.example
    user.add eve@contoso.example null {"id":"ID","name":"eve","password":true,"upn":"eve@contoso.example"}
users import --file CSV
    user.add fred@contoso.example null {"id":"ID","name":"Fred","password":false,"upn":"fred@contoso.example"}
    group.add group Pilot (ID) null {"id":"ID","name":"Pilot","created":"TIME"}
    member.add group Pilot (ID) null {"id":"ID","upn":"fred@contoso.example"}
users invite --upn dave@contoso.example
    user.invite dave@contoso.example null {"id":"ID","userId":"ID","actor":"BY","created":"TIME","expires":"TIME","used":"NEVER"}
users invite --upn dave@contoso.example
    user.invite dave@contoso.example {"id":"ID","userId":"ID","actor":"BY","created":"TIME","expires":"TIME","used":"NEVER"} {"id":"ID","userId":"ID","actor":"BY","created":"TIME","expires":"TIME","used":"NEVER"}
users disable --upn eve@contoso.example
    user.disable eve@contoso.example {"disabled":false} {"disabled":true}
users enable --upn eve@contoso.example
    user.enable eve@contoso.example {"disabled":true} {"disabled":false}
users password --upn eve@contoso.example --remove
    user.password eve@contoso.example {"password":true} {"password":false}
users dismiss --upn risky@contoso.example
    user.dismiss risky@contoso.example {"atRisk":true} {"atRisk":false}
users unregister --upn risky@contoso.example
    user.unregister risky@contoso.example {"device":"Phone","kind":"phone"} null
groups add --name Kiosk
    group.add group Kiosk (ID) null {"id":"ID","name":"Kiosk","created":"TIME"}
groups members --group Kiosk --add dave@contoso.example
    member.add group Kiosk (ID) null {"id":"ID","upn":"dave@contoso.example"}
groups members --group Kiosk --remove dave@contoso.example
    member.remove group Kiosk (ID) {"id":"ID","upn":"dave@contoso.example"} null
groups remove --group Kiosk
    group.remove group Kiosk (ID) {"id":"ID","name":"Kiosk","created":"TIME"} null
policy set --group Pilot --phone required
    policy.set group Pilot (ID) {"group":"ID","words":{}} {"group":"ID","name":"Pilot","words":{"phone":"required"}}
policy set --password off
    policy.set tenant {"words":{}} {"words":{"password":"off"}}
    user.signout risky@contoso.example {"sessions":1,"tokens":0} {"by":"policy.set tenant","sessions":0,"tokens":0}
admins set --upn eve@contoso.example --role reader
    role.set eve@contoso.example {"role":""} {"role":"reader"}
admins remove --upn eve@contoso.example
    role.set eve@contoso.example {"role":"reader"} {"role":""}
apps add --name Terminal --redirect http://127.0.0.1/ --native
    app.add app Terminal (ID) null {"clientId":"ID","name":"Terminal","native":true,"idTokenSigningAlg":"ES256","redirectUris":["http://127.0.0.1/"],"postLogoutRedirectUris":[],"created":"TIME"}
apps remove --id APP
    app.remove app Terminal (ID) {"clientId":"ID","name":"Terminal","native":true,"idTokenSigningAlg":"ES256","redirectUris":["http://127.0.0.1/"],"postLogoutRedirectUris":[],"created":"TIME"} null
federations add --domain fabrikam.example --issuer ISSUER --client contoso
    federation.add domain fabrikam.example null {"domain":"fabrikam.example","issuer":"ISSUER","clientId":"contoso","claim":"preferred_username","created":"TIME"}
federations remove --domain fabrikam.example
    federation.remove domain fabrikam.example {"domain":"fabrikam.example","issuer":"ISSUER","clientId":"contoso","claim":"preferred_username","created":"TIME"} null
keys rotate
    key.rotate key KEY null [{"id":"ID","use":"sig","alg":"ES256","created":"TIME","retired":"NEVER"}]
keys rotate
    key.rotate key KEY [{"id":"ID","use":"sig","alg":"ES256","created":"TIME","retired":"NEVER"}] [{"id":"ID","use":"sig","alg":"ES256","created":"TIME","retired":"NEVER"}]
POST /admin/users/new upn=gina@contoso.example name=Gina
    user.add gina@contoso.example null {"id":"ID","name":"Gina","password":false,"upn":"gina@contoso.example"}
POST /admin/users/import csv=upn,groups/hal@contoso.example,Pilot
    user.add hal@contoso.example null {"id":"ID","name":"hal","password":false,"upn":"hal@contoso.example"}
    member.add group Pilot (ID) null {"id":"ID","upn":"hal@contoso.example"}
POST /admin/users/{id}/edit upn=gina.g@contoso.example name=Gina-G
    user.edit gina@contoso.example {"name":"Gina","upn":"gina@contoso.example"} {"name":"Gina-G","upn":"gina.g@contoso.example"}
POST /admin/users/{id}/block
    user.disable gina.g@contoso.example {"disabled":false} {"disabled":true}
POST /admin/users/{id}/unblock
    user.enable gina.g@contoso.example {"disabled":true} {"disabled":false}
POST /admin/users/{id}/dismiss
    user.dismiss gina.g@contoso.example {"atRisk":false} {"atRisk":false}
POST /admin/users/{id}/signout
    user.signout gina.g@contoso.example {"sessions":0} {"sessions":0}
POST /admin/users/{id}/role role=helpdesk
    role.set gina.g@contoso.example {"role":""} {"role":"helpdesk"}
POST /admin/users/{id}/invite hours=1
    user.invite gina.g@contoso.example null {"id":"ID","userId":"ID","actor":"BY","created":"TIME","expires":"TIME","used":"NEVER"}
POST /admin/invitations/{id}/revoke
    user.uninvite gina.g@contoso.example {"id":"ID","userId":"ID","actor":"BY","created":"TIME","expires":"TIME","used":"NEVER"} null
POST /admin/users/{id}/unregister device=DEVICE
    user.unregister gina.g@contoso.example {"device":"Phone","kind":"phone"} null
POST /admin/groups/new name=Desk
    group.add group Desk (ID) null {"id":"ID","name":"Desk","created":"TIME"}
POST /admin/groups/{id}/members add=dave@contoso.example
    member.add group Desk (ID) null {"id":"ID","upn":"dave@contoso.example"}
POST /admin/policy/{group} number=type
    policy.set group Desk (ID) {"group":"ID","words":{}} {"group":"ID","name":"Desk","words":{"number":"type"}}
POST /admin/groups/{id}/remove
    group.remove group Desk (ID) {"id":"ID","name":"Desk","created":"TIME"} null
POST /admin/apps/new name=Mail kind=public redirects=https://mail.contoso.example/
    app.add app Mail (ID) null {"clientId":"ID","name":"Mail","native":false,"idTokenSigningAlg":"ES256","redirectUris":["https://mail.contoso.example/"],"postLogoutRedirectUris":[],"created":"TIME"}
POST /admin/apps/{id}/remove
    app.remove app Mail (ID) {"clientId":"ID","name":"Mail","native":false,"idTokenSigningAlg":"ES256","redirectUris":["https://mail.contoso.example/"],"postLogoutRedirectUris":[],"created":"TIME"} null
`

// reading are the commands that change nothing.
var reading = []string{"audit show", "policy show", "admins list", "groups list", "users list", "apps list", "federations list", "keys list"}

// step is one of the changes.
type step struct {
	what  string
	lines []string
}

func steps() (list []step) {
	for line := range strings.Lines(strings.TrimSpace(everyChange)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "    ") {
			list[len(list)-1].lines = append(list[len(list)-1].lines, strings.TrimSpace(line))
			continue
		}
		list = append(list, step{what: line})
	}
	return list
}

// Every change by an admin, from the command line or the admin pages, is in the audit log with who, before and after. The
// table above is compared with the program: a command or a form that it does not have fails the test.
func TestEveryChangeIsAudited(t *testing.T) {
	o := newOffice(t)
	done := slices.Clone(reading)
	for _, s := range steps() {
		before := o.newest()
		words := strings.Fields(s.what)
		done = append(done, words[0]+" "+words[1])
		if words[0] == "POST" {
			o.post(words[1], words[2:])
		} else {
			o.command(words)
		}
		if d := cmp.Diff(s.lines, o.since(before)); d != "" {
			t.Errorf("%s: %s", s.what, d)
		}
	}
	for _, must := range slices.Concat(commands(), forms(t)) {
		if !slices.Contains(done, must) {
			t.Errorf("%q is not in the table", must)
		}
	}
}

// commands are all commands of the admin.
func commands() (list []string) {
	for name, actions := range administered {
		for action := range actions {
			list = append(list, name+" "+action)
		}
	}
	return list
}

// forms are all routes of the admin pages that change something.
func forms(t *testing.T) (list []string) {
	raw, err := os.ReadFile("console/routes.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\{"((?:POST|PUT|PATCH|DELETE) /[^"]+)"`).FindAllSubmatch(raw, -1) {
		list = append(list, string(m[1]))
	}
	if len(list) == 0 {
		t.Fatal("no routes")
	}
	return list
}

// office is a tenant of which an admin changes something.
type office struct {
	*desk
	t       *testing.T
	console *console.Console
	root    store.User // who asks on the pages
	issuer  string     // another OpenID Provider
	words   []string   // for what stands in the steps in capitals
}

func newOffice(t *testing.T) *office {
	db := storetest.New(t)
	d, err := newDesk(t.Context(), db, io.Discard, false)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{desk: d, t: t}
	o.root = o.user("root@contoso.example")
	o.check(d.SetRole(d.ctx, o.root, admin.Administrator, "test"))
	issuer, _ := url.Parse("https://login.contoso.example")
	o.console = console.New(console.Config{Issuer: issuer, Name: "Contoso", Office: d.Office, Log: slog.New(slog.DiscardHandler), Tick: time.Second})
	o.issuer = otherIssuer(t)
	csv := filepath.Join(t.TempDir(), "users.csv")
	o.check(os.WriteFile(csv, []byte("upn,name,groups\nfred@contoso.example,Fred,Pilot\n"), 0o600))
	o.words = []string{"CSV", csv, "ISSUER", o.issuer, "DEVICE", base64.RawURLEncoding.EncodeToString([]byte("gina"))}

	risky := o.user("risky@contoso.example")
	o.register(risky, "risky")
	n := store.Session{TokenHash: []byte("t"), UserID: risky.ID, Method: "password", Started: time.Now(), Expires: time.Now().Add(time.Hour)}
	o.check(db.SignIn(d.ctx, n, nil, 0, store.Entry{}))
	o.check(db.SetRisk(d.ctx, risky, time.Now(), store.Change{}))
	return o
}

func (o *office) check(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) user(upn string) store.User {
	u, err := o.AddUser(o.ctx, upn, "", "", "test")
	o.check(err)
	return u
}

func (o *office) register(u store.User, id string) {
	o.check(o.Store.CreateRegistration(o.ctx, store.Registration{ID: []byte(id), UserID: u.ID, Name: "Phone", PublicKey: []byte{1}, AAGUID: make([]byte, 16),
		Kind: "phone", Use: "signin", Created: time.Now()}, store.Entry{}))
}

// otherIssuer is as much of an OpenID Provider as is looked at when a domain is handed to it.
func otherIssuer(t *testing.T) string {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	at := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": at, "authorization_endpoint": at + "/a", "token_endpoint": at + "/t", "jwks_uri": at + "/k"})
	})
	return at
}

// command runs one command as the command line does.
func (o *office) command(words []string) {
	o.t.Helper()
	f := flag.NewFlagSet(words[0], flag.ContinueOnError)
	work := administered[words[0]][words[1]](f)
	args := strings.Fields(o.fill(strings.Join(words[2:], " ")))
	o.check(f.Parse(args))
	o.check(work(o.desk))
}

// fill puts this tenant's ids into a step.
func (o *office) fill(text string) string {
	apps, err := o.Store.Apps(o.ctx)
	o.check(err)
	words := o.words
	if len(apps) > 0 {
		words = append(slices.Clone(words), "APP", apps[0].ID)
	}
	return strings.NewReplacer(words...).Replace(text)
}

// post sends a form as an administrator who has just signed in by phone.
func (o *office) post(pattern string, fields []string) {
	o.t.Helper()
	form := url.Values{}
	for _, field := range fields {
		name, value, _ := strings.Cut(o.fill(field), "=")
		if name == "csv" {
			value = strings.ReplaceAll(value, "/", "\n")
		}
		form.Set(name, value)
	}
	r := httptest.NewRequest("POST", "https://login.contoso.example"+o.at(pattern), strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	o.check(r.ParseForm())
	rec := httptest.NewRecorder()
	session := store.Session{UserID: o.root.ID, TokenHash: []byte("root"), Method: "phone", Registration: []byte("key"), Started: time.Now()}
	o.console.Serve(rec, r, console.Visitor{User: o.root, Session: session, Address: "192.0.2.7"})
	if rec.Code >= 400 {
		o.t.Fatalf("%s: %d\n%s", pattern, rec.Code, rec.Body)
	}
}

// at is the address of a form: of Gina, of the group Desk, of the only app, or of the newest invitation.
func (o *office) at(pattern string) string {
	id := ""
	switch {
	case strings.HasPrefix(pattern, "/admin/users/{id}"):
		list, err := o.Store.FindUsers(o.ctx, store.UserFilter{Prefix: "gina"}, 1)
		o.check(err)
		id = list[0].ID
		if strings.HasSuffix(pattern, "/unregister") {
			o.register(list[0], "gina")
		}
	case strings.HasPrefix(pattern, "/admin/groups/{id}"), strings.HasPrefix(pattern, "/admin/policy/{group}"):
		g, err := o.Store.Group(o.ctx, "Desk")
		o.check(err)
		id = g.ID
	case strings.HasPrefix(pattern, "/admin/apps/{id}"):
		id = o.fill("APP")
	case strings.HasPrefix(pattern, "/admin/invitations/{id}"):
		list, err := o.Store.Guests(o.ctx, "", "", 1)
		o.check(err)
		id = list[0].ID
	}
	return strings.NewReplacer("{id}", id, "{group}", id).Replace(pattern)
}

func (o *office) newest() int64 {
	list, err := o.Store.Audits(o.ctx, 1)
	o.check(err)
	return list[0].Seq
}

// masks hide what differs from run to run.
var masks = []struct {
	what *regexp.Regexp
	word string
}{
	{regexp.MustCompile(`0001-01-01T00:00:00Z`), "NEVER"},
	{regexp.MustCompile(`20\d\d-[0-9T:.-]+Z`), "TIME"},
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "ID"},
	{regexp.MustCompile(`"actor":"[^"]+"`), `"actor":"BY"`},
	{regexp.MustCompile(`key [A-Za-z0-9_-]+`), "key KEY"},
}

// since are the lines behind seq, the oldest first, each by who asked.
func (o *office) since(seq int64) (lines []string) {
	o.t.Helper()
	list, err := o.Store.Audits(o.ctx, 10)
	o.check(err)
	for _, a := range slices.Backward(list) {
		if a.Seq <= seq {
			continue
		}
		if by := a.Actor; by != string(o.by) && by != o.root.UPN || a.Time.IsZero() {
			o.t.Errorf("%s by %q at %s", a.Action, by, a.Time)
		}
		line := strings.Join([]string{a.Action, a.Target, string(a.Before), string(a.After)}, " ")
		line = strings.ReplaceAll(line, o.issuer, "ISSUER")
		for _, m := range masks {
			line = m.what.ReplaceAllString(line, m.word)
		}
		lines = append(lines, line)
	}
	return lines
}
