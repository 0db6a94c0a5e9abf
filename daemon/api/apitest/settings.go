package apitest

import (
	"slices"
	"time"

	"tallykey/daemon/api"
)

func (s *Server) changeSettings(c api.SettingsChange) (any, error) {
	now := s.status.Settings
	set(&now.StartAtLogin, c.StartAtLogin)
	set(&now.WebPush, c.WebPush)
	set(&now.TypeNumbers, c.TypeNumbers)
	set(&now.Trial, c.Trial)
	set(&now.Interfaces, c.Interfaces)
	s.status.Settings = now
	if s.status.Trial = nil; now.Trial {
		s.status.Trial = Trial()
	}
	s.push(api.Event{Settings: &now})
	return now, nil
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func (s *Server) pause(a api.AddPause) (any, error) {
	p := api.Pause{Origin: a.Origin}
	if a.Seconds > 0 {
		p.Until = time.Now().Add(time.Duration(a.Seconds) * time.Second)
	}
	s.setPauses(append(s.without(a.Origin), p))
	return p, nil
}

func (s *Server) resume(p api.SiteParams) (any, error) {
	s.setPauses(s.without(p.Origin))
	return nil, nil
}

// without are the pauses but for the one of the origin; never nil, for an event with null says nothing.
func (s *Server) without(origin string) []api.Pause {
	others := append([]api.Pause{}, s.status.Pauses...)
	return slices.DeleteFunc(others, func(p api.Pause) bool { return p.Origin == origin })
}

func (s *Server) setPauses(pauses []api.Pause) {
	s.status.Pauses = pauses
	s.push(api.Event{Pauses: &pauses})
}
