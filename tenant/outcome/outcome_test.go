package outcome

import (
	"errors"
	"os"
	"regexp"
	"testing"
)

// Every constant has a row, every row is complete in both languages, and no title says nothing.
func TestTable(t *testing.T) {
	src, err := os.ReadFile("outcome.go")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`Code = "([a-z_]+)"`).FindAllStringSubmatch(string(src), -1)
	if len(names) < 20 {
		t.Fatalf("found %d codes in outcome.go", len(names))
	}
	for _, n := range names {
		if _, ok := rows[Code(n[1])]; !ok {
			t.Errorf("%s has no row", n[1])
		}
	}
	empty := regexp.MustCompile(`(?i)something|\bother\b|unknown error|oops`)
	for c, r := range rows {
		if r.En.Title == "" || r.De.Title == "" || r.En.What == "" || r.De.What == "" {
			t.Errorf("%s: a text is missing", c)
		}
		if r.State != "approved" && r.State != "declined" && (r.En.Remedy == "" || r.De.Remedy == "") {
			t.Errorf("%s does not say what to do", c)
		}
		if empty.MatchString(r.En.Title) {
			t.Errorf("%s: %q says nothing", c, r.En.Title)
		}
	}
}

func TestSharedCodesFallBackToTheDesktop(t *testing.T) {
	if got := Of("wrong_number").Entra; got != 70037 {
		t.Errorf("wrong_number: Entra %d", got)
	}
	if got := Text("timed_out", "en").Title; got != "Request timeout" {
		t.Errorf("timed_out: %q", got)
	}
}

func TestCodeOf(t *testing.T) {
	c, detail := CodeOf(errors.Join(Errorf(OriginWrong, "origin %q", "x")))
	if c != OriginWrong || detail != `origin "x"` {
		t.Errorf("got %s %q", c, detail)
	}
	if c, _ := CodeOf(errors.New("disk full")); c != StorageFailed {
		t.Errorf("an unnamed error became %s", c)
	}
	if Public(UPNUnknown) != PasswordWrong || Public(AccountLocked) != AccountLocked {
		t.Error("Public")
	}
}
