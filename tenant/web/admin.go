package web

import (
	"net/http"
	"regexp"

	"tallykey/tenant/console"
)

// admin hands a request of somebody who is signed in to the admin pages, which decide whether it is one of an admin.
func (s *Site) admin(w http.ResponseWriter, v visit) {
	by := s.asker(v.Request, nil)
	s.console.Serve(w, v.Request, console.Visitor{User: v.user, Session: v.session, Address: by.Address.String(), Agent: by.Agent})
}

// adminPage is what an address of an admin page looks like. A confirmation leads back there and nowhere else.
var adminPage = regexp.MustCompile(`^/admin/[a-z0-9]+(/[a-z0-9]+){0,2}$`)
