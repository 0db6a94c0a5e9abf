//go:build desktop

package main

import (
	"testing"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
)

// startWayland is a session whose programs know of no X server.
func startWayland(t *testing.T) *session {
	t.Helper()
	s := startMain(t)
	s.env = s.StartWeston()
	return s
}

// The number is painted on Wayland, too, with the keyboard on it: Enter does nothing, Escape cancels.
func TestTheNumberOnWayland(t *testing.T) {
	s := startWayland(t)
	s.open("about")
	s.Accessible("heading: About")
	s.daemon.Put(apitest.Request(api.Waiting))
	w := s.open("--view", "prompt")
	s.called(api.MethodPainted)
	s.daemon.Put(apitest.Request(api.Delivered))
	s.Accessible("2, 6. Twenty-six.")
	s.focus("mail.contoso.example")
	s.Picture("wayland")
	s.Xdotool("key", "Return")
	s.Xdotool("key", "Escape")
	if id := s.called(api.MethodCancel); id != "r1" {
		t.Errorf("cancelled %q", id)
	}
	w.left()
}

// A window that came later covers the number, which Wayland lets no program forbid. The next request comes in front of
// it again, and so does a section that another process asks for.
func TestTheNextNumberOnWaylandComesToTheFront(t *testing.T) {
	s := startWayland(t)
	first := apitest.Request(api.Delivered)
	s.daemon.Put(first)
	s.open("--view", "prompt")
	s.called(api.MethodPainted)
	s.open("about")
	s.focus("About")

	second := apitest.Request(api.Queued)
	second.ID, second.Host, second.Domain = "r2", "wiki.fabrikam.example", "fabrikam.example"
	s.daemon.Put(second)
	s.daemon.Put(apitest.Ended(api.Declined))
	second.State, second.Number = api.Delivered, "73"
	s.daemon.Put(second)
	s.Accessible("7, 3. Seventy-three.")
	s.Await("the keyboard on it", func() bool { s.Xdotool("key", "Escape"); return s.cancelled("r2") })
	s.open("phones").left()
	s.focus("Phones")
}

// cancelled says whether the window has cancelled the request by now.
func (s *session) cancelled(id string) bool {
	for {
		select {
		case c := <-s.daemon.Calls():
			if c.Method == api.MethodCancel && c.ID == id {
				return true
			}
		default:
			return false
		}
	}
}
