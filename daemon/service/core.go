package service

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/discovery"
	"tallykey/daemon/phonelink"
	"tallykey/daemon/registration"
	"tallykey/daemon/signin"
	"tallykey/daemon/wellknown"
	"tallykey/phone/link"
)

// core is what needs the keyring: the store, the phone link and the engine.
type core struct {
	daemon   *Daemon
	store    *registration.Store
	identity registration.Identity
	print    [32]byte // SHA-256 of the certificate that phones are told when they pair
	listener *phonelink.Listener

	certificates certificates

	hub    *phonelink.Hub
	engine *signin.Engine
	moved  int             // the port that phones knew, where another program has it now
	ctx    context.Context // lives as long as the core
	stop   context.CancelCauseFunc
	parts  sync.WaitGroup

	mu       sync.Mutex
	lastSeen map[string]time.Time
	rosters  map[string]*roster // what connected phones told of their registrations

	say       func(phone string, m link.Message) error // the hub's Send
	waker     *waker
	trial     trialDesk
	wellknown *wellknown.Client
	changed   chan struct{} // holds a token once a watcher must be told of registrations
	forgotten *forgotten
	outbox    *outbox
	changes   chan func() // of registrations, by phones: one after the other, away from the phones' goroutines
}

func (d *Daemon) newCore(ctx context.Context) (*core, error) {
	store, err := registration.Open(ctx, d.cfg.Keyring)
	if err != nil {
		d.setPart(&d.keyring, problem(registration.Code(err), err))
		return nil, err
	}
	d.setPart(&d.keyring, keyringPart(store))
	c := &core{daemon: d, store: store, lastSeen: map[string]time.Time{}, rosters: map[string]*roster{},
		changes: make(chan func(), maxChanges), changed: make(chan struct{}, 1), waker: d.newWaker()}
	if c.forgotten, err = openForgotten(d.cfg.State); err != nil {
		d.log.Warn("removed registrations that phones were not told of can't be read", "err", err)
	}
	c.ctx, c.stop = context.WithCancelCause(context.WithoutCancel(ctx))
	c.wellknown = wellknown.New(c.ctx, d.cfg.WellKnown)
	c.openOutbox()
	if err := c.openLink(ctx); err != nil {
		d.setPart(&d.link, problem(api.LinkFailed, err))
		return nil, err
	}
	d.setPart(&d.link, api.Part{State: "ready"})
	c.followRegistrations()
	return c, nil
}

func problem(code api.Code, err error) api.Part {
	return api.Part{State: "problem", Code: code, Detail: err.Error()}
}

// openLink makes this desktop reachable for its phones.
func (c *core) openLink(ctx context.Context) error {
	conn, err := c.identify(ctx)
	if err != nil {
		return err
	}
	if c.certificates, err = readCertificates(c.identity); err != nil {
		conn.Close()
		return err
	}
	if c.print, err = phonelink.Fingerprint(c.certificates.now); err != nil {
		conn.Close()
		return err
	}
	c.hub = phonelink.NewHub(phonelink.HubConfig{Paired: c.deviceKey, Welcome: c.welcome, Up: c.up, Down: c.down,
		Message: c.message, Log: c.daemon.log})
	c.say = c.hub.Send
	c.engine = signin.New(signin.Config{Desktop: c.identity.Desktop, Link: c.hub, Store: c.labelled(),
		TypeNumbers: c.daemon.choices.TypeNumbers, Journal: c.daemon.journal, Show: c.daemon.show, Locked: c.daemon.screen.Locked, Wake: c.wake, Related: c.wellknown.Related, Log: c.daemon.log})
	c.listener, err = phonelink.Listen(conn, phonelink.Config{Certificate: c.certificates.now, CertificateOf: c.certificateOf, Find: c.find, Now: time.Now,
		Handler: c.hub, Log: c.daemon.log})
	if err != nil {
		conn.Close()
		return err
	}
	c.parts.Go(c.work)
	c.parts.Go(func() { c.outbox.run(c.ctx) })
	c.trial.addresses = c.addresses
	c.followTrial(c.daemon.choices.Get().Trial)
	c.followPush(c.daemon.choices.Get())
	if c.daemon.cfg.Announce {
		c.announce()
	}
	return nil
}

