package service

import (
	"context"
	"maps"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/handler"

	"tallykey/daemon/api"
	"tallykey/daemon/socket"
)

// methods are what one connection may call. See package api for what each takes and gives.
func (d *Daemon) methods(c *socket.Conn) (jrpc2.Assigner, func()) {
	m := handler.Map{
		api.MethodCreate: handler.New(func(ctx context.Context, p api.CreateParams) (api.CreateResult, error) {
			return d.create(ctx, c, p)
		}),
		api.MethodGet: handler.New(func(ctx context.Context, p api.GetParams) (api.GetResult, error) {
			return d.get(ctx, c, p)
		}),
		api.MethodWatch: handler.New(func(ctx context.Context) (api.Snapshot, error) {
			return d.watch(c), nil
		}),
		api.MethodPair:               handler.New(d.pair),
		api.MethodStatus:             handler.New(d.status),
		api.MethodPhones:             handler.New(d.phones),
		api.MethodRemovePhone:        handler.New(d.removePhone),
		api.MethodRegistrations:      handler.New(d.registrations),
		api.MethodRemoveRegistration: handler.New(d.removeRegistration),
		api.MethodCancel:             handler.New(d.cancel),
		api.MethodReport:             handler.New(d.report),
		api.MethodAnotherWay:         handler.New(d.anotherWay),
		api.MethodPainted:            handler.New(d.painted),
		api.MethodActivity: handler.New(func(context.Context) ([]api.Activity, error) {
			return d.journal.Newest(), nil
		}),
		api.MethodStop: handler.New(func(context.Context) error {
			d.Stop()
			return nil
		}),
	}
	maps.Copy(m, d.choosing())
	maps.Copy(m, d.locking())
	maps.Copy(m, d.websites())
	return m, func() { d.unwatch(c) }
}

// maxToken bounds the client's token; it comes back as it was.
const maxToken = 64

func (d *Daemon) create(ctx context.Context, c *socket.Conn, p api.CreateParams) (api.CreateResult, error) {
	if err := d.pausedFor(p.Origin); err != nil {
		return api.CreateResult{}, err
	}
	var request string
	taken, err := d.taker(ctx, c, p.Token, &request)
	if err != nil {
		return api.CreateResult{}, err
	}
	core, err := d.ready(ctx)
	if err != nil {
		d.tellOfLock(err, p.Caller, "create")
		return api.CreateResult{}, socket.Fail(err, "")
	}
	result, err := core.engine.Create(ctx, p, c.Peer.Browser(), taken)
	return result, failed(err, request)
}

func (d *Daemon) get(ctx context.Context, c *socket.Conn, p api.GetParams) (api.GetResult, error) {
	if err := d.pausedFor(p.Origin); err != nil {
		return api.GetResult{}, err
	}
	var request string
	taken, err := d.taker(ctx, c, p.Token, &request)
	if err != nil {
		return api.GetResult{}, err
	}
	core, err := d.ready(ctx)
	if err != nil {
		d.tellOfLock(err, p.Caller, "get")
		return api.GetResult{}, socket.Fail(err, "")
	}
	result, err := core.engine.Get(ctx, p, c.Peer.Browser(), taken)
	return result, failed(err, request)
}

// taker tells the client that its request became a prompt, and remembers the prompt's id for the error.
func (d *Daemon) taker(ctx context.Context, c *socket.Conn, token string, request *string) (func(string), error) {
	if len(token) > maxToken {
		return nil, jrpc2.Errorf(jrpc2.InvalidParams, "token of %d bytes", len(token))
	}
	return func(id string) {
		*request = id
		if err := c.Push(ctx, api.NotifyTaken, api.Taken{Token: token, Request: id}); err != nil {
			d.log.Debug("client left before its request was taken", "err", err)
		}
	}, nil
}

func failed(err error, request string) error {
	if err == nil {
		return nil
	}
	return socket.Fail(err, request)
}

func (d *Daemon) pair(ctx context.Context) (api.Pairing, error) {
	core, err := d.ready(ctx)
	if err != nil {
		return api.Pairing{}, socket.Fail(err, "")
	}
	p, err := core.pair()
	return p, failed(err, "")
}

func (d *Daemon) phones(ctx context.Context) ([]api.Phone, error) {
	core, err := d.ready(ctx)
	if err != nil {
		return nil, socket.Fail(err, "")
	}
	return core.phones(), nil
}

func (d *Daemon) removePhone(ctx context.Context, p api.ByID) error {
	core, err := d.ready(ctx)
	if err != nil {
		return socket.Fail(err, "")
	}
	return failed(core.removePhone(ctx, p.ID), "")
}

func (d *Daemon) registrations(ctx context.Context) ([]api.Registration, error) {
	core, err := d.ready(ctx)
	if err != nil {
		return nil, socket.Fail(err, "")
	}
	return core.registrations(), nil
}

func (d *Daemon) removeRegistration(ctx context.Context, p api.ByID) (api.Removed, error) {
	core, err := d.ready(ctx)
	if err != nil {
		return api.Removed{}, socket.Fail(err, "")
	}
	removed, err := core.removeRegistration(ctx, p.ID)
	return removed, failed(err, "")
}

func (d *Daemon) cancel(ctx context.Context, p api.ByID) error { return d.act(p, (*core).cancel) }
func (d *Daemon) report(ctx context.Context, p api.ByID) error { return d.act(p, (*core).report) }

func (d *Daemon) anotherWay(ctx context.Context, p api.ByID) error {
	return d.act(p, (*core).anotherWay)
}

func (d *Daemon) act(p api.ByID, f func(*core, string) error) error {
	core := d.core.Load()
	if core == nil {
		return socket.Fail(api.Errorf(api.RequestUnknown, "%.32q", p.ID), "")
	}
	return failed(f(core, p.ID), "")
}

func (d *Daemon) painted(_ context.Context, p api.ByID) error {
	if d.surface != nil {
		d.surface.Painted(p.ID)
	}
	return nil
}
