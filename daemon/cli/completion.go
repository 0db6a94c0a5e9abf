package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
)

func runCompletion(_ context.Context, e env, args []string) error {
	rest, asJSON, err := e.flags("completion", "completion bash|zsh|fish", args, nil)
	if err != nil {
		return err
	}
	shells := map[string]func(io.Writer){"bash": completeBash, "zsh": completeZsh, "fish": completeFish}
	if len(rest) != 1 || shells[rest[0]] == nil {
		fmt.Fprint(e.err, `usage: tallykey completion bash|zsh|fish

  bash   tallykey completion bash > ~/.local/share/bash-completion/completions/tallykey
  zsh    tallykey completion zsh > a folder of $fpath, as _tallykey
  fish   tallykey completion fish > ~/.config/fish/completions/tallykey.fish
`)
		return errUsage
	}
	if asJSON {
		var script strings.Builder
		shells[rest[0]](&script)
		return e.printJSON(map[string]string{"shell": rest[0], "script": script.String()})
	}
	shells[rest[0]](e.out)
	return nil
}

func names() []string {
	var all []string
	for _, c := range commands() {
		all = append(all, c.name)
	}
	return all
}

func completeBash(out io.Writer) {
	fmt.Fprint(out, `_tallykey() {
	local word=${COMP_WORDS[COMP_CWORD]} words
	case $COMP_CWORD:${COMP_WORDS[1]} in
	1:*) words="`+strings.Join(names(), " ")+`" ;;
`)
	for _, c := range commands() {
		fmt.Fprintf(out, "\t*:%s) words=%q ;;\n", c.name, c.words)
	}
	fmt.Fprint(out, `	*) words= ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _tallykey tallykey
`)
}

// completeZsh works as a file of $fpath, where its first call is the one that defines it, and where it is sourced.
func completeZsh(out io.Writer) {
	fmt.Fprint(out, "#compdef tallykey\n_tallykey() {\n\tif (( CURRENT == 2 )); then\n\t\tcompadd -- "+strings.Join(names(), " ")+
		"\n\t\treturn\n\tfi\n\tcase $words[2] in\n")
	for _, c := range commands() {
		fmt.Fprintf(out, "\t%s) compadd -- %s ;;\n", c.name, c.words)
	}
	fmt.Fprint(out, "\tesac\n}\nif [[ $funcstack[1] == _tallykey ]]; then\n\t_tallykey\nelse\n\tcompdef _tallykey tallykey\nfi\n")
}

func completeFish(out io.Writer) {
	fmt.Fprint(out, "complete -c tallykey -f\n")
	for _, c := range commands() {
		fmt.Fprintf(out, "complete -c tallykey -n __fish_use_subcommand -a %s -d '%s'\n", c.name, c.help)
		for _, w := range strings.Fields(c.words) {
			how := "-a " + w
			if flag, ok := strings.CutPrefix(w, "--"); ok {
				how = "-l " + flag
			}
			fmt.Fprintf(out, "complete -c tallykey -n '__fish_seen_subcommand_from %s' %s\n", c.name, how)
		}
	}
}
