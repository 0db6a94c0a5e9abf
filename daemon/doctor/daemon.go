package doctor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"tallykey/daemon/api"
)

// maxSocketPath is what the address of a Unix socket holds on every system, without its end.
const maxSocketPath = 103

// socket checks the place of the daemon's socket.
func socket(_ context.Context, e *Exam) []Result {
	if len(e.Socket) > maxSocketPath {
		return broken(fmt.Sprintf("The path of the daemon's socket has %d characters, more than a socket can have: %s.", len(e.Socket), e.Socket),
			"Set XDG_RUNTIME_DIR to a shorter path, as logging in does.")
	}
	folder := filepath.Dir(e.Socket)
	info, err := e.Stat(folder)
	switch {
	case err != nil:
		return ok("The daemon's socket will be " + e.Socket + ".") // the daemon makes the folder
	case !info.IsDir():
		return broken(fmt.Sprintf("There is a file where the folder of the daemon's socket must be: %s.", folder), "rm "+folder)
	case info.Mode().Perm()&0o077 != 0:
		remedy := "chmod 700 " + folder
		return one(Result{State: Warning, What: fmt.Sprintf("Others may look into the folder of the daemon's socket, %s.", folder),
			Remedy: remedy, repair: e.chmod(folder, 0o700, remedy)})
	}
	return ok("The daemon's socket is " + e.Socket + ".")
}

// daemon checks that one runs and answers.
func daemon(ctx context.Context, e *Exam) []Result {
	switch {
	case e.Err == nil:
		return ok(fmt.Sprintf("Runs since %s.", stamp(e.Daemon.Started)))
	case errors.Is(e.Err, api.ErrNotRunning):
		return broken("The daemon is not running.", e.startCommand(ctx))
	case errors.Is(e.Err, context.DeadlineExceeded):
		return broken("The daemon does not answer.", "pkill -CONT -x tallykey; tallykey stop || pkill -KILL -x tallykey; then: "+e.startCommand(ctx))
	}
	return broken(fmt.Sprintf("The daemon does not answer: %v.", e.Err), "tallykey stop; then: "+e.startCommand(ctx))
}

// startCommand is how this machine starts the daemon.
func (e *Exam) startCommand(ctx context.Context) string {
	if e.byService(ctx) {
		return "systemctl --user start tallykey"
	}
	return "tallykey daemon &"
}

// restartCommand is how it is ended and started.
func (e *Exam) restartCommand(ctx context.Context) string {
	if e.byService(ctx) {
		return "systemctl --user restart tallykey"
	}
	return "tallykey stop && tallykey daemon &"
}

// byService says whether the package's unit is there. Asking about it starts nothing.
func (e *Exam) byService(ctx context.Context) bool {
	state, err := e.Command(ctx, "systemctl", "--user", "show", "--property=LoadState", "--value", "tallykey.service")
	return err == nil && state == "loaded"
}

var version = withDaemon(func(ctx context.Context, e *Exam) []Result {
	if e.Daemon.Version == e.Version {
		return ok("tallykey " + e.Version + ".")
	}
	return warn(fmt.Sprintf("The daemon is version %s, this command is %s.", e.Daemon.Version, e.Version), e.restartCommand(ctx))
})

// Commands that turn the start at login on, and write its entry anew.
const (
	startAtLogin = "tallykey settings set start-at-login=on"
	startAnew    = "tallykey settings set start-at-login=off && " + startAtLogin
)

// start checks that the daemon will be there after the next login.
func start(_ context.Context, e *Exam) []Result {
	if !e.AtLogin() {
		return warn("tallykey does not start by itself: after the next login there is no daemon.", startAtLogin)
	}
	entry, err := e.ReadFile(e.Autostart)
	if err != nil {
		return ok("tallykey starts at login, for every user of this machine.")
	}
	starts := programOf(string(entry))
	if info, err := e.Stat(starts); starts == "" || err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
		return ok("tallykey starts at login.")
	}
	return broken(fmt.Sprintf("What should start at login is not there any more: %s.", starts), startAnew)
}

// programOf is the program of an autostart entry, where it is named by a path in quotes, as tallykey writes it.
func programOf(entry string) string {
	for line := range strings.Lines(entry) {
		value, ok := strings.CutPrefix(strings.TrimSpace(line), `Exec="/`)
		if !ok {
			continue
		}
		path, _, _ := strings.Cut(value, `"`)
		return "/" + strings.NewReplacer("%%", "%", `\\`, "").Replace(path)
	}
	return ""
}
