package api

import "strings"

// Language is "de" or "en" by the locale variables, in the order in which POSIX lets them win. Every surface of the
// desktop asks here, so that window, notification and tray speak the same.
func Language(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		locale := strings.ToLower(getenv(name))
		if locale == "" {
			continue
		}
		if locale == "de" || strings.HasPrefix(locale, "de_") || strings.HasPrefix(locale, "de.") {
			return "de"
		}
		return "en"
	}
	return "en"
}
