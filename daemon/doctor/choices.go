package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tallykey/daemon/api"
)

// activityLog checks the file without which the daemon does not start: it counts the pauses of accounts.
func activityLog(_ context.Context, e *Exam) []Result {
	all, damaged, err := e.Ends()
	switch {
	case err != nil:
		return broken(fmt.Sprintf("The activity log can't be read, so the daemon does not start: %v.", err), "mv "+e.Log+" "+e.Log+".old  # the pauses of accounts that it counts end with it")
	case damaged > 0:
		return warn(fmt.Sprintf("%d of %d lines of the activity log can't be read. What they told of is not counted.", damaged, damaged+len(all)),
			"Nothing needs to be done; they go when the log is full. It is "+e.Log)
	}
	return ok("The activity log can be read.")
}

// pauses checks what the person may have forgotten.
var pauses = withDaemon(func(_ context.Context, e *Exam) []Result {
	var out []Result
	for _, p := range e.Daemon.Pauses {
		r := Result{State: Warning, What: "Prompts are paused", Remedy: "tallykey resume"}
		if p.Origin != "" {
			r.What, r.Remedy = r.What+" for "+p.Origin, r.Remedy+" "+p.Origin
		}
		if r.What += " until you resume them."; !p.Until.IsZero() {
			r.What = strings.TrimSuffix(r.What, "you resume them.") + stamp(p.Until) + "."
		}
		out = append(out, r)
	}
	if out == nil {
		return ok("Nothing is paused.")
	}
	return out
})

// Ends that make a pattern: this many in a row, not long ago.
const (
	patternOf     = 3
	patternWithin = 24 * time.Hour
)

// lastRequests looks for a failure that repeats itself.
func lastRequests(_ context.Context, e *Exam) []Result {
	all, _, err := e.Ends()
	if err != nil {
		return skipped("Can be looked at once the activity log can be read.")
	}
	all = slices.DeleteFunc(all, func(a api.Activity) bool { return e.Now().Sub(a.Time) > patternWithin })
	if len(all) < patternOf {
		return ok("No failure repeats itself.")
	}
	last := all[len(all)-patternOf:]
	code := last[patternOf-1].Code
	wanted := slices.Contains([]string{"approved", "declined"}, code.Outcome().State) // by a person
	if wanted || slices.ContainsFunc(last, func(a api.Activity) bool { return a.Code != code }) {
		return ok("No failure repeats itself.")
	}
	r := ofCode(Warning, code, "")
	r[0].What = fmt.Sprintf("The last %d requests all ended so: %s", patternOf, r[0].What)
	return r
}

const trialOn = "tallykey settings set trial=on"

// trial checks that the phone app is where phones that were paired in a trial look for it.
var trial = withLink(func(_ context.Context, e *Exam) []Result {
	on := e.Daemon.Settings.Trial
	inTrial := slices.ContainsFunc(e.Daemon.Phones, func(p api.Phone) bool { return p.KeyProtection == "pin" })
	switch {
	case on && e.Daemon.Trial == nil && len(e.Daemon.Addresses) == 0:
		return skipped("Can be looked at once this desktop is in a network.")
	case on && e.Daemon.Trial == nil:
		return broken("The trial is on, but the phone app is not served.", "tallykey settings set trial=off && "+trialOn)
	case on:
		return ok("This desktop serves the phone app at " + e.Daemon.Trial.URL + ".")
	case inTrial:
		return warn("The trial is off, and a phone that was paired in it can't open its app from here.", trialOn)
	}
	return ok("The phone app is at " + e.Daemon.PhoneApp + ".")
})

// push checks that waking absent phones can work where the person wants it.
var push = withDaemon(func(_ context.Context, e *Exam) []Result {
	can := slices.ContainsFunc(e.Daemon.Phones, func(p api.Phone) bool { return p.Push })
	switch {
	case !e.Daemon.Settings.WebPush:
		return ok("Absent phones are not woken; open the app there when you sign in.")
	case !can && len(e.Daemon.Phones) > 0:
		return warn("Absent phones should be woken, but none lets itself be woken.",
			"Open the app on the phone and allow notifications in its settings there, or: tallykey settings set web-push=off")
	}
	return ok("Absent phones are woken.")
})
