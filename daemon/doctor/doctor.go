// Package doctor finds out what keeps tallykey from working on this machine, and says for each thing how it stands, why,
// and which command repairs it.
//
// The checks are a table. They read the machine through Env only, so that a test can break each thing by itself. None of
// them shows a secret, and none changes anything: Fix does, and only what is safe to do unasked.
package doctor

import (
	"context"
	"io/fs"
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
}

// Env is the machine as the checks see it. All functions are needed; those that ask another program end with ctx.
type Env struct {
	Settings  error  // why config.json can't be read; nil: it can, or there is none
	Version   string // of this program
	Host      string // path where the native messaging host should be
	Window    string // path of the window program; empty: none was found
	Status    func(ctx context.Context) (api.Status, error)
	Stat      func(path string) (fs.FileInfo, error)
	Browsers  func() []browsers.Report
	PortHeld  func(port int) bool                                                    // some program has the UDP port
	Multicast func() error                                                           // joins mDNS's group on some network
	Command   func(ctx context.Context, name string, args ...string) (string, error) // its output; an error where it is missing or fails
	ReadFile  func(path string) ([]byte, error)
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
}

// Checks is the table, in the order in which things depend on each other.
var Checks = []Check{
	{"settings", settings}, {"program", program}, {"browsers", inBrowsers}, {"daemon", daemon}, {"version", version}, {"keyring", keyring},
	{"phone link", phoneLink}, {"network", network}, {"multicast", multicast}, {"firewall", firewall}, {"window", window},
	{"tray", tray}, {"notifications", notifications}, {"screen lock", screenLock}, {"clock", clock}, {"phones", phones},
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
			r.Safe = r.Remedy == installBrowsers
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

func one(r Result) []Result { return []Result{r} }

func ok(what string) []Result { return one(Result{State: OK, What: what}) }

func warn(what, remedy string) []Result {
	return one(Result{State: Warning, What: what, Remedy: remedy})
}

func broken(what, remedy string) []Result {
	return one(Result{State: Broken, What: what, Remedy: remedy})
}

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
			return one(Result{State: Skipped, What: "Can be looked at once the daemon runs."})
		}
		return f(ctx, e)
	}
}
