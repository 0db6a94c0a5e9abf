package cli

import (
	"bytes"
	"strings"
	"testing"

	"rsc.io/qr"

	"tallykey/daemon/api/apitest"
)

// What stands in the terminal is the code, module by module, with its quiet zone of four (ISO/IEC 18004), dark on light.
func TestQRInTheTerminal(t *testing.T) {
	code, err := qr.Encode(apitest.Link, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	drawQR(&out, code)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if want := (code.Size + 8 + 1) / 2; len(lines) != want {
		t.Fatalf("%d lines, want %d", len(lines), want)
	}
	rows := map[rune][2]bool{'█': {true, true}, '▀': {true, false}, '▄': {false, true}, ' ': {}}
	for i, line := range lines {
		inner, light := strings.CutPrefix(line, "\x1b[30;107m")
		inner, ended := strings.CutSuffix(inner, "\x1b[0m")
		modules := []rune(inner)
		if !light || !ended || len(modules) != code.Size+8 {
			t.Fatalf("line %d has %d modules, begins light: %t, ends: %t", i, len(modules), light, ended)
		}
		for x, r := range modules {
			for half, dark := range rows[r] {
				if y := 2*i + half - 4; dark != code.Black(x-4, y) {
					t.Fatalf("module %d, %d is dark: %t", x-4, y, dark)
				}
			}
		}
	}
}
