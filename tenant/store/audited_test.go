package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	step = "a step of a sign-in, whose end has its line in the sign-in log"
	due  = "what is over by its own time limit"
)

// unaudited are the methods that write without a Change or an Entry, and why.
var unaudited = map[string]string{
	"CreateAttempt": step, "TakeAttempt": step, "CreateAuthorization": step, "Consent": step, "GiveCode": step, "RedeemCode": step,
	"CreateDevice": step, "DecideDevice": step, "PollDevice": step, "UseDevice": step, "UpdateFailure": step, "CreateGrant": step,
	"GrantByRefresh": step, "Refresh": step, "LinkSubject": step, "EndSession": step, "EndGrant": step, "EndAccess": step,
	"Sweep": due, "SweepTokens": due, "Forget": due, "ForgetInvitations": due,
	"RehashPassword": "the same password, hashed anew at a sign-in",
	"FirstKey":       "a key that the program makes for itself",
	"Backup":         "it only reads", "Close": "it only ends",
}

// Whatever changes the store says who did it (a Change, for the audit log) or is an outcome itself (an Entry, for the
// sign-in log). That each Change is right, the table of the command line and the admin pages shows.
func TestWritesAreAudited(t *testing.T) {
	files, err := filepath.Glob("*.go")
	check(t, err)
	listed := maps.Clone(unaudited)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		check(t, err)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !fn.Name.IsExported() || !writes(fn) {
				continue
			}
			reason := listed[fn.Name.Name]
			delete(listed, fn.Name.Name)
			if tells(fn) == (reason != "") {
				t.Errorf("%s: takes a Change or an Entry: %v; reason why not: %q", fn.Name.Name, tells(fn), reason)
			}
		}
	}
	if len(listed) > 0 {
		t.Errorf("these do not write: %v", slices.Sorted(maps.Keys(listed)))
	}
}

// writes says whether a method uses the connection that writes.
func writes(fn *ast.FuncDecl) (yes bool) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		yes = yes || ok && (sel.Sel.Name == "write" || sel.Sel.Name == "inTx")
		return true
	})
	return yes
}

// tells says whether a method has a parameter of type Change or Entry.
func tells(fn *ast.FuncDecl) (yes bool) {
	for _, p := range fn.Type.Params.List {
		kind := p.Type
		if many, ok := kind.(*ast.Ellipsis); ok {
			kind = many.Elt
		}
		id, ok := kind.(*ast.Ident)
		yes = yes || ok && (id.Name == "Change" || id.Name == "Entry")
	}
	return yes
}
