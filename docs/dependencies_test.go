package docs

import (
	"regexp"
	"strings"
	"testing"
)

func TestEveryDependencyHasAReason(t *testing.T) {
	page := read(t, "dependencies.md")
	direct := regexp.MustCompile(`(?m)^\t([\w./-]+) v[^\n]*$`).FindAllStringSubmatch(read(t, "../go.mod"), -1)
	n := 0
	for _, m := range direct {
		if strings.Contains(m[0], "// indirect") {
			continue
		}
		if n++; !strings.Contains(page, m[1]) {
			t.Errorf("dependencies.md says nothing of %s", m[1])
		}
	}
	if n < 10 {
		t.Fatalf("found %d direct dependencies: the pattern no longer fits", n)
	}
}
