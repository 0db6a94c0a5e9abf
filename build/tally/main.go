// Command tally counts tests over all runners, from what each of them wrote itself.
//
//	go test -json ./... | tally go out/tests/go.json     shows a run of go test as it happens and keeps its counts
//	tally sum out/tests/*.json                           prints "N passed, N failed" over all, and fails like they did
//
// A runner that ran no test counts as a failure: silence is what a broken harness looks like.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	switch {
	case len(args) == 2 && args[0] == "go":
		return watch(in, out, args[1])
	case len(args) >= 2 && args[0] == "sum":
		return sum(args[1:], out)
	}
	return errors.New("usage: tally go FILE | tally sum FILE [FILE]")
}

// watch shows a run of go test, writes its counts to file, and fails if the run did.
func watch(in io.Reader, out io.Writer, file string) error {
	counts, err := goTest(in, out)
	if err != nil {
		return err
	}
	data, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		return err
	}
	return counts.verdict("go test")
}

// sum prints the total of all files as the last line and fails if any runner failed or ran nothing.
func sum(files []string, out io.Writer) error {
	var total Counts
	var failures []error
	for _, file := range files {
		counts, err := read(file)
		if err == nil {
			err = counts.verdict(filepath.Base(file))
		}
		failures = append(failures, err)
		total.add(counts)
	}
	fmt.Fprintln(out, total)
	return errors.Join(failures...)
}
