package browsers

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

const usage = `usage: tallykey browsers install [--all] [--dir FOLDER] [--host PROGRAM] [--json]
       tallykey browsers list [--json]
       tallykey browsers remove [--json]

Tells browsers where tallykey is, by a small file in each browser's own folder.

  --all            also browsers that were never used here
  --dir FOLDER     only the Chromium that is started with --user-data-dir=FOLDER
  --host PROGRAM   the native messaging host; it is found beside tallykey otherwise
  --json           one JSON array instead of lines

  $ tallykey browsers install
  Chromium  installed  ~/.config/chromium/NativeMessagingHosts/org.tallykey.host.json
`

const (
	exitFailed = 1
	exitUsage  = 2
)

// Run is the command line after "tallykey browsers". It returns the exit code: 0, 1 if something failed or no browser
// was found to install for, 2 for a wrong command line.
func Run(args []string, stdout, stderr io.Writer, env Env) int {
	c, err := parse(args, env)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "tallykey browsers: %v\n%s", err, usage)
		return exitUsage
	}
	reports, err := c.work()
	if err != nil {
		fmt.Fprintf(stderr, "tallykey browsers: %v\ntallykey browsers: hint: name it with --host\n", err)
		return exitFailed
	}
	if err := c.print(stdout, reports); err != nil {
		fmt.Fprintf(stderr, "tallykey browsers: %v\n", err)
		return exitFailed
	}
	return c.judge(stderr, reports)
}

type command struct {
	verb string
	env  Env
	opts Options
	json bool
}

func parse(args []string, env Env) (*command, error) {
	if len(args) == 0 {
		return nil, errors.New("say install, list or remove")
	}
	c := &command{verb: args[0], env: env}
	flags := flag.NewFlagSet("browsers", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&c.opts.All, "all", false, "")
	flags.StringVar(&c.opts.Dir, "dir", "", "")
	flags.StringVar(&c.env.Host, "host", env.Host, "")
	flags.BoolVar(&c.json, "json", false, "")
	if strings.HasPrefix(c.verb, "-") {
		args = append([]string{""}, args...) // "--help" before any verb
	}
	if err := flags.Parse(args[1:]); err != nil {
		return nil, err
	}
	return c, c.check(flags.Args())
}

func (c *command) check(rest []string) error {
	if c.verb != "install" && c.verb != "list" && c.verb != "remove" {
		return fmt.Errorf("unknown command %q", c.verb)
	}
	if len(rest) > 0 {
		return fmt.Errorf("unknown argument %q", rest[0])
	}
	for _, path := range []*string{&c.opts.Dir, &c.env.Host} {
		if *path == "" {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = absolute
	}
	return nil
}

func (c *command) work() ([]Report, error) {
	switch c.verb {
	case "install":
		return Install(c.env, c.opts)
	case "remove":
		return Remove(c.env, c.opts), nil
	}
	return List(c.env, c.opts), nil
}

func (c *command) print(out io.Writer, reports []Report) error {
	if c.json {
		return json.NewEncoder(out).Encode(reports)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range reports {
		if r.State == NotFound {
			continue // a list of what a person does not have helps nobody
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, r.State, about(r))
	}
	return w.Flush()
}

func about(r Report) string {
	if r.Manifest == "" || r.Detail == "" {
		return r.Manifest + r.Detail
	}
	return r.Manifest + " (" + r.Detail + ")"
}

func (c *command) judge(stderr io.Writer, reports []Report) int {
	usable := false
	for _, r := range reports {
		if r.State == Failed {
			return exitFailed
		}
		usable = usable || r.State != NotFound && r.State != Sandboxed
	}
	if usable || c.verb != "install" {
		return 0
	}
	fmt.Fprint(stderr, "tallykey browsers: no browser found that can start tallykey\n",
		"tallykey browsers: hint: start the browser once, or use --all or --dir\n")
	return exitFailed
}
