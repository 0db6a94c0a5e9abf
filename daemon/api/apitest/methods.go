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
	nothing := func(api.ByID) (any, error) { return nil, nil }
	return handler.Map{
		api.MethodStatus:             method(s, func(api.ByID) (any, error) { return s.status, nil }),
		api.MethodPhones:             method(s, func(api.ByID) (any, error) { return s.status.Phones, nil }),
		api.MethodRenamePhone:        method(s, s.renamePhone),
		api.MethodRemovePhone:        method(s, s.removePhone),
		api.MethodRegistrations:      method(s, s.listRegistrations),
		api.MethodRemoveRegistration: method(s, s.removeRegistration),
		api.MethodRestore:            method(s, s.restore),
		api.MethodSetMode:            method(s, s.setMode),
		api.MethodManage:             method(s, s.manage),
		api.MethodSettings:           method(s, func(api.ByID) (any, error) { return s.status.Settings, nil }),
		api.MethodChangeSettings:     method(s, s.changeSettings),
		api.MethodPauses:             method(s, func(api.ByID) (any, error) { return s.status.Pauses, nil }),
		api.MethodPause:              method(s, s.pause),
		api.MethodResume:             method(s, s.resume),
		api.MethodKeyring:            method(s, s.describeKeyring),
		api.MethodUnlockKeyring:      method(s, s.unlockKeyring),
		api.MethodLockKeyring:        method(s, s.lockKeyring),
		api.MethodActivity:           method(s, func(api.ByID) (any, error) { return s.activity, nil }),
		api.MethodPainted:            method(s, nothing),
		api.MethodPair:               method(s, func(api.ByID) (any, error) { return s.pair(), nil }),
		api.MethodCancel:             method(s, s.end(api.CancelledOnDesktop)),
		api.MethodReport:             method(s, s.end(api.Reported)),
		api.MethodAnotherWay:         method(s, s.end(api.AnotherWay)),
		api.MethodCancelCall:         method(s, nothing),
		api.MethodWatch:              s.watch,
	}
}

// method records the call, fails it where Fail said so, and runs f with the parameters under the lock.
func method[P any](s *Server, f func(P) (any, error)) jrpc2.Handler {
	return func(_ context.Context, req *jrpc2.Request) (any, error) {
		s.record(req)
		s.mu.Lock()
		defer s.mu.Unlock()
		if code := s.failures[req.Method()]; code != "" {
			return nil, failure(code)
		}
		var params P
		if req.HasParams() {
			if err := req.UnmarshalParams(&params); err != nil {
				return nil, err
			}
		}
		return f(params)
	}
}

func (s *Server) record(req *jrpc2.Request) {
	call := Call{Method: req.Method(), Time: time.Now()}
	if req.HasParams() {
		var by api.ByID
		req.UnmarshalParams(&call.Params)
		req.UnmarshalParams(&by) // methods without an id have no use for it
		call.ID = by.ID
	}
	select {
	case s.calls <- call:
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

// watch answers with what is there; from then on the connection gets events.
func (s *Server) watch(ctx context.Context, req *jrpc2.Request) (any, error) {
	s.record(req)
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
