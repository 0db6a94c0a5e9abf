package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
)

// TestActivityFollowed runs the command beside a daemon that learns of one more end: it tells the old ones, oldest first,
// and the new one once.
func TestActivityFollowed(t *testing.T) {
	server := fakeDaemon(t)
	end := func(id string) api.Activity { return api.Activity{Request: id, Action: "get", Code: api.Approved} }
	server.SetActivity([]api.Activity{end("second"), end("first")})

	ctx, leave := context.WithCancel(t.Context())
	r, w := io.Pipe()
	result := make(chan error, 1)
	go func() {
		result <- runActivity(ctx, env{nil, w, io.Discard}, []string{"--follow", "--json"})
		w.Close()
	}()
	lines := json.NewDecoder(bufio.NewReader(r))
	want := func(id string) {
		t.Helper()
		var a api.Activity
		if err := lines.Decode(&a); err != nil || a.Request != id {
			t.Fatalf("told of %q, %v; want %q", a.Request, err, id)
		}
	}
	want("first")
	want("second")
	server.SetActivity([]api.Activity{end("third"), end("second")})
	server.Put(apitest.Request(api.Delivered)) // no end: nothing to tell
	server.Put(apitest.Ended(api.Approved))
	want("third")
	leave()
	select {
	case err := <-result:
		if err != nil {
			t.Errorf("a person who leaves is told of a failure: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it goes on after the person left")
	}
}

func TestActivityFollowedUntilTheDaemonStops(t *testing.T) {
	server := fakeDaemon(t)
	result := make(chan error, 1)
	go func() { result <- runActivity(t.Context(), env{nil, io.Discard, io.Discard}, []string{"--follow"}) }()
	if _, err := server.Await(t.Context(), api.MethodActivity); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if err := <-result; err == nil || codeIn(err) != api.DaemonStopped {
		t.Errorf("ended with %v", err)
	}
}

func codeIn(err error) api.Code {
	if end, ok := err.(*api.Error); ok {
		return end.Code
	}
	return ""
}
