// Command tallykey-window is what tallykey shows on the desktop: the number of a sign-in, the code that pairs a phone,
// and the phones and registrations. It knows the daemon only through its local socket, and it lives for one view: the
// daemon starts it for each prompt, for a hidden window would hold 200 MB for ever.
//
// It is built with -tags desktop,production,webkit2_41. Without them it compiles on a machine without GTK, for tests and
// go vet, and says at start that it has no window.
package main

import (
	"embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"tallykey/daemon/api"
)

//go:embed all:frontend/dist
var page embed.FS

const usage = `usage: tallykey-window [--view prompt|pair|main]

  prompt  the sign-in that waits for an answer; the daemon starts this one
  pair    a code that pairs a phone
  main    phones, registrations, and what needs attention
`

func main() {
	closeInspector()
	flag.Usage = func() { fmt.Fprint(flag.CommandLine.Output(), usage) }
	view := flag.String("view", string(ViewMain), "")
	flag.Parse()
	if err := run(View(*view)); err != nil {
		fmt.Fprintln(os.Stderr, "tallykey-window:", err)
		os.Exit(1)
	}
}

// closeInspector shuts a door that WebKit opens to whoever sets the environment: an HTTP server that can read the number
// and press buttons. It runs before anything of GTK does.
func closeInspector() {
	os.Unsetenv("WEBKIT_INSPECTOR_SERVER")
	os.Unsetenv("WEBKIT_INSPECTOR_HTTP_SERVER")
}

// run shows the view until its window closes. A second window of a view ends at once and well: the first one shows
// everything that the second would.
func run(view View) error {
	if !view.valid() {
		return fmt.Errorf("no view %q; see --help", string(view))
	}
	lock, err := lockView(filepath.Dir(api.SocketPath()), view)
	if errors.Is(err, errShown) {
		return nil
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	return show(NewBridge(view, languageOf(os.Getenv), api.SocketPath()), darkDesktop())
}
