package web

import (
	"context"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"tallykey/tenant/outcome"
	"tallykey/tenant/signinlog"
	"tallykey/tenant/store"
)

// logged are the codes that the tests of this package found in the sign-in logs of their tenants.
var logged = struct {
	sync.Mutex
	codes   map[outcome.Code]bool
	methods map[string]bool
}{codes: map[outcome.Code]bool{}, methods: map[string]bool{}}

// note remembers what a test's tenant has logged.
func note(t testing.TB, db *store.Store) {
	list, err := db.Entries(context.Background(), 100_000)
	if err != nil {
		return // a test about a store that fails has closed it
	}
	logged.Lock()
	defer logged.Unlock()
	for _, e := range list {
		if !outcome.Known(outcome.Code(e.Code)) && outcome.Of(outcome.Code(e.Code)).En.Title == "" {
			t.Errorf("the log has %q, which is no row of the table", e.Code)
		}
		if e.Method != "" && !slices.Contains(signinlog.Methods, e.Method) {
			t.Errorf("the log has the method %q, which no filter offers", e.Method)
		}
		logged.codes[outcome.Code(e.Code)], logged.methods[e.Method] = true, true
	}
}

// TestMain walks, after all tests, every code that these pages and the packages behind them can end with, and looks for it
// in what was logged meanwhile. So a refusal without a test that makes it, or one that leaves no line, fails the tests.
func TestMain(m *testing.M) {
	flag.Parse()
	status := m.Run()
	if status == 0 && all("test.run", "test.skip", "test.fuzz", "test.list") {
		status = walk()
	}
	os.Exit(status)
}

// all says whether no flag leaves any test out.
func all(flags ...string) bool {
	return !slices.ContainsFunc(flags, func(f string) bool { return flag.Lookup(f) != nil && flag.Lookup(f).Value.String() != "" })
}

// unlogged are the codes that need no line, and why.
var unlogged = map[string]string{
	"StorageFailed": "the store can't be written when it fails; TestBrokenIsLogged has the case in which it can",
	"PageUnknown":   "a page that is not there refuses nobody anything",
}

func walk() int {
	names := codeNames("../outcome/outcome.go")
	missing := 0
	for _, name := range slices.Sorted(maps.Keys(used(".", "../signin", "../enrol", "../passkey", "../account", "../invitation", "../federation"))) {
		code, ok := names[name]
		if !ok || unlogged[name] != "" {
			continue
		}
		if !logged.codes[code] {
			fmt.Printf("no test of this package makes a line with %s (outcome.%s)\n", code, name)
			missing++
		}
	}
	for _, m := range signinlog.Methods {
		if !logged.methods[m] {
			fmt.Printf("no test of this package makes a line of the method %s\n", m)
			missing++
		}
	}
	return min(missing, 1)
}

// codeNames reads the constants of the table, such as TimedOut for timed_out.
func codeNames(file string) map[string]outcome.Code {
	names := map[string]outcome.Code{}
	inspect(file, func(n ast.Node) {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return
		}
		if lit, ok := v.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			names[v.Names[0].Name] = outcome.Code(strings.Trim(lit.Value, `"`))
		}
	})
	return names
}

// used are the names of package outcome in the folders' own files.
func used(folders ...string) map[string]bool {
	names := map[string]bool{}
	for _, folder := range folders {
		for _, file := range sources(folder) {
			inspect(file, func(n ast.Node) {
				if sel, ok := n.(*ast.SelectorExpr); ok {
					if p, ok := sel.X.(*ast.Ident); ok && p.Name == "outcome" {
						names[sel.Sel.Name] = true
					}
				}
			})
		}
	}
	return names
}

func sources(folder string) (files []string) {
	all, _ := filepath.Glob(filepath.Join(folder, "*.go"))
	return slices.DeleteFunc(all, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
}

func inspect(file string, look func(ast.Node)) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		panic(err)
	}
	ast.Inspect(f, func(n ast.Node) bool { look(n); return true })
}

