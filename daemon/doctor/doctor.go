// Package doctor finds out what keeps tallykey from working on this machine, and says for each thing how it stands, why,
// and which command repairs it.
//
// The checks are a table. They read the machine through Env only, so that a test can break each thing by itself; the
// tests in breaking break each of them on a real machine. None of the checks shows a secret, and none changes anything:
// Fix does, and only what is safe to do unasked.
package doctor

import (
	"context"
	"io/fs"
	"net/netip"
	"time"

	"tallykey/daemon/api"
	"tallykey/native-messaging/browsers"
)

// State is how one thing stands.
type State string

// The states. Broken means that sign-ins fail; a warning, that something is less than it could be or can't be known.
const (
	OK      State = "ok"
	Warning State = "warning"
	Broken  State = "broken"
	Skipped State = "skipped" // can't be looked at before something else is repaired
)

// String implements fmt.Stringer.
func (s State) String() string { return string(s) }

// Result is what a check found.
type Result struct {
	Name   string   `json:"name"`
	State  State    `json:"state"`
	What   string   `json:"what"`             // one sentence
	Remedy string   `json:"remedy,omitempty"` // a command, or what to do by hand
	Code   api.Code `json:"code,omitempty"`   // of the code table, where it has a row for it
	Safe   bool     `json:"safe,omitempty"`   // Fix repairs it
	Steps  []Result `json:"steps,omitempty"`  // of a way that was followed, in its order
	repair repair
}

// repair does what Remedy says and returns what it did, one line each.
type repair func() ([]string, error)

// Bus is one of the two message buses.
type Bus string

// The buses.
const (
	SessionBus Bus = "session"
	SystemBus  Bus = "system"
)

// String implements fmt.Stringer.
func (b Bus) String() string { return string(b) }

// Env is the machine as the checks see it. All functions are needed; those that ask another program end with ctx.
type Env struct {
	Settings  error  // why a file of settings can't be read; nil: they can, or there are none
	Version   string // of this program
	Host      string // path where the native messaging host should be
	Window    string // path of the window program; empty: none was found
	Socket    string // path of the daemon's socket
	Log       string // path of the activity log
	Autostart string // path of the person's entry that starts tallykey at login
	Desktop   string // which desktop this is, as XDG_CURRENT_DESKTOP says
	Status    func(ctx context.Context) (api.Status, error)
	Keyring   func(ctx context.Context) error // nil: it answers; else *api.Error
	AtLogin   func() bool                     // tallykey is started at login
	Ends      func() (all []api.Activity, damaged int, err error)
	Browsers  func() []browsers.Report
	Install   func() ([]browsers.Report, error) // tells browsers where tallykey is
	Networks  func() []string                   // names of interfaces that lead to phones

	Stat      func(path string) (fs.FileInfo, error)
	ReadFile  func(path string) ([]byte, error)
	Chmod     func(path string, mode fs.FileMode) error
	PortHeld  func(port int) bool // some program has the UDP port
	Multicast func() error        // joins mDNS's group on some network
	Resolve   func(ctx context.Context, host string) ([]netip.Addr, error)
	Command   func(ctx context.Context, name string, args ...string) (string, error) // its output; an error where it is missing or fails
	Offers    func(ctx context.Context, bus Bus, name string) bool                   // the service runs, or the bus can start it
	Property  func(ctx context.Context, bus Bus, name, path, property string) (any, error)
	Allowed   func(ctx context.Context, app string) string // what the person said when the portal asked for app: "yes", "no" or empty
	Now       func() time.Time
}

// Check is one row of the table. Run returns one result or, where there are several of a kind, one for each; Name is
// filled in where they leave it empty.
type Check struct {
	Name string
	Run  func(ctx context.Context, e *Exam) []Result
}

// Exam is one run of the checks: the machine, and the daemon's own account of itself.
type Exam struct {
	Env
	Daemon api.Status
	Err    error // why there is no account
	named  *Result
}

// Checks is the table, in the order in which things depend on each other.
var Checks = []Check{
	{"settings", settings}, {"activity log", activityLog}, {"program", program}, {"browsers", inBrowsers}, {"socket", socket},
	{"daemon", daemon}, {"version", version}, {"start", start}, {"extension", extension}, {"keyring", keyring},
	{"phone link", phoneLink}, {"certificate", certificate}, {"network", network}, {"multicast", multicast},
	{"announcement", announcement}, {"firewall", firewall}, {"window", window}, {"tray", tray}, {"notifications", notifications},
	{"screen lock", screenLock}, {"clock", clock}, {"pauses", pauses}, {"last requests", lastRequests}, {"trial", trial},
	{"push", push}, {"phones", phones},
}

// Run makes every check.
func Run(ctx context.Context, env Env) []Result {
	e := &Exam{Env: env}
	e.Daemon, e.Err = env.Status(ctx)
	var out []Result
	for _, c := range Checks {
		for _, r := range c.Run(ctx, e) {
			if r.Name == "" {
				r.Name = c.Name
			}
			r.Safe = r.repair != nil
			out = append(out, r)
		}
	}
	return out
}

// Worst is the worst state among results: Broken, Warning or OK.
func Worst(all []Result) State {
	worst := OK
	for _, r := range all {
		if r.State == Broken || r.State == Warning && worst == OK {
			worst = r.State
		}
	}
	return worst
}

// Fix does what is safe to do unasked, each thing once however many results need it. It returns what it did, one line
// each, also where the error says that something failed.
func Fix(all []Result) (done []string, err error) {
	tried := map[string]bool{}
	for _, r := range all {
		if r.repair == nil || tried[r.Remedy] {
			continue
		}
		tried[r.Remedy] = true
		lines, failed := r.repair()
		done = append(done, lines...)
		if failed != nil {
			err = failed
		}
	}
	return done, err
}

func one(r Result) []Result { return []Result{r} }

func ok(what string) []Result { return one(Result{State: OK, What: what}) }

func warn(what, remedy string) []Result {
	return one(Result{State: Warning, What: what, Remedy: remedy})
}

func broken(what, remedy string) []Result {
	return one(Result{State: Broken, What: what, Remedy: remedy})
}

func skipped(what string) []Result { return one(Result{State: Skipped, What: what}) }

// ofCode is a result in the words of the code table.
func ofCode(s State, code api.Code, detail string) []Result {
	t := code.Outcome().En
	what := t.Title + ". " + t.What
	if detail != "" {
		what += " (" + detail + ")"
	}
	return one(Result{State: s, What: what, Remedy: t.Remedy, Code: code})
}

// withDaemon skips a check that has nothing to look at without a daemon.
func withDaemon(f func(ctx context.Context, e *Exam) []Result) func(context.Context, *Exam) []Result {
	return func(ctx context.Context, e *Exam) []Result {
		if e.Err != nil {
			return skipped("Can be looked at once the daemon runs.")
		}
		return f(ctx, e)
	}
}

// withLink also skips one that needs the phone link to be open.
func withLink(f func(ctx context.Context, e *Exam) []Result) func(context.Context, *Exam) []Result {
	return withDaemon(func(ctx context.Context, e *Exam) []Result {
		if e.Daemon.Port == 0 {
			return skipped("Known once the phone link is open.")
		}
		return f(ctx, e)
	})
}
