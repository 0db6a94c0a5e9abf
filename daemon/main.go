// Command tallykey is the tray daemon and its command line: phone sign-in for the desktop.
package main

import (
	"os"

	"tallykey/daemon/cli"
)

func main() {
	os.Exit(cli.Main(cli.Named(os.Args[0], os.Args[1:]), os.Stdin, os.Stdout, os.Stderr))
}
