package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// goFiles lists the Go files of the module, relative to its root.
func goFiles(t *testing.T) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (slices.Contains([]string{"node_modules", ".git", "out", "cache", "dist"}, d.Name())) {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			out = append(out, path)
		}
		return nil
	})
	if err != nil || len(out) < 20 {
		t.Fatalf("%d Go files, %v", len(out), err)
	}
	return out
}

// mayImport says which packages of the daemon a folder outside it may use, and which folders each layer of the daemon
// may use. Imports go one way: service → the parts → api, webauthn and the language of the link.
var mayImport = map[string][]string{
	"daemon/bus":          {},
	"daemon/api":          {"daemon/webauthn"},
	"daemon/webauthn":     {"daemon/webauthn", "phone/link"},
	"daemon/activity":     {"daemon/api"},
	"daemon/socket":       {"daemon/api"},
	"daemon/discovery":    {"phone/link"},
	"daemon/phonelink":    {"phone/link", "daemon/api"},
	"daemon/desktop":      {"daemon/api", "daemon/bus", "build/icons", "ui/look"},
	"daemon/keyringfile":  {"daemon/api"},
	"daemon/registration": {"daemon/api", "daemon/bus", "daemon/keyringfile", "daemon/webauthn", "phone/link"},
	"daemon/settings":     {"daemon/api", "daemon/webauthn", "phone/link"},
	"daemon/login":        {"daemon/registration"},
	"daemon/signin":       {"daemon/api", "daemon/registration", "daemon/webauthn", "phone/link"},
	"daemon/service": {"daemon/activity", "daemon/api", "daemon/desktop", "daemon/discovery", "daemon/keyringfile", "daemon/phonelink",
		"daemon/push", "daemon/registration", "daemon/settings", "daemon/signin", "daemon/socket", "daemon/trial", "daemon/webauthn", "daemon/wellknown", "phone", "phone/link"},
	"daemon/doctor": {"daemon/api", "daemon/bus", "native-messaging/browsers"},
	"daemon/cli": {"daemon/activity", "daemon/api", "daemon/discovery", "daemon/doctor", "daemon/keyringfile", "daemon/login", "daemon/registration", "daemon/service", "daemon/settings", "native-messaging/browsers",
		"phone/link"},
	"daemon/push":      {"phone/link"},
	"daemon/trial":     {},
	"daemon/wellknown": {"daemon/webauthn"},
	"phone/link":       {},
	"phone/virtual":    {"daemon/discovery", "daemon/webauthn", "phone/link"},
	"native-messaging": {"daemon/api", "native-messaging"},
	"ui":               {"build/icons", "daemon/api", "daemon/keyringfile", "ui"}, // it opens the key of the encrypted file: the passphrase must not cross the socket
	"tenant":           {"daemon/api", "phone", "tenant", "ui/look"},
}

func TestImportsGoOneWay(t *testing.T) {
	for _, file := range goFiles(t) {
		rule := ruleFor(file)
		if rule == "" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, imported := range importsOf(t, file) {
			own, ok := strings.CutPrefix(imported, "tallykey/")
			if !ok || strings.HasPrefix(own+"/", rule+"/") {
				continue
			}
			if !slices.ContainsFunc(mayImport[rule], func(p string) bool { return own == p || strings.HasPrefix(own, p+"/") }) {
				t.Errorf("%s imports %s; %s may import %v", file, own, rule, mayImport[rule])
			}
		}
	}
}

// ruleFor is the longest folder of mayImport that holds the file.
func ruleFor(file string) string {
	best := ""
	for folder := range mayImport {
		if strings.HasPrefix(file, folder+"/") && len(folder) > len(best) {
			best = folder
		}
	}
	return best
}

func importsOf(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range f.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, path)
	}
	return out
}

// A listener on the shared session bus breaks go-keyring, which takes the first signal of any kind for the answer to
// its own prompt, and a connection that starts a bus leaves it behind: package bus has the right way.
func TestNothingUsesTheSharedBus(t *testing.T) {
	for _, file := range goFiles(t) {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			use, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"SessionBus", "SystemBus", "ConnectSessionBus", "SessionBusPrivate"}, use.Sel.Name) {
				return true
			}
			if pkg, ok := use.X.(*ast.Ident); ok && pkg.Name == "dbus" {
				t.Errorf("%s uses dbus.%s; use a connection of its own", file, use.Sel.Name)
			}
			return true
		})
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	documented := map[string]int{}
	for _, file := range goFiles(t) {
		folder := filepath.Dir(file)
		if strings.HasSuffix(file, "_test.go") && folder != "docs" || strings.HasPrefix(read(t, filepath.Join("..", file)), "//go:build ignore") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if documented[folder] += 0; f.Doc != nil {
			documented[folder]++
		}
	}
	for folder, n := range documented {
		if n != 1 {
			t.Errorf("%s has %d package comments, want one", folder, n)
		}
	}
}
