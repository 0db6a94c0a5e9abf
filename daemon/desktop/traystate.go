package desktop

import (
	"slices"

	"tallykey/build/icons"
	"tallykey/daemon/api"
)

// TrayState is what the tray shows.
type TrayState struct {
	Badge icons.Badge
	Text  string // the tooltip
	Menu  []MenuEntry
}

// MenuEntry is a line of the tray's menu; one without a label is a separator. Choose runs on a goroutine of its own. An
// entry with Children opens them and is not chosen itself.
type MenuEntry struct {
	Key      string // what the entry is: it stays when the label changes, and no two entries have the same
	Label    string
	Choose   func()
	Children []MenuEntry
}

// sameMenu compares what a person sees.
func sameMenu(a, b []MenuEntry) bool {
	return slices.EqualFunc(a, b, func(a, b MenuEntry) bool {
		return a.Key == b.Key && a.Label == b.Label && sameMenu(a.Children, b.Children)
	})
}

// TrayConfig is what a Tray does when it is used. Activate runs on a goroutine of its own.
type TrayConfig struct {
	Activate func()         // the icon was clicked
	Part     func(api.Part) // told whenever it changes; may be nil
}
