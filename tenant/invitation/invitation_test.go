package invitation

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestNew(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 3, 12, 0, time.UTC)
	for asked, want := range map[time.Duration]time.Duration{0: Life, -time.Hour: Life, time.Hour: time.Hour, 1000 * time.Hour: MaxLife} {
		i, pass := New("alice", "cli", now, asked)
		if i.Expires.Sub(i.Created) != want || i.UserID != "alice" || !i.Used.IsZero() {
			t.Errorf("%s: %+v", asked, i)
		}
		for _, typed := range []string{pass, strings.ToUpper(pass), " " + strings.ReplaceAll(pass, "-", "  "), strings.ReplaceAll(pass, "-", "")} {
			if !bytes.Equal(Hash(typed), i.Secret) {
				t.Errorf("%q is not %q", typed, pass)
			}
		}
		if link := Link("https://login.contoso.example/", pass); link != "https://login.contoso.example/invite#"+pass {
			t.Error(link)
		}
	}
	_, a := New("", "", now, 0)
	if _, b := New("", "", now, 0); a == b {
		t.Error("the same pass twice")
	}
}

func TestPictures(t *testing.T) {
	const link = "https://login.contoso.example/invite#aaaaa-bbbbb-ccccc-ddddd"
	path, size, err := SVG(link)
	if err != nil || size < 29 || !strings.HasPrefix(path, "M4 4h1v1h-1z") { // the corner of the finder pattern
		t.Error(path, size, err)
	}
	text, err := Text(link)
	if lines := strings.Count(text, "\n"); err != nil || lines < 14 {
		t.Error(lines, err)
	}
}

func FuzzHash(f *testing.F) {
	f.Add("aaaaa-bbbbb-ccccc-ddddd")
	f.Fuzz(func(t *testing.T, typed string) {
		if h := Hash(typed); h != nil && len(h) != 32 {
			t.Error(h)
		}
	})
}
