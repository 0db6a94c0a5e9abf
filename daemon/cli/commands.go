package cli

import (
	"context"
	"fmt"
	"strings"
)

// command is one word of the command line. args are those after the word.
type command struct {
	name  string
	help  string
	words string // what may follow, for completion: words and flags
	run   func(ctx context.Context, e env, args []string) error
}

// commands is the command line. The usage, completion and the manual page follow it.
func commands() []command {
	return []command{
		{"daemon", "run in the tray; other commands and the browser talk to it",
			"--name --phone-app --port --window --keyring --no-tray --no-mdns --verbose --json", runDaemon},
		{"pair", "show a code to pair a phone with, and wait for the phone", "--json", runPair},
		{"status", "say what runs, what is connected and what is wrong", "--json", runStatus},
		{"phones", `list paired phones; "remove" or "rename" one by its ID`, "remove rename --json", runPhones},
		{"registrations", `list accounts; "remove", "restore" or "renew" one by its ID`, "remove mode restore renew --json", runRegistrations},
		{"requests", `list what waits for a phone, with its number; "cancel" or "report" it, or give it to the browser ("another-way"); --follow goes on`,
			"cancel report another-way --follow --json", runRequests},
		{"activity", "list the last requests and how they ended; --follow goes on",
			"--follow --format --code --since --json", runActivity},
		{"pause", "raise no prompts, or none for one website; the browser takes over", "--for --json", runPause},
		{"resume", "raise prompts again", "--json", runResume},
		{"settings", `show the settings; "settings set NAME=VALUE" changes one`,
			"get set " + strings.Join(settingNames(), " ") + " --json", runSettings},
		{"keyring", `keep phones and registrations in an encrypted file: "init", "unlock", "lock", "passwd" or "status"`,
			"init unlock lock passwd status --json", runKeyring},
		{"doctor", "find what keeps tallykey from working, and how to repair it", "--fix --json", runDoctor},
		{"browsers", `"install", "list" or "remove" the connection to browsers`,
			"install list remove --all --dir --host --json", runBrowsers},
		{"login", "sign in to an OpenID Provider for terminals; without one, list the sign-ins", "--client-id --host --device --print --json", runLogin},
		{"logout", "end a sign-in of login, here and at the provider", "--json", runLogout},
		{"credential", `answer "git", "docker" or "kubectl" with a token of login`, "git docker kubectl --issuer --json", runCredential},
		{"completion", `print the completion of commands for "bash", "zsh" or "fish"`, "bash zsh fish --json", runCompletion},
		{"stop", "end the daemon", "--json", runStop},
		{"version", "print the version", "--json", runVersion},
	}
}

func usage() string {
	var b strings.Builder
	b.WriteString("tallykey: phone sign-in for the desktop\n\nusage: tallykey COMMAND [--json]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-15s %s\n", c.name, c.help)
	}
	b.WriteString(`
"tallykey COMMAND --help" says more. A first sign-in:

  $ tallykey daemon &
  $ tallykey browsers install
  $ tallykey pair
`)
	return b.String()
}