// identify opens the UDP port and reads who this desktop is; at the first start it decides both. The port stays the
// same from then on, unless another program takes it: phones know it, and a web page can't ask mDNS for another.
func (c *core) identify(ctx context.Context) (*net.UDPConn, error) {
	identity, known := c.store.Identity()
	port := int(identity.Port)
	if c.daemon.cfg.Port != 0 {
		port = c.daemon.cfg.Port
	}
	conn, err := listenUDP(port, c.daemon.cfg.Port != 0, portWait(ctx))
	if err != nil {
		return nil, err
	}
	port = conn.LocalAddr().(*net.UDPAddr).Port
	moves, changed := known && port != int(identity.Port), false
	if known {
		changed, err = renew(&identity, c.store.Phones(), time.Now())
	} else {
		identity, err = newIdentity(time.Now())
	}
	if moves && c.daemon.cfg.Port == 0 {
		c.moved = int(identity.Port)
	}
	if identity.Port = uint16(port); err == nil && (!known || moves || changed) {
		err = c.store.SetIdentity(ctx, identity)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	c.identity = identity
	return conn, nil
}

func newIdentity(now time.Time) (registration.Identity, error) {
	var id [link.IDBytes]byte
	if _, err := rand.Read(id[:]); err != nil {
		return registration.Identity{}, err
	}
	pem, err := newCertificate(now)
	return registration.Identity{Desktop: link.NewID(id), CertificatePEM: pem, Created: now}, err
}

// announce says on the network where this desktop is, as long as the core lives. It is a hint and nothing more.
func (c *core) announce() {
	host, on, log := link.Hostname(c.identity.Desktop), c.daemon.networks, c.daemon.log
	c.parts.Go(func() {
		c.logged("mdns service", discovery.Advertise(c.ctx, c.identity.Desktop, c.identity.Port, on, log))
	})
	c.parts.Go(func() { c.logged("mdns host name", discovery.Respond(c.ctx, host, on, log)) })
	// Phones that are still there, by another network, learn the new addresses now and not when they need them.
	c.parts.Go(func() { c.logged("new addresses to phones", discovery.Watch(c.ctx, c.moves)) })
}

// moves: what could not be told to a website in the last network may be told in this one.
func (c *core) moves() {
	c.hub.Refresh()
	c.outbox.hurry()
}

func (c *core) logged(what string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		c.daemon.log.Warn("not announced on the network", "what", what, "err", err)
	}
}

func (c *core) close(why api.Code) {
	c.stop(api.Errorf(why, ""))
	c.followTrial(false)
	c.parts.Wait()
	c.engine.Stop(why) // phones are told the end, then the link goes
	c.listener.Close()
}

// find says whose secret made a connection's user name fragment.
func (c *core) find(u link.Ufrag) (peer string, secret link.Secret, ok bool) {
	for _, p := range c.store.Phones() {
		if p.Secret.Owns(u) {
			return p.ID, p.Secret, true
		}
	}
	if secret, ok := c.engine.Offer(); ok && secret.Owns(u) {
		return signin.OfferPeer, secret, true
	}
	return "", nil, false
}

func (c *core) deviceKey(phone string) (*ecdsa.PublicKey, bool) {
	p, ok := c.store.Phone(phone)
	if !ok {
		return nil, false
	}
	key, err := signin.DeviceKey(p.DeviceKey)
	return key, err == nil
}

func (c *core) welcome(phone string) *link.Welcome {
	return &link.Welcome{V: link.Version, Desktop: c.identity.Desktop, Name: c.daemon.cfg.Name, Port: c.identity.Port,
		Addresses: c.addresses(), Sync: true, Push: c.daemon.choices.WebPush(), Ends: c.endOf(phone)}
}

func (c *core) addresses() []netip.Addr { return c.daemon.networks.Addresses() }

