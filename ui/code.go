package main

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quietZone is the light margin around a QR code in modules (ISO/IEC 18004 section 6.3.8). Scanners fail without it,
// and on a dark desktop nothing else would give it.
const quietZone = 4

// Code is a QR code as the path of an SVG whose view box is Size by Size modules, the quiet zone included.
type Code struct {
	Size int    `json:"size"`
	Path string `json:"path"`
}

// newCode encodes text at error level M, which survives a smudged screen and keeps the modules large.
func newCode(text string) (Code, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return Code{}, fmt.Errorf("pairing code: %w", err)
	}
	var path strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			n := darkRun(c, x, y)
			if n > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quietZone, y+quietZone, n, n)
			}
			x += n
		}
	}
	return Code{Size: c.Size + 2*quietZone, Path: path.String()}, nil
}

// darkRun is how many dark modules stand in a row from x.
func darkRun(c *qr.Code, x, y int) (n int) {
	for x+n < c.Size && c.Black(x+n, y) {
		n++
	}
	return n
}