// plainAnswers are the only places that answer without a row of the table, and why.
var plainAnswers = map[string]string{
	"site.go:files":            "a file that is not there; it refuses nobody anything",
	"page.go:show":             "the page itself could not be made",
	"apppage.go:showApp":       "the page itself could not be made",
	"../console/page.go:show":  "the page itself could not be made",
	"../console/live.go:live":  "the browser asks again by itself",
	"unregister.go:unregister": "a program asks, which is told whether to try again and nothing else",
}

// Every refusal goes through the functions that show a row of the table: nothing else writes a text of its own.
func TestNothingAnswersWithoutARow(t *testing.T) {
	for _, folder := range []string{".", "../console"} {
		for _, file := range sources(folder) {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				ast.Inspect(fn, func(n ast.Node) bool {
					sel, ok := n.(*ast.SelectorExpr)
					if !ok || sel.Sel.Name != "Error" && sel.Sel.Name != "NotFound" && sel.Sel.Name != "NotFoundHandler" {
						return true
					}
					if p, ok := sel.X.(*ast.Ident); ok && p.Name == "http" && plainAnswers[file+":"+fn.Name.Name] == "" {
						t.Errorf("%s: %s answers with a text of its own", file, fn.Name.Name)
					}
					return true
				})
			}
		}
	}
}

// What the guard refuses has its line, but a flood of it has few.
func TestStraysAreLogged(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	count := func(code string) int {
		list, err := b.Store.Find(context.Background(), store.Filter{Code: code, Method: methodRequest}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	for range 25 {
		w.do("POST", "/signout", nil, map[string][]string{"Origin": {"https://evil.example"}}).is(403).code("cross_site")
	}
	if n := count("cross_site"); n != 2 { // the first and the tenth
		t.Errorf("%d lines of cross_site", n)
	}
	view := w.post("/signin", "username", strings.Repeat("x", 100<<10)).is(400).code("form_unreadable")
	if e := b.lastIs(t, methodRequest, "form_unreadable", ""); !strings.Contains(view.body, e.Request) || e.Address != "192.0.2.7" {
		t.Errorf("%+v is not what the page says", e)
	}
	w.post("/signin", "username", "nonsense").is(422)
	b.lastIs(t, methodRequest, "upn_invalid", "")
	w.post("/signin/phone", "request", "0000-0000-0000-0000", "credential", "{}").code("request_unknown")
	b.lastIs(t, methodRequest, "request_unknown", "")
	r := newRequest("POST", "/signin")
	r.Host = "rebound.evil.example"
	b.ServeHTTP(httptest.NewRecorder(), r)
	b.lastIs(t, methodRequest, "host_wrong", "")
}

// The table of strays is bounded, and a full one still tells that something goes on.
func TestStraysAreBounded(t *testing.T) {
	b := newBench(t)
	told := 0
	for i := range 2 * maxTallied {
		if telling(b.strays, netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), outcome.CrossSite, 1) {
			told++
		}
	}
	if len(b.strays.seen) > maxTallied+1 || told < maxTallied || told > maxTallied+5 {
		t.Errorf("%d subjects, %d told", len(b.strays.seen), told)
	}
}

// A fault of the tenant itself leaves a line too, as long as the log can be written.
func TestBrokenIsLogged(t *testing.T) {
	b := newBench(t)
	rec := httptest.NewRecorder()
	b.broken(rec, newRequest("GET", "/"), fmt.Errorf("the disk is on fire"))
	if e := b.lastIs(t, methodRequest, "storage_failed", ""); !strings.Contains(rec.Body.String(), e.Request) || strings.Contains(e.Detail+rec.Body.String(), "fire") {
		t.Errorf("%+v", e)
	}
}

// What policy refuses beside what the other tests try: a second factor that is off, and a password that is.
func TestOffByPolicy(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	w.post("/security/confirm", "password", password, "use", "approve").is(403).code("approve_not_allowed")
	b.lastIs(t, "register", "approve_not_allowed", alice)
	b.rule(t, false, "password=off")
	if got := w.get("/"); got.path != "/signin" {
		t.Error("the session that began by password goes on")
	}
	w.post("/password", "username", alice, "password", password).is(403).code("password_disabled_by_policy")
	b.lastIs(t, "password", "password_disabled_by_policy", alice)
}
