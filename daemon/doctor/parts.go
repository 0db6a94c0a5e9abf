package doctor

import (
	"context"
	"fmt"
	"time"

	"tallykey/daemon/api"
)

// keyring checks where registrations are kept. Without it nothing works.
var keyring = withDaemon(func(_ context.Context, e *Exam) []Result {
	return part(e.Daemon.Keyring, Broken, "The keyring is open.", "tallykey stop && tallykey daemon &")
})

// tray: many desktops have none, and that is normal.
var tray = withDaemon(func(_ context.Context, e *Exam) []Result {
	if p := e.Daemon.Tray; p.State == "absent" {
		return ok("No icon (" + p.Detail + "); nothing depends on it.")
	}
	return part(e.Daemon.Tray, Warning, "The icon is there.", "")
})

var notifications = withDaemon(func(_ context.Context, e *Exam) []Result {
	if p := e.Daemon.Notifications; p.State == "absent" {
		return absentNotifications(e, p)
	}
	return part(e.Daemon.Notifications, Warning, "The desktop shows notifications.", "")
})

// absentNotifications are a lack where there is a window, and leave no place for the number where there is none.
func absentNotifications(e *Exam, p api.Part) []Result {
	const remedy = "Install a notification service, for example: sudo apt install dunst"
	if e.Window == "" {
		return broken("Nothing can show the number: there is no window and no notification service ("+p.Detail+").", remedy)
	}
	return warn("The desktop has no notification service ("+p.Detail+"); the window has to do alone.", remedy)
}

var screenLock = withDaemon(func(_ context.Context, e *Exam) []Result {
	p := e.Daemon.ScreenLock
	if p.State == "ready" {
		return ok("The lock of the screen is known, " + p.Detail + ". While it is locked nothing is asked.")
	}
	return warn("Whether the screen is locked can't be known ("+p.Detail+"), so requests also come while it is.",
		"Use a screen locker that tells systemd-logind (LockedHint), or stop the daemon while you are away: tallykey stop")
})

// part judges a part of the daemon by its own account.
func part(p api.Part, bad State, good, remedy string) []Result {
	switch {
	case p.Code != "":
		return ofCode(bad, p.Code, p.Detail)
	case p.State == "ready":
		return ok(good)
	case p.State == "starting":
		return warn("It is just starting.", "Wait a moment, then: tallykey doctor")
	}
	return one(Result{State: bad, What: fmt.Sprintf("It is %s (%s).", p.State, p.Detail), Remedy: remedy})
}

// clock checks what certificates and pauses depend on.
func clock(ctx context.Context, e *Exam) []Result {
	const set = "sudo timedatectl set-ntp true"
	now := e.Now()
	switch last := lastKnown(e); {
	case now.Year() < firstYear || now.Year() > lastYear:
		return broken(fmt.Sprintf("The clock says %s.", now.Format("2006-01-02")), set)
	case last.After(now.Add(time.Minute)):
		return broken(fmt.Sprintf("The clock says %s, but tallykey has seen %s already.", stamp(now), stamp(last)), set)
	}
	if synced, err := e.Command(ctx, "timedatectl", "show", "--property=NTPSynchronized", "--value"); err == nil && synced == "no" {
		return warn("The clock is not set by the network.", set)
	}
	return ok("The clock says " + stamp(now) + ".")
}

// The years in which this program may run.
const firstYear, lastYear = 2026, 2100

func stamp(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// lastKnown is the latest time that the daemon tells of.
func lastKnown(e *Exam) time.Time {
	last := e.Daemon.Started
	for _, p := range e.Daemon.Phones {
		for _, t := range []time.Time{p.Paired, p.LastSeen} {
			if t.After(last) {
				last = t
			}
		}
	}
	return last
}

// phones checks each phone.
var phones = withDaemon(func(_ context.Context, e *Exam) []Result {
	if len(e.Daemon.Phones) == 0 {
		return warn("No phone is paired.", "tallykey pair")
	}
	var out []Result
	for _, p := range e.Daemon.Phones {
		r := phone(e, p)
		r.Name = p.Name
		out = append(out, r)
	}
	return out
})

func phone(e *Exam, p api.Phone) Result {
	open := fmt.Sprintf("Unlock the phone and open %s there, in the same network as this desktop.", e.Daemon.PhoneApp)
	switch {
	case p.Connected:
		return Result{State: OK, What: "Connected."}
	case p.LastSeen.IsZero():
		return Result{State: Warning, What: "Away; it has not connected since the daemon started.", Remedy: open}
	}
	return Result{State: Warning, What: fmt.Sprintf("Away since %s.", stamp(p.LastSeen)), Remedy: open}
}
