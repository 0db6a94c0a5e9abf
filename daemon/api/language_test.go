package api

import "testing"

func TestLanguage(t *testing.T) {
	for _, test := range []struct{ all, messages, lang, want string }{
		{"", "", "", "en"}, {"", "", "de_DE.UTF-8", "de"}, {"C", "", "de_DE.UTF-8", "en"}, {"de_AT", "en_GB", "en_US", "de"},
		{"", "de.UTF-8", "en_US", "de"}, {"", "", "den_CA", "en"},
	} {
		env := map[string]string{"LC_ALL": test.all, "LC_MESSAGES": test.messages, "LANG": test.lang}
		if got := Language(func(name string) string { return env[name] }); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
