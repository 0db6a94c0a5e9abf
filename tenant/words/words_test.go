package words

import (
	"testing"
	"time"
)

func TestBrowser(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  "Firefox, Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":           "Edge, Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":                   "Safari, macOS",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                         "Chrome, Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": "Safari, iPhone",
		"curl/8.0": "", "": "",
	} {
		if got := Browser(agent); got != want {
			t.Errorf("%q: %q", agent, got)
		}
	}
}

func TestMoments(t *testing.T) {
	at := time.Date(2026, 11, 3, 14, 3, 12, 0, time.FixedZone("", 3600))
	for lang, want := range map[string]string{"en": "3 Nov 2026, 13:03:12 UTC", "de": "03.11.2026, 13:03:12 UTC"} {
		if got := Moment(at, lang); got != want {
			t.Error(got)
		}
	}
	if got := Day(at, "de"); got != "03.11.2026" {
		t.Error(got)
	}
}

// A text that is not there is a fault of the program, and says so.
func TestTable(t *testing.T) {
	table := Read([]byte(`{"hello": {"en": "Hello {}", "de": "Hallo {}"}}`))
	if got := Fill(table.In("hello", "de"), "Alice"); got != "Hallo Alice" {
		t.Error(got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a text that is not there was given")
		}
	}()
	table.In("hello", "fr")
}
