package web

import (
	"fmt"
	"testing"
)

// Whatever colour an organisation has, every text in it can be read, in the light and in the dark, and a colour that can be
// read already stays as it is.
func TestColoursAreReadable(t *testing.T) {
	for n := 0; n < 1<<24; n += 4099 { // a prime: all over the cube
		c := mustColour(fmt.Sprintf("#%06x", n))
		if s := light(c); !s.readable(white, lightPage) {
			t.Errorf("%s in the light: %+v", c, s)
		}
		if s := dark(c); !s.readable(darkPage, darkCard) {
			t.Errorf("%s in the dark: %+v", c, s)
		}
	}
	if s := light(mustColour("#274a86")); s.accent.String() != "#274a86" {
		t.Errorf("changed without need: %s", s.accent)
	}
}

func TestContrast(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want string
	}{{"#000000", "#ffffff", "21.00"}, {"#777777", "#ffffff", "4.48"}, {"#274a86", "#ffffff", "8.71"}} {
		if got := fmt.Sprintf("%.2f", contrast(mustColour(c.a), mustColour(c.b))); got != c.want {
			t.Errorf("%s on %s: %s", c.a, c.b, got)
		}
	}
}

func TestColourSheet(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Colour = "#c8102e" })
	got := b.browser(t).get("/colours.css").is(200).has("--accent:#c8102e", "prefers-color-scheme: dark")
	if got.header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Error(got.header)
	}
	if got := newBench(t).browser(t).get("/colours.css").is(200); got.body != "" {
		t.Errorf("a colour that nobody chose: %s", got.body)
	}
	for _, bad := range []string{"red", "#12345", "#1234567", "123456", "#12345g", "#+12345", "#fff;}"} {
		if _, err := parseColour(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
