//go:build ignore

// Command render draws the icons of this package from the mark in ui/look. It needs rsvg-convert (Debian:
// librsvg2-bin). Run it with go generate after the mark changed.
package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

const look = "../../ui/look"

// inks are the mark, the dot and the triangle on each panel: tokens of the look, and for a panel of unknown colour
// middle tones with 3:1 on black and on white.
var inks = map[string]struct{ mark, dot, triangle string }{
	"light":   {"#131820", "#274a86", "#7d4b00"},
	"dark":    {"#eef2f7", "#a3c1f4", "#f2c272"},
	"unknown": {"#7b8594", "#4f7fd0", "#b87a14"},
}

func main() {
	log.SetFlags(0)
	mark := readMark(filepath.Join(look, "symbolic.svg"))
	for panel, ink := range inks {
		for badge, svg := range map[string]string{
			"ready":   draw(mark, ink.mark, 1, "", ""),
			"away":    draw(mark, ink.mark, .3, "", ""),
			"waiting": draw(mark, ink.mark, 1, dot(4.75, "#000"), dot(3.5, ink.dot)),
			"paused":  draw(mark, ink.mark, 1, bars(4.5, "#000"), bars(2, ink.dot)),
			"locked":  draw(mark, ink.mark, 1, padlock(3, "#000"), padlock(0, ink.triangle)),
			"problem": draw(mark, ink.mark, 1, triangle(2.5, "#000"), triangle(0, ink.triangle)),
		} {
			convert([]byte(svg), 48, fmt.Sprintf("tray-%s-%s.png", badge, panel))
		}
	}
	app, err := os.ReadFile(filepath.Join(look, "app-icon.svg"))
	if err != nil {
		log.Fatal(err)
	}
	for _, size := range []int{48, 128, 256} {
		convert(app, size, fmt.Sprintf("app-%d.png", size))
	}
}

type svg struct {
	Paths []struct {
		D string `xml:"d,attr"`
	} `xml:"path"`
}

// readMark returns the two paths of the mark: the stock, which is the desktop's, and the foil, which is the phone's.
func readMark(name string) [2]string {
	data, err := os.ReadFile(name)
	if err != nil {
		log.Fatal(err)
	}
	var s svg
	if err := xml.Unmarshal(data, &s); err != nil || len(s.Paths) != 2 {
		log.Fatalf("%s: %d paths, %v; want the stock and the foil", name, len(s.Paths), err)
	}
	return [2]string{s.Paths[0].D, s.Paths[1].D}
}

// draw puts a badge on the mark; cut is what the badge takes away around itself, so that it stands free on any panel.
func draw(mark [2]string, ink string, foil float64, cut, badge string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<mask id="m"><rect width="16" height="16" fill="#fff"/>%s</mask>
<g mask="url(#m)" fill="%s"><path d="%s"/><path d="%s" opacity="%g"/></g>%s</svg>`, cut, ink, mark[0], mark[1], foil, badge)
}

func dot(r float64, fill string) string {
	return fmt.Sprintf(`<circle cx="12.25" cy="12.25" r="%g" fill="%s"/>`, r, fill)
}

func triangle(around float64, fill string) string {
	return fmt.Sprintf(`<path d="M11.75 8.5L15.5 15.5H8z" fill="%s" stroke="%s" stroke-width="%g" stroke-linejoin="round"/>`,
		fill, fill, around+.5)
}

// bars are two upright strokes.
func bars(width float64, stroke string) string {
	return fmt.Sprintf(`<path d="M10.25 9.75V14.75M14 9.75V14.75" stroke="%s" stroke-width="%g" stroke-linecap="round"/>`, stroke, width)
}

// padlock is a body and its bow.
func padlock(around float64, fill string) string {
	return fmt.Sprintf(`<g stroke="%s" stroke-linejoin="round"><path d="M10.5 11.5V10a1.75 1.75 0 0 1 3.5 0V11.5" fill="none" stroke-width="%g"/>
<path d="M9 11.5H15.5V15.5H9z" fill="%s" stroke-width="%g"/></g>`, fill, around+1.25, fill, around+.5)
}

func convert(svg []byte, size int, name string) {
	cmd := exec.Command("rsvg-convert", "-w", fmt.Sprint(size), "-h", fmt.Sprint(size), "-o", name)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(svg), os.Stderr
	if err := cmd.Run(); err != nil {
		log.Fatalf("%s: %v", name, err)
	}
}
