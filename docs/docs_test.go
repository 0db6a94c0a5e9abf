// Package docs holds the documentation; its tests keep the documentation and the code from drifting apart, and guard
// the rules of the code base that no compiler knows.
package docs

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"tallykey/phone/link"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var example = regexp.MustCompile("(?s)```json\n(.*?)```")

func TestEveryExampleIsAMessage(t *testing.T) {
	examples := example.FindAllStringSubmatch(read(t, "protocol.md"), -1)
	if len(examples) < 10 {
		t.Fatalf("found %d examples in protocol.md: the pattern no longer fits", len(examples))
	}
	for _, m := range examples {
		if _, err := link.Decode([]byte(m[1])); err != nil {
			t.Errorf("%v: %.80s", err, m[1])
		}
	}
}

func TestEveryMessageHasAnExample(t *testing.T) {
	page := read(t, "protocol.md")
	source := read(t, "../phone/link/message.go")
	types := regexp.MustCompile(`Type\(\) string +\{ return "(\w+)" \}`).FindAllStringSubmatch(source, -1)
	if len(types) < 10 {
		t.Fatalf("found %d message types in the source: the pattern no longer fits", len(types))
	}
	for _, m := range types {
		if !strings.Contains(page, `{"type":"`+m[1]+`"`) {
			t.Errorf("protocol.md has no example of %s", m[1])
		}
	}
}

func TestEveryMethodIsListed(t *testing.T) {
	page := read(t, "protocol.md")
	methods := regexp.MustCompile(`(?:Method|Notify)\w+ += "([\w.]+)"`).FindAllStringSubmatch(
		read(t, "../daemon/api/api.go")+read(t, "../daemon/api/client.go"), -1)
	if len(methods) < 10 {
		t.Fatalf("found %d methods in the source: the pattern no longer fits", len(methods))
	}
	for _, m := range methods {
		if !strings.Contains(page, "`"+m[1]+"`") {
			t.Errorf("protocol.md does not list %s", m[1])
		}
	}
}
