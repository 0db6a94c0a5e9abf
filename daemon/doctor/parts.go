package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tallykey/daemon/api"
)

// slowKeyring is more than a keyring needs for a look at one item that is not there.
const slowKeyring = 500 * time.Millisecond

// keyring checks where registrations are kept, as the daemon found it and as it is now. Without it nothing works.
func keyring(ctx context.Context, e *Exam) []Result {
	if e.Err == nil && e.Daemon.Keyring.State != "ready" {
		return part(e.Daemon.Keyring, Broken, "", e.restartCommand(ctx))
	}
	began := e.Now()
	err := e.Keyring(ctx)
	took := e.Now().Sub(began)
	var why *api.Error
	switch {
	case errors.As(err, &why) && e.Err == nil:
		return ofCode(Broken, why.Code, "it answered when the daemon started, and does not any more: "+why.Detail)
	case errors.As(err, &why):
		return ofCode(Broken, why.Code, why.Detail)
	case err != nil:
		return ofCode(Broken, api.KeyringFailed, err.Error())
	case took > slowKeyring:
		return warn(fmt.Sprintf("The keyring is slow: it took %s to answer.", took.Round(time.Millisecond)),
			"Where this stays, log out and in: the keyring's service starts anew.")
	}
	return ok("The keyring is open.")
}

// tray: many desktops have none, and that is normal.
var tray = withDaemon(func(_ context.Context, e *Exam) []Result {
	p := e.Daemon.Tray
	if p.State != "absent" {
		return part(p, Warning, "The icon is there.", "")
	}
	r := Result{State: OK, What: "No icon (" + p.Detail + "); nothing depends on it."}
	if e.isDesktop("GNOME") {
		r.Remedy = "GNOME shows icons with an extension: sudo apt install gnome-shell-extension-appindicator, then log out and in"
	}
	return one(r)
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
