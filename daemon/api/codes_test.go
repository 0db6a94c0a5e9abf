package api

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"
)

func rows(t *testing.T) []Outcome {
	t.Helper()
	var out []Outcome
	if err := json.Unmarshal(codesJSON, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

var states = []string{"approved", "declined", "wrong_number", "timed_out", "problem"}

func TestEveryRowSaysWhatHappenedAndWhatToDo(t *testing.T) {
	for _, o := range rows(t) {
		for _, text := range []Text{o.En, o.De} {
			if text.Title == "" || text.What == "" {
				t.Errorf("%s: no title or no text", o.Code)
			}
			if text.Remedy == "" && o.State != "approved" && o.Code != AnsweredElsewhere {
				t.Errorf("%s: says nothing of what to do", o.Code)
			}
			if regexp.MustCompile(`(?i)went wrong|oops|please|successfully|error|!`).MatchString(text.Title + text.What + text.Remedy) {
				t.Errorf("%s: words that help nobody: %v", o.Code, text)
			}
		}
		if !slices.Contains(states, o.State) {
			t.Errorf("%s: state %q is not one of the look", o.Code, o.State)
		}
		if o.FallThrough && o.Bad {
			t.Errorf("%s: a request that never became a prompt can't count as a bad end", o.Code)
		}
	}
}

func TestCodesAreUnique(t *testing.T) {
	seen := map[Code]bool{}
	for _, o := range rows(t) {
		if seen[o.Code] {
			t.Errorf("%s stands twice", o.Code)
		}
		seen[o.Code] = true
	}
}

// Every constant has a row and every row a constant: the source of this package is read for the constants.
func TestConstantsAndTableAgree(t *testing.T) {
	source, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[Code]bool{}
	for _, m := range regexp.MustCompile(`Code = "([a-z_]+)"`).FindAllStringSubmatch(string(source), -1) {
		named[Code(m[1])] = true
		if _, ok := outcomes[Code(m[1])]; !ok {
			t.Errorf("%s has no row", m[1])
		}
	}
	for _, o := range rows(t) {
		if !named[o.Code] {
			t.Errorf("row %s has no constant", o.Code)
		}
	}
}

func TestAnUnknownCodeSaysSo(t *testing.T) {
	o := Code("from_the_future").Outcome()
	if o.State != "problem" || o.Error != "NotAllowedError" || o.FallThrough {
		t.Errorf("%+v", o)
	}
}
