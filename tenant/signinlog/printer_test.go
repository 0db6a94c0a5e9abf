package signinlog

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"tallykey/tenant/store"
	"tallykey/tenant/store/storetest"
)

// tap gives what was written line by line.
type tap struct {
	bytes.Buffer
	lines chan string
}

func (t *tap) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		t.lines <- line
	}
	return t.Buffer.Write(p)
}

// Lines that come while the log is followed are printed once each, in their order, under one heading.
func TestFollow(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	db := storetest.New(t)
	log := func(request string) {
		t.Helper()
		if err := db.Log(ctx, store.Entry{Time: time.Date(2026, 11, 23, 14, 3, 12, 0, time.UTC), Request: request, Code: "timed_out"}); err != nil {
			t.Fatal(err)
		}
	}
	log("before")
	out := &tap{lines: make(chan string, 10)}
	tick, done := make(chan time.Time), make(chan error)
	go func() { done <- Follow(ctx, db, store.Filter{After: 1}, tick, NewPrinter(out, Values)) }()
	for _, request := range []string{"one", "two"} {
		log(request)
		tick <- time.Time{}
		for line := range out.lines {
			if strings.Contains(line, request) {
				break
			}
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := out.String(); strings.Contains(got, "before") || strings.Count(got, "\n") != 3 {
		t.Errorf("%s", got)
	}
}
