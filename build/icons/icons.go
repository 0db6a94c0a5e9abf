// Package icons holds the pictures that desktops want as pixels: the tray's, which panels don't draw from SVG, and the
// application's. They are drawn from the mark in ui/look by render.go and committed, so that a build needs no tool for
// it. Programs import this package; it imports nothing of the project.
package icons

import (
	"embed"
	"fmt"
)

//go:generate go run render.go

//go:embed *.png
var files embed.FS

// Size is the width and height of tray icons in pixels: the mark's grid of 16 three times, which panels scale down.
const Size = 48

// Badge is what a tray icon says beside the mark. Shape says it too, never colour alone.
type Badge string

// The badges.
const (
	Plain   Badge = "ready"
	Waiting Badge = "waiting" // a dot: a request waits for an answer
	Away    Badge = "away"    // the phone's half is faint: no phone is connected
	Paused  Badge = "paused"  // two bars: the person wants no prompts
	Locked  Badge = "locked"  // a padlock: the keyring is locked
	Problem Badge = "problem" // a triangle
)

// String implements fmt.Stringer.
func (b Badge) String() string { return string(b) }

// Panel is the ground on which a tray icon stands.
type Panel string

// The panels. A panel does not tell its colour; on Unknown the mark has a middle tone with 3:1 on black and on white.
const (
	Light   Panel = "light"
	Dark    Panel = "dark"
	Unknown Panel = "unknown"
)

// String implements fmt.Stringer.
func (p Panel) String() string { return string(p) }

// Tray is the tray icon as PNG, Size by Size with transparency.
func Tray(b Badge, p Panel) []byte { return file(fmt.Sprintf("tray-%s-%s.png", b, p)) }

// App is the application's icon as PNG, 128 by 128.
func App() []byte { return file("app-128.png") }

func file(name string) []byte {
	data, err := files.ReadFile(name)
	if err != nil {
		panic("icons: " + err.Error()) // the names are constants and the files are embedded
	}
	return data
}
