package web

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// colour is red, green and blue, each from 0 to 1, in sRGB.
type colour [3]float64

// The grounds of the look (tokens.css) on which the organisation's colour has to be read.
var (
	white     = colour{1, 1, 1}
	lightPage = mustColour("#f3f5f8")
	darkPage  = mustColour("#0f1319")
	darkCard  = mustColour("#181d25")
	ink       = mustColour("#0d1a30") // on a filled button in the dark
)

// legible is the least contrast of text (WCAG 2.2, 1.4.3).
const legible = 4.5

// parseColour reads "#274a86".
func parseColour(s string) (c colour, err error) {
	hex, ok := strings.CutPrefix(s, "#")
	n, err := strconv.ParseUint(hex, 16, 24)
	if !ok || len(hex) != 6 || err != nil {
		return c, fmt.Errorf("colour %q: six hex digits after # are needed, such as #274a86", s)
	}
	for i := range c {
		c[i] = float64(n>>(16-8*i)&0xff) / 255
	}
	return c, nil
}

func mustColour(s string) colour {
	c, err := parseColour(s)
	if err != nil {
		panic(err) // a constant of this file
	}
	return c
}

// String is the colour as CSS has it.
func (c colour) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c[0]*255)), int(math.Round(c[1]*255)), int(math.Round(c[2]*255)))
}

// rounded is the colour that String shows, so that contrast is that of what is shown.
func (c colour) rounded() colour { return mustColour(c.String()) }

// towards is the colour with a share of another in it.
func (c colour) towards(other colour, share float64) colour {
	for i := range c {
		c[i] += (other[i] - c[i]) * share
	}
	return c.rounded()
}

// luminance is the relative luminance of WCAG 2.2.
func (c colour) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// contrast is the contrast ratio of WCAG 2.2, from 1 to 21.
func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// shades are what the look makes of the one accent.
type shades struct{ accent, hover, on, soft, line colour }

// readable says whether all texts in these shades can be read.
func (s shades) readable(grounds ...colour) bool {
	for _, ground := range append(grounds, s.soft) {
		if contrast(s.accent, ground) < legible {
			return false
		}
	}
	return contrast(s.on, s.accent) >= legible && contrast(s.on, s.hover) >= legible
}

const steps = 64

// light darkens the organisation's colour as far as it must to be read on light grounds.
func light(c colour) (s shades) {
	for i := range steps {
		a := c.towards(colour{}, float64(i)/steps)
		s = shades{accent: a, hover: a.towards(colour{}, .2), on: white, soft: a.towards(white, .88), line: a.towards(white, .65)}
		if s.readable(white, lightPage) {
			break
		}
	}
	return s
}

// dark lightens it as far as it must to be read on dark grounds.
func dark(c colour) (s shades) {
	for i := range steps {
		a := c.towards(white, float64(i)/steps)
		s = shades{accent: a, hover: a.towards(white, .35), on: ink, soft: a.towards(darkCard, .86), line: a.towards(darkCard, .6)}
		if s.readable(darkPage, darkCard) {
			break
		}
	}
	return s
}

func (s shades) css() string {
	return fmt.Sprintf("--accent:%s;--accent-hover:%s;--on-accent:%s;--accent-soft:%s;--accent-line:%s;--info:%s;--info-soft:%s;--focus:%s",
		s.accent, s.hover, s.on, s.soft, s.line, s.accent, s.soft, s.accent)
}

// colours is the style sheet with the organisation's colour; it is empty where it has none.
func (s *Site) colours(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if s.Colour == "" {
		return
	}
	c := mustColour(s.Colour) // New has read it
	fmt.Fprintf(w, ":root{%s}\n@media (prefers-color-scheme: dark){:root{%s}}\n", light(c).css(), dark(c).css())
}
