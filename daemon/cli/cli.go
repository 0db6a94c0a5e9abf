// Package cli is the command line of tallykey. It speaks to the daemon as every other client does, through package api.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"tallykey/daemon/api"
)

// Version is set by the build: -ldflags "-X tallykey/daemon/cli.Version=1.2.3".
var Version = "0.1.0-dev"

// Exit codes.
const (
	exitOK       = 0
	exitFailed   = 1
	exitUsage    = 2
	exitNoDaemon = 3
)

// env is what a command works with.
type env struct {
	in       io.Reader
	out, err io.Writer
}

// Main runs the command line and returns the process's exit code: 0 done, 1 failed, 2 wrong usage, 3 no daemon.
func Main(args []string, in io.Reader, out, err io.Writer) int {
	e := env{in, out, err}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		fmt.Fprint(out, usage())
		return exitOK
	}
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		hint := "tallykey help"
		if near := nearest(args[0], names()); near != "" {
			hint = "tallykey " + near
		}
		fmt.Fprintf(err, "tallykey: no command %q\ntallykey: hint: %s\n", args[0], hint)
		return exitUsage
	}
	return e.exit(all[i].run(ctx, e, args[1:]))
}

// exitCode is an error that only carries an exit code; what there was to say was said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// exit prints an error with its remedy and returns the exit code for it.
func (e env) exit(err error) int {
	var end *api.Error
	var code exitCode
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, api.ErrNotRunning):
		fmt.Fprintf(e.err, "tallykey: %v\ntallykey: hint: start it with: tallykey daemon\n", err)
		return exitNoDaemon
	case errors.As(err, &end):
		e.explain(end)
		return exitFailed
	}
	fmt.Fprintf(e.err, "tallykey: %v\n", err)
	return exitFailed
}

// explain renders an outcome: what it is called, what happened, what to do, and its code.
func (e env) explain(end *api.Error) {
	o := end.Code.Outcome()
	fmt.Fprintf(e.err, "tallykey: %s (%s)\ntallykey: %s\n", o.En.Title, o.Code, o.En.What)
	if o.En.Remedy != "" {
		fmt.Fprintf(e.err, "tallykey: hint: %s\n", o.En.Remedy)
	}
}

// call makes one call to the daemon.
func call(ctx context.Context, method string, params, result any) error {
	c, err := api.Dial(ctx, api.SocketPath())
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Call(ctx, method, params, result)
}

func (e env) printJSON(v any) error {
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
