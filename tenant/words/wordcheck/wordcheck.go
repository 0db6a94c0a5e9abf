// Package wordcheck has what the tests of pages ask of their texts and templates.
package wordcheck

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"tallykey/tenant/words"
)

var (
	inline = regexp.MustCompile(`(?i)<script(?: [^>]*)?>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:`)
	named  = regexp.MustCompile(`\.TF? "([a-z.]+)"`)
)

// Inline lists what the templates in files have of script and style, which the pages' policy forbids.
func Inline(files fs.FS) (faults []string, err error) {
	names, err := fs.Glob(files, "pages/*.html")
	if err == nil && len(names) < 9 {
		err = fmt.Errorf("%d templates", len(names))
	}
	for _, name := range names {
		raw, e := fs.ReadFile(files, name)
		if e != nil {
			return nil, e
		}
		if m := inline.Find(raw); m != nil {
			faults = append(faults, fmt.Sprintf("%s: %s", name, m))
		}
	}
	return faults, err
}

// Texts lists what is wrong with a table whose pages and code are in this folder: a text that is not there in both
// languages, one that nothing names, and a name without a text. Keys that made fits are put together from words.
func Texts(table words.Table, made *regexp.Regexp) (faults []string, err error) {
	source, err := sources("*.go", "pages/*.html")
	for key, text := range table {
		if text["en"] == "" || text["de"] == "" || len(text) != 2 || strings.Count(text["en"], "{}") != strings.Count(text["de"], "{}") {
			faults = append(faults, fmt.Sprintf("%s: %v", key, text))
		}
		if !strings.Contains(source, `"`+key+`"`) && !made.MatchString(key) {
			faults = append(faults, key+" is used nowhere")
		}
	}
	for _, m := range named.FindAllStringSubmatch(source, -1) {
		if _, ok := table[m[1]]; !ok && !strings.HasSuffix(m[1], ".") {
			faults = append(faults, "no text "+m[1])
		}
	}
	return faults, err
}

func sources(patterns ...string) (string, error) {
	var all strings.Builder
	for _, pattern := range patterns {
		names, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil {
			return "", err
		}
		for _, n := range names {
			raw, err := os.ReadFile(n)
			if err != nil {
				return "", err
			}
			all.Write(raw)
		}
	}
	return all.String(), nil
}
