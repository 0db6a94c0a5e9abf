package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"tallykey/phone/link"
)

// errUsage means that what is wrong was said.
var errUsage = errors.New("usage")

// flags parses a command's flags; every command has --json. Flags may stand before and after words, "phones --json remove
// ID", and what follows "--" are words. It returns the words that are left.
func (e env) flags(name, help string, args []string, add func(*flag.FlagSet)) (rest []string, asJSON bool, err error) {
	f := flag.NewFlagSet("tallykey "+name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.BoolVar(&asJSON, "json", false, "print JSON")
	if add != nil {
		add(f)
	}
	for len(args) > 0 {
		id := credential(f, args)
		if err := f.Parse(args[:id]); err != nil {
			return nil, false, e.badFlag(f, help, err)
		}
		dashes := id > f.NArg() && args[id-f.NArg()-1] == "--"
		if args = slices.Concat(f.Args(), args[id:]); dashes {
			return append(rest, args...), asJSON, nil
		}
		if len(args) > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	return rest, asJSON, nil
}

// credential is the index of the first argument that is a credential ID with a dash at its beginning, as one in 64 has,
// and no flag nor the value of one; len(args) if there is none. People copy IDs from a list and know nothing of "--".
func credential(f *flag.FlagSet, args []string) int {
	for i, arg := range args {
		id, err := link.B64.DecodeString(arg)
		if err == nil && len(id) >= link.MinCredential && arg[0] == '-' && (i == 0 || !wantsValue(f, args[i-1])) {
			return i
		}
	}
	return len(args)
}

func wantsValue(f *flag.FlagSet, arg string) bool {
	one := f.Lookup(strings.TrimLeft(arg, "-"))
	if one == nil || arg[0] != '-' {
		return false
	}
	b, ok := one.Value.(interface{ IsBoolFlag() bool })
	return !ok || !b.IsBoolFlag()
}

// badFlag says what is wrong with a flag, or what the command takes where the person asked.
func (e env) badFlag(f *flag.FlagSet, help string, err error) error {
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(e.out, "usage: tallykey %s\n\n%s", help, describe(f))
		return err
	}
	name, hint := f.Name(), f.Name()+" --help"
	what := strings.NewReplacer(" -", " --").Replace(err.Error())
	if unknown, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		what = fmt.Sprintf("no flag --%s; there are %s", unknown, strings.Join(flagNames(f), ", "))
		if near := nearest(unknown, flagNames(f)); near != "" {
			hint = f.Name() + " " + near
		}
	}
	fmt.Fprintf(e.err, "%s: %s\ntallykey: hint: %s\n", name, what, hint)
	return errUsage
}

func flagNames(f *flag.FlagSet) (all []string) {
	f.VisitAll(func(one *flag.Flag) { all = append(all, "--"+one.Name) })
	return all
}

// describe lists flags as they are typed, with what stands for their values.
func describe(f *flag.FlagSet) string {
	var b strings.Builder
	f.VisitAll(func(one *flag.Flag) {
		value, what := flag.UnquoteUsage(one)
		name := "--" + one.Name
		if value != "" {
			name += " " + strings.ToUpper(strings.ReplaceAll(value, " ", "-"))
		}
		if one.DefValue != "" && one.DefValue != "false" && one.DefValue != "0" && one.DefValue != "0s" {
			what += " (" + one.DefValue + ")"
		}
		fmt.Fprintf(&b, "  %-20s %s\n", name, what)
	})
	return b.String()
}

// none refuses words where a command takes none.
func (e env) none(command string, rest []string) error {
	if len(rest) == 0 {
		return nil
	}
	return e.wrong(fmt.Errorf("%s takes no word %q", command, rest[0]))
}

// nearest is the one of names that was probably meant; empty where none is near. A name may begin with dashes.
func nearest(typed string, names []string) string {
	i := slices.IndexFunc(names, func(name string) bool {
		plain := strings.TrimLeft(name, "-")
		return distance(typed, plain) <= 1+len(plain)/5 || len(typed) > 2 && strings.HasPrefix(plain, typed)
	})
	if i < 0 {
		return ""
	}
	return names[i]
}

// distance is how many letters must be changed, left out, put in or exchanged with the next to make one word of another.
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
