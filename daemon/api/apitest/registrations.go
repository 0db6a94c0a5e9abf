package apitest

import (
	"slices"

	"tallykey/daemon/api"
)

// change applies f to a copy of the registration with the id and tells of it.
func (s *Server) change(id string, f func(*api.Registration)) (any, error) {
	i := slices.IndexFunc(s.registrations, func(r api.Registration) bool { return r.ID == id })
	if i < 0 {
		return nil, failure(api.RegistrationUnknown)
	}
	registrations := slices.Clone(s.registrations)
	f(&registrations[i])
	s.setRegistrations(registrations)
	return nil, nil
}

func (s *Server) removeRegistration(by api.ByID) (any, error) {
	i := slices.IndexFunc(s.registrations, func(r api.Registration) bool { return r.ID == by.ID })
	if i < 0 {
		return nil, failure(api.RegistrationUnknown)
	}
	s.setRegistrations(slices.Delete(slices.Clone(s.registrations), i, i+1))
	return nil, nil
}

func (s *Server) restore(by api.ByID) (any, error) {
	return s.change(by.ID, func(r *api.Registration) { r.Hidden = false })
}

func (s *Server) setMode(m api.SetMode) (any, error) {
	return s.change(m.ID, func(r *api.Registration) {
		if r.Mode = ""; m.Mode == "type" {
			r.Mode = m.Mode
		}
	})
}

func (s *Server) manage(by api.ByID) (any, error) {
	i := slices.IndexFunc(s.registrations, func(r api.Registration) bool { return r.ID == by.ID })
	if i < 0 {
		return nil, failure(api.RegistrationUnknown)
	}
	url, known := s.pages[s.registrations[i].RPID]
	if !known {
		url = "https://" + s.registrations[i].RPID + "/"
	}
	return api.Page{URL: url}, nil
}
