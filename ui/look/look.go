// Package look holds what every surface of tallykey looks like: colours, type, spacing and parts as CSS, and the mark.
// The window, the phone app and the extension import the files themselves; Go programs that serve pages use this package.
package look

import "embed"

// Files are tokens.css, parts.css, logo.svg, symbolic.svg and app-icon.svg.
//
//go:embed *.css *.svg
var Files embed.FS
