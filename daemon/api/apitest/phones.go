package apitest

import (
	"slices"

	"tallykey/daemon/api"
)

// phone is the index of the phone with the id, or the failure of a method that names none.
func (s *Server) phone(id string) (int, error) {
	i := slices.IndexFunc(s.status.Phones, func(p api.Phone) bool { return p.ID == id })
	if i < 0 {
		return 0, failure(api.PhoneUnknown)
	}
	return i, nil
}

func (s *Server) renamePhone(r api.Rename) (any, error) {
	i, err := s.phone(r.ID)
	if err != nil {
		return nil, err
	}
	phones := slices.Clone(s.status.Phones)
	if _, renamed := s.names[r.ID]; !renamed {
		s.names[r.ID] = phones[i].Name
	}
	if phones[i].Name = r.Name; r.Name == "" {
		phones[i].Name = s.names[r.ID]
	}
	s.setPhones(phones)
	registrations := slices.Clone(s.registrations)
	for n := range registrations {
		if registrations[n].Phone == r.ID {
			registrations[n].PhoneName = phones[i].Name
		}
	}
	s.setRegistrations(registrations)
	return nil, nil
}

func (s *Server) removePhone(by api.ByID) (any, error) {
	i, err := s.phone(by.ID)
	if err != nil {
		return nil, err
	}
	s.setPhones(slices.Delete(slices.Clone(s.status.Phones), i, i+1))
	s.setRegistrations(slices.DeleteFunc(slices.Clone(s.registrations), func(r api.Registration) bool { return r.Phone == by.ID }))
	return nil, nil
}
