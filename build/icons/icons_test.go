package icons_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"

	"tallykey/build/icons"
)

var (
	badges = []icons.Badge{icons.Plain, icons.Waiting, icons.Away, icons.Paused, icons.Locked, icons.Problem}
	panels = []icons.Panel{icons.Light, icons.Dark, icons.Unknown}
)

func decode(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestTrayIconsAreSquareAndDistinct(t *testing.T) {
	seen := map[string]string{}
	for _, p := range panels {
		for _, b := range badges {
			name, data := b.String()+" on "+p.String(), icons.Tray(b, p)
			if size := decode(t, data).Bounds().Size(); size != image.Pt(icons.Size, icons.Size) {
				t.Errorf("%s: %v", name, size)
			}
			if other := seen[string(data)]; other != "" {
				t.Errorf("%s and %s are the same picture", name, other)
			}
			seen[string(data)] = name
		}
	}
}

// The shapes alone tell the badges apart: people who see no colour, and panels that take it away, need that.
func TestBadgesDifferInShape(t *testing.T) {
	seen := map[string]icons.Badge{}
	for _, b := range badges {
		img := decode(t, icons.Tray(b, icons.Light))
		var shape []byte
		for y := range icons.Size {
			for x := range icons.Size {
				_, _, _, a := img.At(x, y).RGBA()
				shape = append(shape, byte(a>>14))
			}
		}
		if other, ok := seen[string(shape)]; ok {
			t.Errorf("%s and %s have the same shape", b, other)
		}
		seen[string(shape)] = b
	}
}

func TestMarkHasContrastOnItsPanel(t *testing.T) {
	white, black := color.Gray{255}, color.Gray{0}
	for p, grounds := range map[icons.Panel][]color.Color{icons.Light: {white}, icons.Dark: {black}, icons.Unknown: {white, black}} {
		mark := decode(t, icons.Tray(icons.Plain, p)).At(10, 24) // the middle of the stock
		for _, g := range grounds {
			if c := contrast(mark, g); c < 3 {
				t.Errorf("%s panel: contrast %.2f on %v; want 3 or more", p, c, g)
			}
		}
	}
}

// contrast is WCAG 2.2's contrast ratio.
func contrast(a, b color.Color) float64 {
	hi, lo := luminance(a), luminance(b)
	if hi < lo {
		hi, lo = lo, hi
	}
	return (hi + .05) / (lo + .05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= .04045 {
			return s / 12.92
		}
		return math.Pow((s+.055)/1.055, 2.4)
	}
	return .2126*linear(r) + .7152*linear(g) + .0722*linear(b)
}
