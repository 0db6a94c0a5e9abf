package apitest_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
)

func start(t *testing.T) (*apitest.Server, *api.Client) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tallykey", "daemon.sock")
	s, err := apitest.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := api.Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); s.Close() })
	return s, c
}

func next(t *testing.T, c *api.Client) api.Event {
	t.Helper()
	select {
	case e, ok := <-c.Events():
		if !ok {
			t.Fatal("the connection ended")
		}
		return e
	case <-time.After(5 * time.Second):
		t.Fatal("no event")
	}
	panic("unreachable")
}

func TestARequestFromWaitingToCancelled(t *testing.T) {
	s, c := start(t)
	s.Put(apitest.Request(api.Waiting))
	snapshot, err := c.Watch(t.Context())
	if err != nil || len(snapshot.Requests) != 1 || snapshot.Requests[0].Number != "" {
		t.Fatalf("snapshot %+v, %v; want one request without a number", snapshot, err)
	}
	s.Put(apitest.Request(api.Delivered))
	if e := next(t, c); e.Request == nil || e.Request.Number != "26" {
		t.Fatalf("event %+v; want the number 26", e)
	}
	if err := c.Call(t.Context(), api.MethodCancel, api.ByID{ID: "r1"}, nil); err != nil {
		t.Fatal(err)
	}
	if e := next(t, c); e.Request.Code != api.CancelledOnDesktop || e.Request.Number != "" {
		t.Fatalf("event %+v; want cancelled_on_desktop and no number", e.Request)
	}
	err = c.Call(t.Context(), api.MethodReport, api.ByID{ID: "r1"}, nil)
	if !errors.Is(err, &api.Error{Code: api.RequestUnknown}) {
		t.Fatalf("a report after the end: %v; want request_unknown", err)
	}
	if call, err := s.Await(t.Context(), api.MethodReport); err != nil || call.ID != "r1" {
		t.Fatalf("recorded %+v, %v", call, err)
	}
}

func TestRemovingAPhoneTakesItsRegistrations(t *testing.T) {
	s, c := start(t)
	s.SetRegistrations(apitest.Registrations())
	if err := c.Call(t.Context(), api.MethodRemovePhone, api.ByID{ID: "p1"}, nil); err != nil {
		t.Fatal(err)
	}
	var left []api.Registration
	if err := c.Call(t.Context(), api.MethodRegistrations, nil, &left); err != nil || len(left) != 0 {
		t.Fatalf("registrations %v, %v; want none", left, err)
	}
}

func TestFailAndClose(t *testing.T) {
	s, c := start(t)
	s.Fail(api.MethodPair, api.LinkFailed)
	var pairing api.Pairing
	if err := c.Call(t.Context(), api.MethodPair, nil, &pairing); !errors.Is(err, &api.Error{Code: api.LinkFailed}) {
		t.Fatalf("pair: %v; want link_failed", err)
	}
	s.Fail(api.MethodPair, "")
	if err := c.Call(t.Context(), api.MethodPair, nil, &pairing); err != nil || pairing.Link != apitest.Link {
		t.Fatalf("pair: %+v, %v", pairing, err)
	}
	s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for range c.Events() {
	}
	if err := c.Call(ctx, api.MethodStatus, nil, nil); err == nil {
		t.Fatal("a call after the daemon went away worked")
	}
}
