package doctor

import (
	"context"
	"errors"
	"fmt"

	"tallykey/daemon/api"
	"tallykey/native-messaging/browsers"
)

const installBrowsers = "tallykey browsers install"

// settings checks the file without which the daemon does not start.
func settings(_ context.Context, e *Exam) []Result {
	if e.Settings != nil {
		return broken(fmt.Sprintf("The settings can't be read: %v.", e.Settings), "Correct this file, or remove it.")
	}
	return ok("The settings can be read.")
}

// program checks what browsers start.
func program(_ context.Context, e *Exam) []Result {
	info, err := e.Stat(e.Host)
	switch {
	case err != nil || info.IsDir():
		return broken(fmt.Sprintf("Browsers can't start tallykey: there is no %s.", e.Host),
			"Install tallykey again; both programs belong in one folder.")
	case info.Mode()&0o111 == 0:
		return broken(fmt.Sprintf("Browsers can't start tallykey: %s is no program.", e.Host), "chmod +x "+e.Host)
	}
	return ok("Browsers start " + e.Host + ".")
}

// inBrowsers checks every browser that was used here.
func inBrowsers(_ context.Context, e *Exam) []Result {
	var out []Result
	usable := false
	for _, r := range e.Browsers() {
		if r.State == browsers.NotFound {
			continue
		}
		found := inBrowser(r)
		found.Name = r.Name
		usable = usable || found.State == OK
		out = append(out, found)
	}
	if len(out) == 0 {
		return warn("No browser was found that tallykey knows.",
			"Start your browser once, then: "+installBrowsers+" (or name its folder with --dir)")
	}
	if !usable {
		for i := range out {
			out[i].State = Broken // no browser at all can sign in
		}
	}
	return out
}

func inBrowser(r browsers.Report) Result {
	switch r.State {
	case browsers.Everyone:
		return Result{State: OK, What: "Knows where tallykey is, for every user of this machine."}
	case browsers.Installed, browsers.Already, browsers.Updated:
		return Result{State: OK, What: knows(r)}
	case browsers.Stale:
		return Result{State: Broken, What: "Has an outdated entry: it " + r.Detail + ".", Remedy: installBrowsers}
	case browsers.Sandboxed:
		return Result{State: Warning, What: "Runs in a sandbox: " + r.Detail + ".", Remedy: r.Remedy}
	case browsers.Failed:
		return Result{State: Broken, What: "Its entry can't be read: " + r.Detail + ".", Remedy: "ls -l " + r.Manifest}
	}
	return Result{State: Warning, What: "Does not know of tallykey.", Remedy: installBrowsers}
}

// knows adds what the person must do where the desktop starts tallykey for a browser in a sandbox.
func knows(r browsers.Report) string {
	if r.Remedy == "" {
		return "Knows where tallykey is."
	}
	return "Knows where tallykey is; " + r.Detail + ". If you said no: " + r.Remedy
}

// daemon checks that one runs and answers.
func daemon(_ context.Context, e *Exam) []Result {
	switch {
	case e.Err == nil:
		return ok(fmt.Sprintf("Runs since %s.", e.Daemon.Started.Local().Format("2006-01-02 15:04")))
	case errors.Is(e.Err, api.ErrNotRunning):
		return broken("The daemon is not running.", "tallykey daemon &")
	case errors.Is(e.Err, context.DeadlineExceeded):
		return broken("The daemon does not answer.", "tallykey stop; then: tallykey daemon &")
	}
	return broken(fmt.Sprintf("The daemon does not answer: %v.", e.Err), "tallykey stop; then: tallykey daemon &")
}

var version = withDaemon(func(_ context.Context, e *Exam) []Result {
	if e.Daemon.Version == e.Version {
		return ok("tallykey " + e.Version + ".")
	}
	return warn(fmt.Sprintf("The daemon is version %s, this command is %s.", e.Daemon.Version, e.Version),
		"tallykey stop && tallykey daemon &")
})

// window checks the program that shows the number large. Without it the notification has to do.
func window(_ context.Context, e *Exam) []Result {
	if e.Window == "" {
		return warn("There is no window: tallykey-window is missing. The number stands in the notification only.",
			"Install tallykey-window beside tallykey.")
	}
	info, err := e.Stat(e.Window)
	if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
		return broken(fmt.Sprintf("The window can't be started: %s is no program.", e.Window),
			"Install tallykey-window beside tallykey, or correct \"window\" in config.json.")
	}
	return ok("The window is " + e.Window + ".")
}

// Fix does what is safe to do unasked: it tells the browsers that were used here where tallykey is. It returns what it
// did, one line each.
func Fix(all []Result, install func() ([]browsers.Report, error)) ([]string, error) {
	wanted := false
	for _, r := range all {
		wanted = wanted || r.Safe
	}
	if !wanted {
		return nil, nil
	}
	reports, err := install()
	if err != nil {
		return nil, err
	}
	var done []string
	for _, r := range reports {
		if r.State == browsers.Installed || r.State == browsers.Updated {
			done = append(done, fmt.Sprintf("%s: %s", r.Name, r.State))
		}
	}
	return done, nil
}
