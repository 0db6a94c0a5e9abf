package cli

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// helpOf is all that a command says for --help.
func helpOf(t *testing.T, name string) string {
	t.Helper()
	var out bytes.Buffer
	if code := Main([]string{name, "--help"}, strings.NewReader(""), &out, &out); code != exitOK {
		t.Fatalf("%s --help: exit code %d: %s", name, code, &out)
	}
	return out.String()
}

// Completion offers the flags that a command takes, all of them and no others.
func TestCompletionKnowsEveryFlag(t *testing.T) {
	flag := regexp.MustCompile(`(?m)^\s+--?([a-z][a-z-]+)`)
	for _, c := range commands() {
		var want, got []string
		for _, m := range flag.FindAllStringSubmatch(helpOf(t, c.name), -1) {
			want = append(want, "--"+m[1])
		}
		for _, w := range strings.Fields(c.words) {
			if strings.HasPrefix(w, "--") {
				got = append(got, w)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if len(want) == 0 || !slices.Equal(want, got) {
			t.Errorf("%s takes %v, completion offers %v", c.name, want, got)
		}
	}
}

func completionFor(t *testing.T, shell string) string {
	t.Helper()
	var out bytes.Buffer
	if code := Main([]string{"completion", shell}, strings.NewReader(""), &out, io.Discard); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	return out.String()
}

func TestCompletionInBash(t *testing.T) {
	for line, want := range map[string]string{
		"tallykey st": "status stop", "tallykey phones r": "remove rename", "tallykey settings set t": "type-numbers trial", "tallykey daemon --no-": "--no-tray --no-mdns",
		"tallykey nothing ": "", "tallykey phones remove -": "--json",
	} {
		script := completionFor(t, "bash") + `
read -ra COMP_WORDS <<<"$1"
case $1 in *' ') COMP_WORDS+=("") ;; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_tallykey
echo "${COMPREPLY[*]}"`
		out, err := exec.Command("bash", "-c", script, "bash", line).Output()
		if err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%q: %q, %v; want %q", line, out, err, want)
		}
	}
}

func TestCompletionInOtherShells(t *testing.T) {
	for _, shell := range []string{"zsh", "fish"} {
		script := completionFor(t, shell)
		for _, c := range commands() {
			if !strings.Contains(script, c.name) {
				t.Errorf("%s: no %s", shell, c.name)
			}
		}
		for _, c := range commands() {
			if strings.ContainsAny(c.help, "'`$\\") {
				t.Errorf("the help of %s can't stand in single quotes", c.name)
			}
		}
	}
}

func TestCompletionForNoShell(t *testing.T) {
	for _, args := range [][]string{{"completion"}, {"completion", "tcsh"}, {"completion", "bash", "zsh"}} {
		if code := Main(args, strings.NewReader(""), io.Discard, io.Discard); code != exitUsage {
			t.Errorf("%v: exit code %d", args, code)
		}
	}
}

// The manual page has every command with the words of the usage, every flag, and nothing that is not there.
func TestManualPageFollowsTheUsage(t *testing.T) {
	source, err := os.ReadFile("../../docs/tallykey.1")
	if err != nil {
		t.Fatal(err)
	}
	page := string(source)
	commandsOf, _, _ := strings.Cut(page[strings.Index(page, ".SH COMMANDS"):], ".SH OPTIONS")
	var documented []string
	for _, m := range regexp.MustCompile(`(?m)^\.TP\n\.B ([a-z]+)$`).FindAllStringSubmatch(commandsOf, -1) {
		documented = append(documented, m[1])
	}
	var want []string
	for _, c := range commands() {
		want = append(want, c.name)
		for _, w := range strings.Fields(c.words) {
			if strings.HasPrefix(w, "--") && !strings.Contains(page, strings.ReplaceAll(w, "-", `\-`)) {
				t.Errorf("no %s of %s", w, c.name)
			}
		}
		if !strings.Contains(plain(commandsOf), c.help) {
			t.Errorf("%s is not %q", c.name, c.help)
		}
	}
	if !slices.Equal(documented, want) {
		t.Errorf("the page has %v; want %v", documented, want)
	}
}

// plain is a manual page without its markup, on one line.
func plain(page string) string {
	page = regexp.MustCompile(`(?m)^\.(B|I|BR|IR|RB) `).ReplaceAllString(page, "")
	page = strings.NewReplacer(`\-`, "-", `\(dq`, `"`, ` "" `, " ").Replace(page)
	page = regexp.MustCompile(`ID ""`).ReplaceAllString(page, `ID"`)
	return strings.Join(strings.Fields(page), " ")
}
