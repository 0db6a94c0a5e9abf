package service

import (
	"context"
	"errors"

	"github.com/creachadair/jrpc2/handler"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/socket"
	"tallykey/phone/link"
)

// websites are the methods about what is registered where, other than the ceremonies themselves.
func (d *Daemon) websites() handler.Map {
	return handler.Map{
		api.MethodCandidates: handler.New(d.candidates),
		api.MethodSignal:     handler.New(d.signal),
		api.MethodSite:       handler.New(d.site),
		api.MethodRestore:    handler.New(d.restore),
		api.MethodSetMode:    handler.New(d.setMode),
		api.MethodManage:     handler.New(d.manage),
	}
}

// candidates: that there are none is an answer and no failure.
func (d *Daemon) candidates(ctx context.Context, p api.GetParams) ([]api.Registration, error) {
	none := []api.Registration{}
	if d.choices.PauseOf(p.Origin) != nil {
		return none, nil
	}
	core, err := d.ready(ctx)
	if err != nil {
		return nil, socket.Fail(err, "")
	}
	all, err := core.engine.Candidates(ctx, p)
	if errors.Is(err, &api.Error{Code: api.NotOurs}) || errors.Is(err, &api.Error{Code: api.NoPhone}) {
		return none, nil
	}
	if err != nil {
		return nil, socket.Fail(err, "")
	}
	return core.described(all), nil
}

func (d *Daemon) signal(ctx context.Context, p api.SignalParams) error {
	core, err := d.ready(ctx)
	if err != nil {
		return socket.Fail(err, "")
	}
	return failed(core.engine.Signal(ctx, p), "")
}

func (d *Daemon) site(ctx context.Context, p api.SiteParams) (api.Site, error) {
	core, err := d.ready(ctx)
	if err != nil {
		return api.Site{}, socket.Fail(err, "")
	}
	return api.Site{Registrations: core.described(core.engine.Known(p.Origin)), Pause: d.choices.PauseOf(p.Origin),
		Last: core.engine.LastEnd(p.Origin)}, nil
}

// restore undoes what a website's signal hid.
func (d *Daemon) restore(ctx context.Context, p api.ByID) error {
	return d.update(ctx, p.ID, func(r *registration.Registration) { r.Hidden = false })
}

// setMode: three numbers to choose from are the usual, so they are no demand.
func (d *Daemon) setMode(ctx context.Context, p api.SetMode) error {
	modes := map[string]link.Mode{string(link.Choose): "", string(link.Type): link.Type}
	mode, ok := modes[p.Mode]
	if !ok {
		return socket.Fail(api.Errorf(api.SettingInvalid, "mode %.16q", p.Mode), "")
	}
	return d.update(ctx, p.ID, func(r *registration.Registration) { r.Mode = mode })
}

func (d *Daemon) update(ctx context.Context, id string, change func(*registration.Registration)) error {
	core, err := d.ready(ctx)
	if err != nil {
		return socket.Fail(err, "")
	}
	credential, err := link.B64.DecodeString(id)
	if err == nil {
		err = core.store.Update(ctx, credential, change)
	} else {
		err = registration.ErrRegistrationUnknown
	}
	if err != nil {
		return socket.Fail(api.Errorf(registration.Code(err), "%v", err), "")
	}
	return nil
}

// manage asks the website where people manage their passkeys: there a registration is renewed.
func (d *Daemon) manage(ctx context.Context, p api.ByID) (api.Page, error) {
	core, err := d.ready(ctx)
	if err != nil {
		return api.Page{}, socket.Fail(err, "")
	}
	for _, r := range core.store.Registrations() {
		if encoded(r.Credential) != p.ID {
			continue
		}
		page, err := core.wellknown.PasskeyPage(ctx, r.RPID)
		if err != nil {
			return api.Page{}, socket.Fail(api.Errorf(api.PageUnknown, "%v", err), "")
		}
		return api.Page{URL: page}, nil
	}
	return api.Page{}, socket.Fail(api.Errorf(api.RegistrationUnknown, "%.64q", p.ID), "")
}
