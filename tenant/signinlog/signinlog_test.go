package signinlog

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/tenant/store"
)

var entries = []store.Entry{
	{Seq: 2, Time: time.Date(2026, 11, 23, 14, 3, 12, 0, time.UTC), Request: "7f3c-91ab-40de-0b12", UPN: "alice@contoso.example", Method: "phone", Code: "timed_out", Millis: 60012},
	{Seq: 1, Time: time.Date(2026, 11, 23, 14, 2, 0, 0, time.UTC), Request: "0000-0000-0000-0000", Method: "phone", Code: "signature_invalid", Detail: "bad\x1b[2J\n"},
}

func TestPrint(t *testing.T) {
	var b bytes.Buffer
	if err := Print(&b, entries); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(b.String()) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := []string{
		"TIME (UTC) ACCOUNT METHOD CODE ENTRA MS REQUEST POLICY DETAIL",
		"2026-11-23 14:02:00 - phone signature_invalid 130005 0 0000-0000-0000-0000 bad�[2J�",
		"2026-11-23 14:03:12 alice@contoso.example phone timed_out 70039 60012 7f3c-91ab-40de-0b12",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestPrintJSON(t *testing.T) {
	var b bytes.Buffer
	if err := PrintJSON(&b, entries); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	var l Line
	if err := json.Unmarshal([]byte(lines[1]), &l); err != nil || len(lines) != 2 {
		t.Fatal(lines, err)
	}
	if l.Title != "Request timeout" || l.Entra != 70039 || l.UPN != "alice@contoso.example" || l.Remedy == "" {
		t.Errorf("%+v", l)
	}
}

func TestPrintCSV(t *testing.T) {
	var b bytes.Buffer
	formula := store.Entry{Time: time.Date(2026, 11, 23, 14, 4, 0, 0, time.UTC), Method: "app", Code: "app_request_invalid", Detail: `=HYPERLINK("x",1)`, Agent: "a,b"}
	if err := PrintCSV(&b, append([]store.Entry{formula}, entries...)); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatal(rows, err)
	}
	want := []string{"2026-11-23T14:03:12Z", "alice@contoso.example", "phone", "timed_out", "70039", "Request timeout", "60012", "7f3c-91ab-40de-0b12", "", "", "", "", "", ""}
	if d := cmp.Diff(want, rows[2][:14]); d != "" {
		t.Error(d)
	}
	if rows[2][14] == "" || rows[2][15] == "" {
		t.Errorf("not what happened and what to do: %q", rows[2])
	}
	if got := rows[3][9] + " " + rows[3][11]; got != `'=HYPERLINK("x",1) a,b` {
		t.Errorf("a formula went through: %s", got)
	}
}

// What is typed into a search field is looked up by an index where it can be.
func TestSearch(t *testing.T) {
	for typed, want := range map[string]store.Filter{
		"7F3C-91ab-40de-0b12":    {Request: "7f3c-91ab-40de-0b12"},
		" Alice@contoso.example": {UPN: "alice@contoso.example"},
		"timed_out":              {Code: "timed_out"},
		"Alice’s phone":          {Text: "Alice’s phone"},
		"192.0.2.":               {Text: "192.0.2."},
		"":                       {},
	} {
		if d := cmp.Diff(want, Search(store.Filter{}, typed)); d != "" {
			t.Errorf("%q: %s", typed, d)
		}
	}
	if got := Search(store.Filter{UPN: "bob@contoso.example"}, "alice@contoso.example"); got.UPN != "bob@contoso.example" || got.Text == "" {
		t.Errorf("another filter was lost: %+v", got)
	}
}

// Portions of a CSV have one heading between them.
func TestCSVInPortions(t *testing.T) {
	var b bytes.Buffer
	c := NewCSV(&b)
	for range 2 {
		if err := c.Write(entries); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Count(b.String(), "what happened"); got != 1 {
		t.Errorf("%d headings", got)
	}
}