func (c *core) up(phone string, hello *link.Hello) {
	c.greet(phone)
	c.rename(phone, hello.Name)
	c.engine.PhoneUp(phone)
	c.daemon.phonesChanged()
}

func (c *core) down(peer string) {
	c.engine.PhoneDown(peer)
	if peer == signin.OfferPeer {
		return
	}
	c.mu.Lock()
	c.lastSeen[peer] = time.Now()
	delete(c.rosters, peer)
	c.mu.Unlock()
	c.daemon.phonesChanged()
}

func (c *core) message(peer string, m link.Message) {
	if with, ok := m.(*link.PairWith); ok && with.V != link.Version {
		c.hub.Drop(peer, string(api.VersionUnknown))
		return
	}
	if !c.synced(peer, m) && !c.subscribed(peer, m) {
		c.engine.FromPhone(peer, m)
	}
}

// pair begins a pairing and makes its link.
func (c *core) pair() (api.Pairing, error) {
	request, secret, expires, err := c.engine.Pair(c.ctx, func(error) { c.daemon.phonesChanged() })
	if err != nil {
		return api.Pairing{}, err
	}
	offer := link.Offer{Desktop: c.identity.Desktop, Name: c.daemon.cfg.Name, Port: c.identity.Port,
		Addresses: c.addresses(), Certificate: c.print, Secret: secret}
	return api.Pairing{Request: request, Link: offer.Link(c.phoneApp()), Expires: expires}, nil
}

func (c *core) phones() []api.Phone {
	connected := c.hub.Connected()
	c.mu.Lock()
	defer c.mu.Unlock()
	out := []api.Phone{}
	for _, p := range c.labelled().Phones() {
		out = append(out, api.Phone{ID: p.ID, Name: p.Name, App: p.App, Paired: p.Paired,
			KeyProtection: string(p.KeyProtection), Ends: c.certificates.ends(p), Push: c.canWake(p.ID), Connected: slices.Contains(connected, p.ID), LastSeen: c.lastSeen[p.ID],
			Arrival: c.listener.LastArrival(p.ID)})
	}
	return out
}

func (c *core) removePhone(ctx context.Context, id string) error {
	if err := c.store.RemovePhone(ctx, id); err != nil {
		return api.Errorf(registration.Code(err), "%v", err)
	}
	c.forgotten.dropPhone(id)
	c.daemon.unname(id)
	c.hub.Drop(id, string(api.PhoneRemoved))
	c.listener.Forget(id)
	c.daemon.phonesChanged()
	return nil
}

func (c *core) removeRegistration(ctx context.Context, id string) (api.Removed, error) {
	credential, err := link.B64.DecodeString(id)
	if err != nil {
		return api.Removed{}, api.Errorf(api.RegistrationUnknown, "%.64q", id)
	}
	return c.unregister(ctx, credential)
}

func (c *core) cancel(id string) error { return c.engine.Cancel(id) }
func (c *core) report(id string) error { return c.engine.Report(id) }

func (c *core) anotherWay(id string) error { return c.engine.AnotherWay(id) }

func (c *core) describe(s *api.Status) {
	s.Desktop, s.Host, s.Port = c.identity.Desktop, link.Hostname(c.identity.Desktop), int(c.identity.Port)
	for _, a := range c.addresses() {
		s.Addresses = append(s.Addresses, a.String())
	}
	s.PhoneApp, s.Trial = c.phoneApp().String(), c.trialPlace()
	s.Phones, s.Registrations = c.phones(), len(c.store.Registrations())
	s.Traffic, s.MovedFrom, s.LinkEnds = c.traffic(), c.moved, c.certificates.firstEnd(c.store.Phones())
	if all := c.engine.Requests(); len(all) > 0 {
		s.Request = &all[0]
	}
}

// traffic is what came to the port, in the words of the status.
func (c *core) traffic() api.Traffic {
	s := c.listener.Stats()
	return api.Traffic{Noise: s.Noise, Late: s.Stale, Unknown: s.Unknown + s.WrongPassword, Failed: s.Failed, Opened: s.Opened,
		Opening: s.HalfOpen, LastUnknown: c.listener.LastUnknown()}
}
