package service

import (
	"context"
	"path/filepath"
	"time"

	"github.com/creachadair/jrpc2/handler"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/settings"
	"tallykey/daemon/socket"
)

// openChoices reads what the person chose. A file that can't be read stops nothing: the strictest choices hold then.
func openChoices(cfg Config) *settings.Store {
	c := cfg.Settings
	c.Log = cfg.Log
	if c.Path == "" {
		c.Path = filepath.Join(cfg.State, "settings.json")
	}
	return settings.Open(c)
}

// followChoices makes every part do what the person chose, now and after each change.
func (d *Daemon) followChoices() {
	before := d.choices.Get()
	d.networks.Set(before.Interfaces)
	d.choices.Watch(func(s api.Settings) {
		d.networks.Set(s.Interfaces)
		if core := d.core.Load(); core != nil {
			core.followPush(s)
			core.followTrial(s.Trial)
			if s.WebPush != before.WebPush {
				core.hub.Refresh() // phones that are there tell their subscription now and not when they come again
			}
		}
		before = s
		d.tell(api.Event{Settings: &s})
	})
	d.surface.Pauses(d.choices.Pauses())
	d.choices.WatchPauses(func(all []api.Pause) {
		d.surface.Pauses(all)
		d.tell(api.Event{Pauses: &all})
	})
	d.surface.Problem(d.choicesCode())
}

// choicesCode is what is wrong with the settings' file.
func (d *Daemon) choicesCode() api.Code {
	if fault := d.choices.Fault(); fault != nil {
		return fault.Code
	}
	return ""
}

// choosing are the methods for what the person chooses.
func (d *Daemon) choosing() handler.Map {
	return handler.Map{
		api.MethodSettings: handler.New(func(context.Context) (api.Settings, error) { return d.choices.Get(), nil }),
		api.MethodChangeSettings: handler.New(func(_ context.Context, c api.SettingsChange) (api.Settings, error) {
			s, err := d.choices.Change(c)
			return s, failed(err, "")
		}),
		api.MethodPauses: handler.New(func(context.Context) ([]api.Pause, error) { return d.choices.Pauses(), nil }),
		api.MethodPause: handler.New(func(_ context.Context, p api.AddPause) (api.Pause, error) {
			pause, err := d.choices.Pause(p)
			return pause, failed(err, "")
		}),
		api.MethodResume: handler.New(func(_ context.Context, p api.SiteParams) error {
			return failed(d.choices.Resume(p.Origin), "")
		}),
		api.MethodBrowser: handler.New(func(_ context.Context, b api.Browser) error {
			return failed(d.choices.Hello(b), "")
		}),
		api.MethodRenamePhone: handler.New(d.renamePhone),
	}
}

// pausedFor fails with api.PromptsPaused where the person wants no prompt for an origin: the browser's own WebAuthn takes
// over. Nobody was asked, so it counts as no end and stands in no log.
func (d *Daemon) pausedFor(origin string) error {
	if d.choices.PauseOf(origin) == nil {
		return nil
	}
	return socket.Fail(api.Errorf(api.PromptsPaused, ""), "")
}

// pauseAll is the tray's: whole seconds, and a failure is in the log, for a menu can't show one.
func (d *Daemon) pauseAll(length time.Duration) {
	if _, err := d.choices.Pause(api.AddPause{Seconds: max(1, int(length.Round(time.Second)/time.Second))}); err != nil {
		d.log.Warn("pause", "err", err)
	}
}

func (d *Daemon) resume(origin string) {
	if err := d.choices.Resume(origin); err != nil {
		d.log.Warn("resume", "err", err)
	}
}

func (d *Daemon) renamePhone(ctx context.Context, p api.Rename) error {
	core, err := d.ready(ctx)
	if err != nil {
		return socket.Fail(err, "")
	}
	if _, known := core.store.Phone(p.ID); !known {
		return socket.Fail(api.Errorf(api.PhoneUnknown, "%.32q", p.ID), "")
	}
	if err := d.choices.Rename(p.ID, p.Name); err != nil {
		return socket.Fail(err, "")
	}
	core.registrationsChanged()
	d.phonesChanged()
	return nil
}

// unname forgets the name of a phone that is removed; a failure leaves a line that nobody reads.
func (d *Daemon) unname(phone string) {
	if err := d.choices.Rename(phone, ""); err != nil {
		d.log.Warn("name of a removed phone", "phone", phone, "err", err)
	}
}

func (c *core) labelled() labelled { return labelled{c.store, c.daemon.choices} }

// labelled is a store that calls phones what the person calls them: a prompt names them so, too.
type labelled struct {
	*registration.Store
	choices *settings.Store
}

// Phones lists the phones under the person's names for them.
func (l labelled) Phones() []registration.Phone {
	all := l.Store.Phones()
	for i := range all {
		all[i] = l.named(all[i])
	}
	return all
}

// Phone is one phone under the person's name for it.
func (l labelled) Phone(id string) (registration.Phone, bool) {
	p, ok := l.Store.Phone(id)
	return l.named(p), ok
}

func (l labelled) named(p registration.Phone) registration.Phone {
	if label := l.choices.Label(p.ID); label != "" {
		p.Name = label
	}
	return p
}
