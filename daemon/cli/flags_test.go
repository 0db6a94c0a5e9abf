package cli

import (
	"bytes"
	"flag"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// One credential ID in 64 begins with a dash. Whoever copies it from a list means it, and no flag.
func TestFlagsAndCredentialIDs(t *testing.T) {
	const id, other = "-vJvnWUVEnK3vx3FRkzU1w", "--JvnWUVEnK3vx3FRkzU1w"
	for line, want := range map[string]string{
		"remove " + id:                        "remove " + id,
		"remove --json " + id:                 "json remove " + id,
		"remove " + id + " --json":            "json remove " + id,
		"--name n mode " + other + " type":    "name=n mode " + other + " type",
		"remove --name " + id:                 "name=" + id + " remove",
		"remove --name=" + id + " " + other:   "name=" + id + " remove " + other,
		"remove -- " + id + " --json":         "remove " + id + " --json",
		id + " " + other:                      id + " " + other,
		"--json --name n a --json -- b":       "json name=n a b",
		"remove -vJvnWUV":                     "no flag",
		"remove --removeeverythingnow":        "no flag",
		"remove --jvnWUVEnK3vx3FRkzU1":        "no flag", // 21 characters are no whole number of bytes
		"remove " + id + " --nome n":          "no flag",
		"remove --name":                       "needs an argument",
		"remove " + id + " " + other + " --x": "no flag",
	} {
		var out bytes.Buffer
		var name string
		rest, asJSON, err := env{out: &out, err: &out}.flags("test", "test", strings.Fields(line), func(f *flag.FlagSet) {
			f.StringVar(&name, "name", "", "a name")
		})
		got := strings.Join(rest, " ")
		if name != "" {
			got = "name=" + name + " " + got
		}
		if asJSON {
			got = "json " + got
		}
		if err != nil {
			got = out.String()
		}
		if !strings.Contains(got, want) || err == nil && got != want {
			t.Errorf("%s: %s", line, cmp.Diff(want, got))
		}
	}
}
