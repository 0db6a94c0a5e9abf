// Package words gives the tenant's pages their texts, times and language: every text has an English and a German form, in
// a table that is built in.
package words

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Table has each text by key and language.
type Table map[string]map[string]string

// Read reads an embedded table. A table that can't be read is a fault of the build, and panics.
func Read(raw []byte) Table {
	var t Table
	if err := json.Unmarshal(raw, &t); err != nil {
		panic("words: " + err.Error())
	}
	return t
}

// In gives a text in a language. A key that is not there panics: a test finds each that a page names.
func (t Table) In(key, lang string) string {
	text, ok := t[key][lang]
	if !ok {
		panic("words: no text " + key)
	}
	return text
}

// Fill is a text with its one gap filled.
func Fill(text, gap string) string { return strings.Replace(text, "{}", gap, 1) }

// Moment shows a time in UTC, which is what the log has too.
func Moment(t time.Time, lang string) string {
	if lang == "de" {
		return t.UTC().Format("02.01.2006, 15:04:05 UTC")
	}
	return t.UTC().Format("2 Jan 2006, 15:04:05 UTC")
}

// Day is Moment without the time.
func Day(t time.Time, lang string) string {
	day, _, _ := strings.Cut(Moment(t, lang), ",")
	return day
}

// Language chooses "de" or "en" for an Accept-Language header (RFC 9110 section 12.5.4). Nothing that fits gives "en".
func Language(header string) string {
	best, quality := "en", 0.0
	for i, part := range strings.Split(header, ",") {
		if i == 20 {
			break
		}
		tag, q := languageRange(part)
		if q > quality && (tag == "de" || tag == "en") {
			best, quality = tag, q
		}
	}
	return best
}

func languageRange(part string) (tag string, q float64) {
	tag, parameters, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), ";")
	tag, _, _ = strings.Cut(strings.TrimSpace(tag), "-")
	q = 1
	if v, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
		n, err := strconv.ParseFloat(v, 64)
		if err != nil || !(n >= 0 && n <= 1) {
			return tag, 0
		}
		q = n
	}
	return tag, q
}

// Browser names a browser and its system in a few words, such as "Firefox, Linux", by what it calls itself; "" for none
// that is known.
func Browser(agent string) string {
	browser := first(agent, "Edg/", "Edge", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari")
	system := first(agent, "Windows", "Windows", "iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Mac OS X", "macOS", "Linux", "Linux")
	if browser == "" || system == "" {
		return browser + system
	}
	return browser + ", " + system
}

// first is the name of the first mark that a text has; marks and names take turns.
func first(text string, marks ...string) string {
	for i := 0; i < len(marks); i += 2 {
		if strings.Contains(text, marks[i]) {
			return marks[i+1]
		}
	}
	return ""
}
