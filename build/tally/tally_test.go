package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const goRun = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestA","Elapsed":0.1}
{"Action":"output","Package":"p","Test":"TestB","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p","Test":"TestB/sub"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p","Elapsed":0.2}
{"Action":"pass","Package":"q","Elapsed":1.5}
{"ImportPath":"r","Action":"build-output","Output":"r.go:1: undefined: x\n"}
{"Action":"fail","Package":"r","FailedBuild":"r"}
`

func TestGoTestCountsAndShowsOnlyWhatFailed(t *testing.T) {
	var out strings.Builder
	got, err := goTest(strings.NewReader(goRun), &out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Counts{Passed: 2, Failed: 1, Skipped: 1}, got); diff != "" {
		t.Error(diff)
	}
	want := "    a_test.go:7: got 1, want 2\nFAIL  p\nok    q  1.5s\nr.go:1: undefined: x\nFAIL  r\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestGoTestRefusesWhatIsNoRun(t *testing.T) {
	if _, err := goTest(strings.NewReader("FAIL p [build failed]"), &strings.Builder{}); err == nil {
		t.Error("plain text passed as a run")
	}
}

func TestSum(t *testing.T) {
	tests := []struct {
		name, want string
		files      []string
		fails      bool
	}{
		{name: "all well", files: []string{`{"numPassedTests":2,"success":true}`, `{"numPassedTests":3,"success":true}`}, want: "5 passed, 0 failed\n"},
		{name: "one failed", files: []string{`{"numPassedTests":2,"numFailedTests":1,"success":false}`}, want: "2 passed, 1 failed\n", fails: true},
		{name: "a file did not compile", files: []string{`{"numPassedTests":2,"success":false}`}, want: "2 passed, 1 failed\n", fails: true},
		{name: "a runner ran nothing", files: []string{`{"numPassedTests":2,"success":true}`, `{"success":true}`}, want: "2 passed, 0 failed\n", fails: true},
		{name: "skipped", files: []string{`{"numPassedTests":2,"numPendingTests":1,"success":true}`}, want: "2 passed, 0 failed, 1 skipped\n"},
		{name: "no JSON", files: []string{`{"numPassedTests":2,"success":true}`, `oops`}, want: "2 passed, 1 failed\n", fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			err := run(append([]string{"sum"}, written(t, tt.files)...), nil, &out)
			if (err != nil) != tt.fails || out.String() != tt.want {
				t.Errorf("got %q, error %v; want %q, failure %v", out.String(), err, tt.want, tt.fails)
			}
		})
	}
}

func TestSumFailsWhereARunnerLeftNothing(t *testing.T) {
	if err := sum([]string{filepath.Join(t.TempDir(), "none.json")}, &strings.Builder{}); err == nil {
		t.Error("a missing file passed")
	}
}

func written(t *testing.T, contents []string) (files []string) {
	t.Helper()
	dir := t.TempDir()
	for i, content := range contents {
		file := filepath.Join(dir, string(rune('a'+i))+".json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}
