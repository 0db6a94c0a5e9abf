package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// draw fills the path as an SVG viewer does; it knows the one form that newCode writes.
func draw(t *testing.T, c Code) [][]bool {
	t.Helper()
	dark := make([][]bool, c.Size)
	for y := range dark {
		dark[y] = make([]bool, c.Size)
	}
	for _, run := range strings.Split(strings.TrimSuffix(c.Path, "z"), "z") {
		var x, y, n, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &n, &back); err != nil || n != back {
			t.Fatalf("path %q: %v", run, err)
		}
		for i := range n {
			dark[y][x+i] = true
		}
	}
	return dark
}

// The code in the pictures is one that a phone would read.
func TestPicturedCode(t *testing.T) {
	text, err := os.ReadFile("frontend/fake/code.json")
	if err != nil {
		t.Fatal(err)
	}
	var pictured struct {
		Link, Path string
		Size       int
	}
	if err := json.Unmarshal(text, &pictured); err != nil {
		t.Fatal(err)
	}
	c, err := newCode(pictured.Link)
	if err != nil || c.Size != pictured.Size || c.Path != pictured.Path {
		t.Errorf("%+v, %v", c, err)
	}
}
