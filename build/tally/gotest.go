package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// event is one line of go test -json (go doc test2json), as far as it is used.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build output
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

// report follows one run: it keeps what a test printed until it is known whether that is of interest.
type report struct {
	out    io.Writer
	said   map[string]*strings.Builder
	counts Counts
}

// goTest reads the events of go test -json, shows packages as they end and the output of what failed, and counts tests
// with their subtests. A package that failed without a failed test counts as one.
func goTest(in io.Reader, out io.Writer) (Counts, error) {
	r := &report{out: out, said: map[string]*strings.Builder{}, counts: Counts{Success: true}}
	for dec := json.NewDecoder(in); ; {
		var e event
		if err := dec.Decode(&e); errors.Is(err, io.EOF) {
			return r.counts, nil
		} else if err != nil {
			return Counts{}, fmt.Errorf("this is not the output of go test -json: %w", err)
		}
		r.see(e)
	}
}

func (r *report) see(e event) {
	switch e.Action {
	case "output":
		r.output(e.Package + " " + e.Test).WriteString(e.Output)
	case "build-output":
		r.output(e.ImportPath).WriteString(e.Output)
	case "pass", "fail", "skip":
		r.end(e)
	}
}

func (r *report) end(e event) {
	switch {
	case e.Test != "":
		r.endTest(e)
	case e.Action == "fail":
		r.counts.Success = false
		fmt.Fprintf(r.out, "%s%sFAIL  %s\n", r.output(e.FailedBuild), r.output(e.Package+" "), e.Package)
	case e.Action == "pass":
		took := time.Duration(e.Elapsed * float64(time.Second)).Round(10 * time.Millisecond)
		fmt.Fprintf(r.out, "ok    %s  %v\n", e.Package, took)
	}
}

func (r *report) endTest(e event) {
	said := r.output(e.Package + " " + e.Test)
	switch e.Action {
	case "pass":
		r.counts.Passed++
	case "skip":
		r.counts.Skipped++
	case "fail":
		r.counts.Failed++
		io.WriteString(r.out, said.String())
	}
	delete(r.said, e.Package+" "+e.Test)
}

func (r *report) output(of string) *strings.Builder {
	if r.said[of] == nil {
		r.said[of] = &strings.Builder{}
	}
	return r.said[of]
}
