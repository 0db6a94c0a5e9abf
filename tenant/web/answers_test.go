package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// That no refusal goes without a row of the table and a line in the log follows from four rules, each of which a look at the
// sources shows; the walk after all tests (walk_test.go) adds that each row is really met.
//
//  1. A status that is not said to be harmless is written only where rowless says why.
//  2. A page with another status than 200 is one that failed or end made, so it has a code.
//  3. An ending has a code; without a request id, end gives it one together with its line (strayed).
//  4. Who gives a request id to a page that says what went wrong writes the line in the same function, or elsewhere says where.
var (
	rowless = map[string]string{
		"web/page.go:show": "rule 2", "web/apppage.go:showApp": "rule 2", "console/page.go:show": "the pages of package console: its own tests",
		"console/live.go:live":           "too many follow the log: the browser asks again by itself",
		"oidc/endpoint.go:answer":        "an app's request: written down by the handler before it",
		"oidc/endpoint.go:WriteHeader":   "passes on what was answered",
		"web/appendpoint.go:WriteHeader": "passes on what was answered",
	}
	elsewhere = map[string]string{
		"phonePage":   "the ceremony is over; the sweep writes its line under this id (signin.Left)",
		"waiting":     "the ceremony is over; the sweep writes its line under this id (signin.Left)",
		"showRefused": "passwordRefused, which alone calls it, has written it",
	}
	writers = []string{"Log", "logRefusal", "strayed", "strayedByApp", "Refused", "Fail", "Report", "ChangePassword"}
)

// function is one of the sources of the tenant.
type function struct {
	*ast.FuncDecl
	at string // such as "web/page.go:show"
}

func functions(t *testing.T) (list []function) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		at := filepath.ToSlash(strings.TrimPrefix(path, "../"))
		if err != nil || !strings.HasSuffix(at, ".go") || strings.HasSuffix(at, "_test.go") || strings.HasPrefix(at, "bench/") || strings.HasPrefix(at, "tenanttest/") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				list = append(list, function{fn, at + ":" + fn.Name.Name})
			}
		}
		return nil
	})
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	return list
}

// calls are the arguments of all calls of a name in a function.
func (f function) calls(names ...string) (list [][]ast.Expr) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok {
			if s, ok := c.Fun.(*ast.SelectorExpr); ok && slices.Contains(names, s.Sel.Name) {
				list = append(list, c.Args)
			}
		}
		return true
	})
	return list
}

// endings are the fields of all endings that a function makes.
func (f function) endings() (list [][]string) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		c, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if id, ok := c.Type.(*ast.Ident); ok && id.Name == "ending" {
			var fields []string
			for _, e := range c.Elts {
				fields = append(fields, e.(*ast.KeyValueExpr).Key.(*ast.Ident).Name)
			}
			list = append(list, fields)
		}
		return true
	})
	return list
}

// status is the constant of package net/http, such as "StatusOK"; empty: something that is only known as it runs.
func status(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		if p, ok := s.X.(*ast.Ident); ok && p.Name == "http" {
			return s.Sel.Name
		}
	}
	return ""
}

var harmless = []string{"StatusOK", "StatusNoContent", "StatusSeeOther"}

func TestRefusalsHaveRowAndLine(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range functions(t) {
		for _, args := range f.calls("WriteHeader") {
			if seen[f.at] = true; !slices.Contains(harmless, status(args[0])) && rowless[f.at] == "" {
				t.Errorf("%s writes a status of its own", f.at)
			}
		}
		if !strings.HasPrefix(f.at, "web/") {
			continue
		}
		failed, named := len(f.calls("failed")) > 0, false
		for _, args := range f.calls("show", "showApp") {
			if status(args[1]) != "StatusOK" && !failed {
				t.Errorf("%s shows a page with a status, and no code", f.at)
			}
		}
		for _, fields := range f.endings() {
			named = named || slices.Contains(fields, "request")
			if !slices.Contains(fields, "code") {
				t.Errorf("%s ends without a code", f.at)
			}
		}
		if (failed || named) && len(f.calls(writers...)) == 0 && elsewhere[f.Name.Name] == "" {
			t.Errorf("%s says what went wrong and writes no line", f.at)
		}
		seen[f.Name.Name] = seen[f.Name.Name] || failed || named
	}
	for at := range rowless {
		if !seen[at] {
			t.Errorf("%s is excused and does nothing", at)
		}
	}
	for name := range elsewhere {
		if !seen[name] {
			t.Errorf("%s is excused and does nothing", name)
		}
	}
}
