package desktop

import (
	"tallykey/build/icons"
	"tallykey/daemon/api"
)

// TrayState is what the tray shows.
type TrayState struct {
	Badge icons.Badge
	Text  string // the first line of the menu and the tooltip
}

// TrayConfig is what a Tray does when it is used. The functions run on goroutines of their own; none may be nil but Part.
type TrayConfig struct {
	Language string // "en" or "de"
	Show     func() // the icon or the state line was chosen
	Pair     func()
	Open     func()
	Quit     func()
	Part     func(api.Part) // told whenever it changes
}
