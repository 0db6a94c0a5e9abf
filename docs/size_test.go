package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// What still fits into a head, tests included. A table of cases in a function counts with it; one of the package does not.
const (
	maxFileLines     = 400
	maxFunctionLines = 60
)

// parsed calls f with each Go file of the module, its comments and its positions.
func parsed(t *testing.T, f func(path string, file *ast.File, at *token.FileSet)) {
	t.Helper()
	for _, path := range goFiles(t) {
		at := token.NewFileSet()
		file, err := parser.ParseFile(at, filepath.Join("..", path), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		f(path, file, at)
	}
}

func TestFilesAndFunctionsAreShort(t *testing.T) {
	parsed(t, func(path string, file *ast.File, at *token.FileSet) {
		if n := at.Position(file.FileEnd).Line - 1; n > maxFileLines {
			t.Errorf("%s has %d lines, more than %d", path, n, maxFileLines)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := at.Position(f.End()).Line - at.Position(f.Pos()).Line + 1; n > maxFunctionLines {
				t.Errorf("%s: %s has %d lines, more than %d", path, f.Name.Name, n, maxFunctionLines)
			}
		}
	})
}

func TestEveryExportedNameIsExplained(t *testing.T) {
	parsed(t, func(path string, file *ast.File, at *token.FileSet) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, name := range unexplained(file) {
			t.Errorf("%s: %s has no docstring", path, name)
		}
	})
}

// unexplained are the exported names of a file that no comment explains. One in a group may lean on the group's or stand
// with a comment behind it.
func unexplained(file *ast.File) (names []string) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if d.Doc == nil {
					names = append(names, unexplainedIn(s)...)
				}
			}
		}
	}
	return names
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	of := d.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	name, ok := of.(*ast.Ident)
	return ok && name.IsExported()
}

func unexplainedIn(s ast.Spec) (names []string) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Doc == nil && s.Comment == nil && s.Name.IsExported() {
			names = append(names, s.Name.Name)
		}
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if s.Doc == nil && s.Comment == nil && n.IsExported() {
				names = append(names, n.Name)
			}
		}
	}
	return names
}
