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

	"github.com/google/go-cmp/cmp"
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
	for line, want := range offered {
		script := completionFor(t, "bash") + `
read -ra COMP_WORDS <<<"$1"
case $1 in *' ') COMP_WORDS+=("") ;; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_tallykey
printf '%s\n' "${COMPREPLY[@]}"`
		if got := completed(t, "bash", script, line); got != want {
			t.Errorf("%q: %q; want %q", line, got, want)
		}
	}
}

// completed runs a shell on a script and returns what it offers, sorted.
func completed(t *testing.T, shell, script string, args ...string) string {
	t.Helper()
	home := t.TempDir()
	cmd := exec.Command(shell, append([]string{"-c", script, shell}, args...)...)
	cmd.Env = []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_DATA_HOME=" + home, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TERM=dumb"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", shell, err, out)
	}
	var words []string
	for line := range strings.Lines(string(out)) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), "\t") // fish says what it is behind it
		words = append(words, word)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// offered are lines as they are typed, and what each shell must offer for its last word.
var offered = map[string]string{
	"tallykey st":              "status stop",
	"tallykey phones r":        "remove rename",
	"tallykey settings set t":  "trial type-numbers",
	"tallykey daemon --no-":    "--no-mdns --no-tray",
	"tallykey requests --fo":   "--follow",
	"tallykey completion ba":   "bash",
	"tallykey nothing ":        "",
	"tallykey phones remove -": "--json",
}

// zsh finds the script in a folder of its path, as after an installation. Its own compadd adds to what is on the screen;
// this one prints what it would add, as far as it begins with what is typed.
const askZsh = `mkdir $HOME/f; print -r -- "$1" >$HOME/f/_tallykey; fpath=($HOME/f $fpath)
autoload -Uz compinit; compinit -u -d $HOME/dump
[[ $_comps[tallykey] == _tallykey ]] || { print "not found by compinit"; exit 1 }
compadd() { shift; for w; do [[ $w == $typed* ]] && print -r -- "$line=$w"; done; true }
shift
for line; do
	words=(${(s: :)line}); [[ $line == *' ' ]] && words+=(""); CURRENT=$#words; typed=$words[-1]
	_tallykey
done`

func TestCompletionInZsh(t *testing.T) {
	var lines, want []string
	for line, words := range offered {
		lines = append(lines, line)
		for _, word := range strings.Fields(words) {
			want = append(want, line+"="+word)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(strings.Join(want, " "), completed(t, "zsh", askZsh, append([]string{completionFor(t, "zsh")}, lines...)...)); diff != "" {
		t.Error(diff)
	}
}

func TestCompletionInFish(t *testing.T) {
	for line, want := range offered {
		script := completionFor(t, "fish") + "complete -C " + "'" + line + "'"
		if got := completed(t, "fish", script); got != want {
			t.Errorf("%q: %q; want %q", line, got, want)
		}
	}
}

// A help that stands in single quotes must have none.
func TestHelpCanStandInQuotes(t *testing.T) {
	for _, c := range commands() {
		if strings.ContainsAny(c.help, "'`$\\") {
			t.Errorf("%s: %s", c.name, c.help)
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

// The manual page is one that readers of such pages understand.
func TestManualPageIsRendered(t *testing.T) {
	out, err := exec.Command("groff", "-man", "-Tutf8", "-ww", "-z", "../../docs/tallykey.1").CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
