package web

import (
	_ "embed"
	"encoding/json"
	"strconv"
	"strings"
)

//go:embed texts.json
var textsJSON []byte

// texts has each text of the pages by key and language.
var texts = func() map[string]map[string]string {
	var t map[string]map[string]string
	if err := json.Unmarshal(textsJSON, &t); err != nil {
		panic("web: texts.json: " + err.Error()) // embedded: a build that starts once starts always
	}
	return t
}()

// language chooses "de" or "en" for an Accept-Language header (RFC 9110 section 12.5.4). Nothing that fits gives "en".
func language(header string) string {
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
