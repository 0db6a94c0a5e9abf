package apitest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/handler"

	"tallykey/daemon/api"
)

func (s *Server) methods() handler.Map {
	return handler.Map{
		api.MethodStatus:             s.method(func(api.ByID) (any, error) { return s.status, nil }),
		api.MethodPhones:             s.method(func(api.ByID) (any, error) { return s.status.Phones, nil }),
		api.MethodRegistrations:      s.method(func(api.ByID) (any, error) { return s.registrations, nil }),
		api.MethodActivity:           s.method(func(api.ByID) (any, error) { return s.activity, nil }),
		api.MethodPainted:            s.method(func(api.ByID) (any, error) { return nil, nil }),
		api.MethodPair:               s.method(func(api.ByID) (any, error) { return s.pair(), nil }),
		api.MethodRemovePhone:        s.method(s.removePhone),
		api.MethodRemoveRegistration: s.method(s.removeRegistration),
		api.MethodCancel:             s.method(s.end(api.CancelledOnDesktop)),
		api.MethodReport:             s.method(s.end(api.Reported)),
		api.MethodCancelCall:         s.method(func(api.ByID) (any, error) { return nil, nil }),
		api.MethodWatch:              s.watch,
	}
}

// method records the call, fails it where Fail said so, and runs f under the lock.
func (s *Server) method(f func(api.ByID) (any, error)) jrpc2.Handler {
	return func(_ context.Context, req *jrpc2.Request) (any, error) {
		by := idOf(req)
		s.record(req.Method(), by.ID)
		s.mu.Lock()
		defer s.mu.Unlock()
		if code := s.failures[req.Method()]; code != "" {
			return nil, failure(code)
		}
		return f(by)
	}
}

func idOf(req *jrpc2.Request) (by api.ByID) {
	if req.HasParams() {
		req.UnmarshalParams(&by) // methods without an id have no use for it
	}
	return by
}

func (s *Server) record(method, id string) {
	select {
	case s.calls <- Call{method, id, time.Now()}:
	default: // nobody reads: this server is a picture's background
	}
}

func failure(code api.Code) error {
	row := code.Outcome()
	data, err := json.Marshal(api.ErrorData{Code: code, Error: row.Error, FallThrough: row.FallThrough})
	if err != nil {
		return err
	}
	return &jrpc2.Error{Code: api.ErrorCode, Message: row.En.Title, Data: data}
}

func (s *Server) watch(ctx context.Context, req *jrpc2.Request) (any, error) {
	s.record(req.Method(), "")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[jrpc2.ServerFromContext(ctx)] = true
	return api.Snapshot{Requests: slices.Clone(s.requests), Phones: s.status.Phones}, nil
}

// end ends the request that a client names, as the daemon does.
func (s *Server) end(code api.Code) func(api.ByID) (any, error) {
	return func(by api.ByID) (any, error) {
		i := slices.IndexFunc(s.requests, func(r api.Request) bool { return r.ID == by.ID })
		if i < 0 {
			return nil, failure(api.RequestUnknown)
		}
		r := s.requests[i]
		r.State, r.Code, r.Number = api.Ended, code, ""
		s.put(r)
		return nil, nil
	}
}

func (s *Server) pair() api.Pairing {
	s.pairings++
	now := time.Now()
	r := api.Request{ID: fmt.Sprintf("pair-%d", s.pairings), Action: "pair", State: api.Waiting,
		Started: now, Expires: now.Add(2 * time.Minute)}
	s.put(r)
	return api.Pairing{Request: r.ID, Link: Link, Expires: r.Expires}
}

func (s *Server) removePhone(by api.ByID) (any, error) {
	i := slices.IndexFunc(s.status.Phones, func(p api.Phone) bool { return p.ID == by.ID })
	if i < 0 {
		return nil, failure(api.PhoneUnknown)
	}
	phones := slices.Delete(slices.Clone(s.status.Phones), i, i+1)
	s.status.Phones = phones
	s.registrations = slices.DeleteFunc(slices.Clone(s.registrations), func(r api.Registration) bool { return r.Phone == by.ID })
	s.push(api.Event{Phones: &phones})
	return nil, nil
}

func (s *Server) removeRegistration(by api.ByID) (any, error) {
	i := slices.IndexFunc(s.registrations, func(r api.Registration) bool { return r.ID == by.ID })
	if i < 0 {
		return nil, failure(api.RegistrationUnknown)
	}
	s.registrations = slices.Delete(slices.Clone(s.registrations), i, i+1)
	return nil, nil
}
