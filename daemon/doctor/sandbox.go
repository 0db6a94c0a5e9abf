package doctor

import (
	"context"

	"tallykey/native-messaging/browsers"
)

// Browsers in a sandbox that something else starts the host for, by their ids in package browsers.
const (
	firefoxSnap    = "firefox-snap"
	firefoxFlatpak = "firefox-flatpak"
)

// The portal of the Snap is Ubuntu's addition to xdg-desktop-portal; upstream has the proxy instead.
const (
	portalName    = "org.freedesktop.portal.Desktop"
	portalPath    = "/org/freedesktop/portal/desktop"
	portalVersion = "org.freedesktop.portal.WebExtensions.version"
	proxyName     = "org.freedesktop.NativeMessagingProxy"
	snapFirefox   = "snap.firefox" // the browser's name in the portal's list of what the person allowed
)

// started judges a browser whose entry is as it should be. One in a sandbox also needs who starts the host for it.
func (e *Exam) started(ctx context.Context, r browsers.Report) Result {
	switch r.ID {
	case firefoxSnap:
		return e.byPortal(ctx, r)
	case firefoxFlatpak:
		return e.byProxy(ctx, r)
	}
	return Result{State: OK, What: "Knows where tallykey is."}
}

func (e *Exam) byPortal(ctx context.Context, r browsers.Report) Result {
	if _, err := e.Property(ctx, SessionBus, portalName, portalPath, portalVersion); err != nil {
		return Result{State: Warning, What: "Runs in a sandbox, and this desktop has no portal that starts tallykey for it.",
			Remedy: "Ubuntu's xdg-desktop-portal has it (sudo apt install xdg-desktop-portal, then log out and in). Elsewhere use Firefox " +
				"without the sandbox: https://support.mozilla.org/kb/install-firefox-linux"}
	}
	switch e.Allowed(ctx, snapFirefox) {
	case "yes":
		return Result{State: OK, What: "Knows where tallykey is, and the desktop may start it."}
	case "no":
		return Result{State: Warning, What: "You did not allow the desktop to start tallykey for it.", Remedy: r.Remedy}
	}
	return Result{State: OK, What: "Knows where tallykey is; " + r.Detail + "."}
}

func (e *Exam) byProxy(ctx context.Context, r browsers.Report) Result {
	if !e.Offers(ctx, SessionBus, proxyName) {
		return Result{State: Warning, What: "Runs in a sandbox, and this desktop has no xdg-native-messaging-proxy that starts tallykey for it.",
			Remedy: r.Remedy + " (install it first where it is missing), or use Firefox without the sandbox: " +
				"https://support.mozilla.org/kb/install-firefox-linux"}
	}
	return Result{State: OK, What: "Knows where tallykey is; " + r.Detail + "."}
}
