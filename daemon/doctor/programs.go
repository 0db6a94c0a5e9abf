package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"tallykey/native-messaging/browsers"
)

const installBrowsers = "tallykey browsers install"

// settings checks the files by which the daemon starts and what the person chose.
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
		remedy := "chmod 755 " + e.Host
		return one(Result{State: Broken, What: fmt.Sprintf("Browsers can't start tallykey: %s is no program.", e.Host),
			Remedy: remedy, repair: e.chmod(e.Host, 0o755, remedy)})
	}
	return ok("Browsers start " + e.Host + ".")
}

func (e *Exam) chmod(path string, mode fs.FileMode, said string) repair {
	return func() ([]string, error) {
		if err := e.Chmod(path, mode); err != nil {
			return nil, err
		}
		return []string{said}, nil
	}
}

// install tells the browsers that were used here where tallykey is.
func (e *Exam) install() ([]string, error) {
	reports, err := e.Install()
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

// inBrowsers checks every browser that was used here.
func inBrowsers(ctx context.Context, e *Exam) []Result {
	var out []Result
	usable := false
	for _, r := range e.Browsers() {
		if r.State == browsers.NotFound {
			continue
		}
		found := e.inBrowser(ctx, r)
		found.Name = r.Name
		if found.Remedy == installBrowsers {
			found.repair = e.install
		}
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

func (e *Exam) inBrowser(ctx context.Context, r browsers.Report) Result {
	switch r.State {
	case browsers.Everyone:
		return Result{State: OK, What: "Knows where tallykey is, for every user of this machine."}
	case browsers.Installed, browsers.Already, browsers.Updated:
		return e.started(ctx, r)
	case browsers.Stale:
		return Result{State: Broken, What: "Has an outdated entry: it " + r.Detail + ".", Remedy: installBrowsers}
	case browsers.Sandboxed:
		return Result{State: Warning, What: "Runs in a sandbox: " + r.Detail + ".", Remedy: r.Remedy}
	case browsers.Failed:
		return Result{State: Broken, What: "Its entry can't be read: " + r.Detail + ".", Remedy: "ls -l " + r.Manifest}
	}
	return Result{State: Warning, What: "Does not know of tallykey.", Remedy: installBrowsers}
}

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

// extension checks that the other half in the browser is there, and fits.
var extension = withDaemon(func(_ context.Context, e *Exam) []Result {
	if len(e.Daemon.Browsers) == 0 {
		return warn("No browser's extension has said hello yet.",
			"Install the tallykey extension in your browser, then open any website there.")
	}
	var out []Result
	for _, b := range e.Daemon.Browsers {
		found := Result{State: OK, What: fmt.Sprintf("%s has version %s, seen %s.", b.Name, b.Extension, stamp(b.Seen))}
		switch {
		case older(b.Extension, e.Daemon.Version):
			found.State, found.Remedy = Warning, "Update the extension in "+b.Name+": its page of extensions has a button for it."
		case older(e.Daemon.Version, b.Extension):
			found.State, found.Remedy = Warning, "Update tallykey to "+b.Extension+"."
		}
		if found.State == Warning {
			found.What = fmt.Sprintf("The extension in %s is version %s, the daemon %s.", b.Name, b.Extension, e.Daemon.Version)
		}
		out = append(out, found)
	}
	return out
})

// older compares the first two numbers of versions: what changes behind them changes no protocol. What is no version is
// not older.
func older(a, b string) bool {
	var a1, a2, b1, b2 int
	if _, err := fmt.Sscanf(a, "%d.%d", &a1, &a2); err != nil {
		return false
	}
	if _, err := fmt.Sscanf(b, "%d.%d", &b1, &b2); err != nil {
		return false
	}
	return a1 < b1 || a1 == b1 && a2 < b2
}

// isDesktop says whether this desktop is one of that name.
func (e *Exam) isDesktop(name string) bool {
	for _, d := range strings.Split(e.Desktop, ":") {
		if strings.EqualFold(d, name) {
			return true
		}
	}
	return false
}
