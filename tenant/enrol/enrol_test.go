package enrol

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPhoneName(t *testing.T) {
	for typed, want := range map[string]string{
		" Alice’s phone ": "Alice’s phone", "": "Phone", " \t\n": "Phone", "a\nb\x1b[31m": "ab[31m", "\u202egnp.exe": "gnp.exe", "\xff\xfe": "Phone",
		strings.Repeat("ä", 50): strings.Repeat("ä", 40), strings.Repeat("a", 39) + " b": strings.Repeat("a", 39),
	} {
		if got := PhoneName(typed); got != want {
			t.Errorf("%q: %q", typed, got)
		}
	}
}

func FuzzPhoneName(f *testing.F) {
	f.Add("Alice’s phone")
	f.Fuzz(func(t *testing.T, typed string) {
		got := PhoneName(typed)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > MaxName || got == "" || strings.ContainsAny(got, "\n\r\x00\u202e") || PhoneName(got) != got {
			t.Errorf("%q: %q", typed, got)
		}
	})
}
