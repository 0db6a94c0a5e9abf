// Command tallykey-window is what tallykey shows on the desktop: the number of a sign-in, and a window with a section each
// for pairing, phones, registrations, activity, settings, health and the program itself. It knows the daemon only through
// its local socket. The prompt lives for one request, or for the next ones too while they come: the daemon starts it for
// each, for a hidden window would hold 200 MB for ever.
//
// It is built with -tags desktop,production,webkit2_41. Without them it compiles on a machine without GTK, for tests and
// go vet, and says at start that it has no window.
package main

import (
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tallykey/daemon/api"
)

//go:embed all:frontend/dist
var page embed.FS

const usage = `usage: tallykey-window [SECTION]
       tallykey-window --view prompt

The sections: pair, phones, registrations, activity, settings, doctor, about. A window that is open already shows the
section instead of a second one.

  --view prompt   the sign-in that waits for an answer; the daemon starts this one
`

func main() {
	closeInspector()
	chooseDisplay(os.Getenv, os.Setenv)
	view, section, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(view, section)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tallykey-window:", err)
		os.Exit(1)
	}
}

// parse reads the command line. The daemon asks for all its views with --view: "main" is the window without a section,
// "pair" the one with that section.
func parse(args []string, out io.Writer) (View, Section, error) {
	flags := flag.NewFlagSet("tallykey-window", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, usage) }
	view := flags.String("view", string(ViewMain), "")
	if err := flags.Parse(args); err != nil {
		return "", "", err
	}
	section := Section(flags.Arg(0))
	switch {
	case flags.NArg() > 1:
		return "", "", fmt.Errorf("one section, not %d; see --help", flags.NArg())
	case View(*view) == ViewPrompt && section == "":
		return ViewPrompt, "", nil
	case *view == string(SectionPair) && section == "":
		return ViewMain, SectionPair, nil
	case View(*view) == ViewMain && section.valid():
		return ViewMain, section, nil
	}
	return "", "", fmt.Errorf("no view %.40q with section %.40q; see --help", *view, string(section))
}

// closeInspector shuts a door that WebKit opens to whoever sets the environment: an HTTP server that can read the number
// and press buttons. It runs before anything of GTK does.
func closeInspector() {
	os.Unsetenv("WEBKIT_INSPECTOR_SERVER")
	os.Unsetenv("WEBKIT_INSPECTOR_HTTP_SERVER")
}

// run shows the view until its window closes. A second window of a view ends at once and well: the first one shows
// everything that the second would, and is told which section.
func run(view View, section Section) error {
	dir := filepath.Dir(api.SocketPath())
	lock, err := lockView(dir, view)
	if errors.Is(err, errShown) {
		if view == ViewMain {
			return handOver(dir, section)
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	b := NewBridge(view, section, languageOf(os.Getenv), api.SocketPath())
	if view == ViewMain {
		takers, err := takeOver(dir, b.show)
		if err != nil {
			return err
		}
		defer takers.Close()
	}
	return show(b, darkDesktop())
}
