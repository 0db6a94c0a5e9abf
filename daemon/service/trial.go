package service

import (
	"context"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/trial"
	"tallykey/phone"
	"tallykey/phone/link"
)

// keepTrial bounds how long the keyring may take for the trial's certificate.
const keepTrial = 10 * time.Second

// trialDesk serves the phone app from this desktop while the person wants it.
type trialDesk struct {
	addresses func() []netip.Addr

	mu     sync.Mutex
	server *trial.Server // nil while it is off
}

// followTrial turns serving on or off. When it returns the status says where the app is.
func (c *core) followTrial(on bool) {
	c.trial.mu.Lock()
	defer c.trial.mu.Unlock()
	if on == (c.trial.server != nil) || on && c.ctx.Err() != nil {
		return
	}
	if !on {
		c.trial.server.Stop()
		c.trial.server = nil
		return
	}
	server, err := trial.Start(trial.Config{App: phone.Handler(), Host: link.Hostname(c.identity.Desktop), Port: c.identity.Port,
		Addresses: c.trial.addresses, Load: c.loadTrial, Keep: c.keepTrial, Log: c.daemon.log})
	if err != nil {
		c.daemon.log.Error("the phone app is not served", "err", err)
		return
	}
	c.trial.server = server
	c.daemon.log.Info("the phone app is served from this desktop", "port", c.identity.Port)
}

func (c *core) loadTrial() (trial.Kept, bool) {
	t, ok := c.store.Trial()
	return trial.Kept{CertificatePEM: t.CertificatePEM, Port: t.Port}, ok
}

func (c *core) keepTrial(k trial.Kept) error {
	ctx, cancel := context.WithTimeout(c.ctx, keepTrial)
	defer cancel()
	return c.store.SetTrial(ctx, registration.Trial{CertificatePEM: k.CertificatePEM, Port: k.Port})
}

// trialPlace is where phones find the app on this desktop; nil where it is off, or where there is no network.
func (c *core) trialPlace() *api.Trial {
	c.trial.mu.Lock()
	server := c.trial.server
	c.trial.mu.Unlock()
	if server == nil {
		return nil
	}
	p, err := server.Place()
	if err != nil {
		c.daemon.log.Warn("no phone can reach the app on this desktop", "err", err)
		return nil
	}
	return &api.Trial{URL: p.URL, Fingerprint: p.Fingerprint}
}

// phoneApp is the address that pairing links lead to.
func (c *core) phoneApp() *url.URL {
	if place := c.trialPlace(); place != nil {
		if u, err := url.Parse(place.URL); err == nil {
			return u
		}
	}
	return c.daemon.cfg.PhoneApp
}
