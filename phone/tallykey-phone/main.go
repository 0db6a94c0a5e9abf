// Tallykey-phone is a phone for people who have none at hand, and for tests: it pairs with a desktop and answers its
// requests on the terminal or as JSON. It also serves the phone app, a web page, to real phones.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

const usage = `tallykey-phone: a phone for tallykey, on the terminal

usage: tallykey-phone COMMAND [--state FILE]

  pair    read a pairing link from standard input and pair with that desktop
  run     stay connected to all paired desktops and answer their requests
  list    list paired desktops and registrations
  forget  remove a registration
  leave   remove a desktop
  discover  list desktops that announce themselves on this network
  serve   serve the phone app, a web page, to real phones

"tallykey-phone COMMAND --help" says more. With the desktop's "tallykey pair" on
the screen:

  $ tallykey-phone pair        (paste the link, type the number)
  $ tallykey-phone run

The state file holds private keys without a screen lock: whoever can read it can
sign in. Use it to try things out, not for accounts that matter.
`

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e := env{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, terminal: openTerminal}
	os.Exit(e.main(ctx, os.Args[1:]))
}

// env is what the program works with.
type env struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	terminal func() (io.ReadCloser, error) // where the person types when the link came through a pipe
}

func openTerminal() (io.ReadCloser, error) { return os.Open("/dev/tty") }

type command struct {
	name string
	run  func(ctx context.Context, e env, args []string) error
}

var commands = []command{{"pair", pair}, {"run", run}, {"list", list}, {"forget", forget}, {"leave", leave},
	{"discover", discover}, {"serve", serve}}

func (e env) main(ctx context.Context, args []string) int {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		fmt.Fprint(e.out, usage)
		return exitOK
	}
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(e.err, "tallykey-phone: no command %q\ntallykey-phone: hint: tallykey-phone help\n", args[0])
		return exitUsage
	}
	return e.exit(commands[i].run(ctx, e, args[1:]))
}

// errUsage means that the flag package has already said what is wrong.
var errUsage = errors.New("usage")

func (e env) exit(err error) int {
	var end *virtual.EndError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.As(err, &end):
		explain(e.err, end.Code)
		return exitFailed
	}
	fmt.Fprintf(e.err, "tallykey-phone: %v\n", err)
	if hint := hints(err); hint != "" {
		fmt.Fprintf(e.err, "tallykey-phone: hint: %s\n", hint)
	}
	return exitFailed
}

func hints(err error) string {
	switch {
	case errors.Is(err, virtual.ErrInUse):
		return `end the "tallykey-phone run" that uses this state, or give another one with --state`
	case errors.Is(err, link.ErrOffer):
		return `paste the whole link that "tallykey pair" shows`
	}
	return ""
}

// settings are the flags that several commands have.
type settings struct {
	state, name           string
	push, protection      string
	json, debug, discover bool
}

// flags parses a command's flags. No command takes other arguments: what is secret must not be one, and a link that
// comes as one by mistake is not repeated.
func (e env) flags(name string, args []string, s *settings, more func(*flag.FlagSet)) error {
	f := flag.NewFlagSet("tallykey-phone "+name, flag.ContinueOnError)
	f.SetOutput(e.err)
	f.StringVar(&s.state, "state", e.statePath(), "`file` with the phone's keys")
	if more != nil {
		more(f)
	}
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if f.NArg() > 0 {
		fmt.Fprintf(e.err, "tallykey-phone: %s takes no arguments; a pairing link goes to standard input\n", name)
		return errUsage
	}
	return nil
}

func (s *settings) phoneFlags(f *flag.FlagSet) {
	f.StringVar(&s.name, "name", "", "what the phone calls itself when it pairs")
	f.BoolVar(&s.json, "json", false, "one JSON event a line on standard output; orders as JSON lines on standard input, with whose end the phone ends:\n"+
		`{"id": REQUEST, "decision": "approve", "number": "26"}, also decline, report, fail, ignore; {"pair": LINK}; `+
		`{"forget": CREDENTIAL}; {"leave": DESKTOP}`)
	f.StringVar(&s.push, "push", "", "`file` with a push subscription for the desktops, as JSON: endpoint, p256dh, auth, vapid")
	f.StringVar(&s.protection, "key-protection", "", "how keys are said to be kept: `device`, prf or pin")
	f.BoolVar(&s.discover, "discover", false, "find desktops by mDNS alone, not at their last addresses")
	f.BoolVar(&s.debug, "debug", false, "log to standard error")
}

func (e env) statePath() string {
	dir := e.getenv("XDG_STATE_HOME")
	if dir == "" {
		dir = filepath.Join(e.getenv("HOME"), ".local", "state")
	}
	return filepath.Join(dir, "tallykey-phone", "state.json")
}

func (e env) logger(s settings) *slog.Logger {
	level := slog.LevelWarn
	if s.debug {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(e.err, &slog.HandlerOptions{Level: level}))
}
