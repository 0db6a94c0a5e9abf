//go:build desktop

package main

import (
	"testing"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
)

// Without any X server the number is painted, with the keyboard on it: Enter does nothing, Escape cancels. A window that
// came later covers it, which Wayland lets no program forbid; the next request comes in front of that one, and so does a
// section that another process asks for.
func TestTheNumberOnWayland(t *testing.T) {
	s := startMain(t)
	s.env = s.StartWeston()
	s.daemon.Put(apitest.Request(api.Waiting))
	prompt := s.open("--view", "prompt")
	s.called(api.MethodPainted)
	s.daemon.Put(apitest.Request(api.Delivered))
	s.Accessible("2, 6. Twenty-six.")
	s.focus("mail.contoso.example")
	s.Picture("wayland")
	s.open("about")
	s.focus("About")

	second := apitest.Request(api.Queued)
	second.ID, second.Host, second.Domain = "r2", "wiki.fabrikam.example", "fabrikam.example"
	s.daemon.Put(second)
	s.daemon.Put(apitest.Ended(api.Declined))
	second.State, second.Number = api.Delivered, "73"
	s.daemon.Put(second)
	s.Accessible("7, 3. Seventy-three.")
	s.Await("the keyboard on it", func() bool { s.Xdotool("key", "Return", "Escape"); return s.cancelled("r2") })
	prompt.left()
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
