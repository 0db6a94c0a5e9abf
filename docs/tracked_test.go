package docs

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// maxTracked is above the largest picture and far below any program.
const maxTracked = 600_000 // bytes

// What is compiled is made by a command of this tree and does not stand in it: nobody could read it in a review, and it holds
// the paths of the machine that made it.
func TestNothingCompiledIsTracked(t *testing.T) {
	out, err := exec.Command("git", "-C", "..", "ls-files", "-z").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	if len(files) < 500 {
		t.Fatalf("%d files are tracked", len(files))
	}
	for _, name := range files {
		if data, err := os.ReadFile(filepath.Join("..", name)); err == nil && compiled(data) {
			t.Errorf("%s: %d bytes, made by a compiler or too large", name, len(data))
		}
	}
}

func compiled(data []byte) bool {
	for _, magic := range []string{"\x7fELF", "MZ", "\xcf\xfa\xed\xfe", "!<arch>\n"} {
		if bytes.HasPrefix(data, []byte(magic)) {
			return true
		}
	}
	return len(data) > maxTracked
}
