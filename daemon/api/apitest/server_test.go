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
	case <-time.After(30 * time.Second):
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

// What one client changes, every client hears of, and the next answer has it.
func TestChangesAreTold(t *testing.T) {
	yes := true
	for _, test := range []struct {
		method string
		params any
		told   func(api.Event) bool
	}{
		{api.MethodRenamePhone, api.Rename{ID: "p1", Name: "Work phone"}, func(e api.Event) bool { return e.Phones != nil && (*e.Phones)[0].Name == "Work phone" }},
		{api.MethodRenamePhone, api.Rename{ID: "p1"}, func(e api.Event) bool { return e.Phones != nil && (*e.Phones)[0].Name == "Alice’s phone" }},
		{api.MethodSetMode, api.SetMode{ID: "c1", Mode: "type"}, func(e api.Event) bool { return e.Registrations != nil && (*e.Registrations)[0].Mode == "type" }},
		{api.MethodSetMode, api.SetMode{ID: "c1", Mode: "choose"}, func(e api.Event) bool { return e.Registrations != nil && (*e.Registrations)[0].Mode == "" }},
		{api.MethodRestore, api.ByID{ID: "c4"}, func(e api.Event) bool { return e.Registrations != nil && !(*e.Registrations)[3].Hidden }},
		{api.MethodChangeSettings, api.SettingsChange{Trial: &yes}, func(e api.Event) bool { return e.Settings != nil && e.Settings.Trial && e.Settings.StartAtLogin }},
		{api.MethodPause, api.AddPause{Seconds: 60}, func(e api.Event) bool {
			return e.Pauses != nil && len(*e.Pauses) == 1 && !(*e.Pauses)[0].Until.IsZero()
		}},
		{api.MethodResume, api.SiteParams{}, func(e api.Event) bool { return e.Pauses != nil && len(*e.Pauses) == 0 }},
	} {
		t.Run(test.method, func(t *testing.T) {
			s, c := start(t)
			s.SetRegistrations(apitest.Registrations())
			if _, err := c.Watch(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := c.Call(t.Context(), test.method, test.params, nil); err != nil {
				t.Fatal(err)
			}
			for !test.told(next(t, c)) { // it fails where no event comes
			}
		})
	}
}

func TestThePageToRenewARegistration(t *testing.T) {
	s, c := start(t)
	s.SetRegistrations(apitest.Registrations())
	for id, want := range map[string]string{"c1": "https://contoso.example/security/passkeys", "c4": "https://shop.example/"} {
		var page api.Page
		if err := c.Call(t.Context(), api.MethodManage, api.ByID{ID: id}, &page); err != nil || page.URL != want {
			t.Errorf("%s: %q, %v; want %q", id, page.URL, err, want)
		}
	}
	if err := c.Call(t.Context(), api.MethodManage, api.ByID{ID: "none"}, nil); !errors.Is(err, &api.Error{Code: api.RegistrationUnknown}) {
		t.Errorf("an unknown registration: %v", err)
	}
}
