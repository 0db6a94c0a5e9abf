// Package desktop is how the daemon meets the person: an icon in the tray, notifications, and the window with the number.
// Surface ties the three together; the daemon tells it every change of a request and it never holds the daemon up.
//
// None of them can approve anything. A notification shows the number and can report or cancel; the tray opens windows;
// the window is another process that talks to the daemon's socket like any client.
//
// Every D-Bus connection here is a private one. The connection that godbus shares in a process belongs to the keyring,
// which takes any signal on it for an answer of its own.
package desktop

import (
	"log/slog"
	"time"

	"tallykey/daemon/api"
)

// Actions are what a person can ask of the daemon here. Each runs on a goroutine of its own. Cancel and Report get the
// id of a request that may have ended meanwhile.
type Actions struct {
	Cancel func(id string)
	Report func(id string)       // "This isn't me"
	Pause  func(d time.Duration) // no prompts for any website
	Resume func(origin string)   // ends a pause; an empty origin is the one of every website
	Quit   func()
}

func ready() api.Part               { return api.Part{State: "ready"} }
func absent(detail string) api.Part { return api.Part{State: "absent", Detail: detail} }

func orDiscard(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}
