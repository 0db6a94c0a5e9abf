package discovery

import (
	"net"
	"net/netip"
	"slices"
	"sync"
)

// Choice is the interfaces that phones are told of. A nil Choice, and one without names, is every interface that fits. It
// is safe for concurrent use.
type Choice struct {
	mu       sync.Mutex
	names    []string
	watchers map[chan struct{}]bool
}

// Set names the interfaces from now on; one that is not there counts from when it comes. Whoever announces this desktop
// does so anew.
func (c *Choice) Set(names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.Equal(names, c.names) {
		return
	}
	c.names = slices.Clone(names)
	for w := range c.watchers {
		poke(w)
	}
}

// watch gets a value after each change until done is called.
func (c *Choice) watch() (changes chan struct{}, done func()) {
	changes = make(chan struct{}, 1)
	if c == nil {
		return changes, func() {}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watchers == nil {
		c.watchers = map[chan struct{}]bool{}
	}
	c.watchers[changes] = true
	return changes, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.watchers, changes)
	}
}

func (c *Choice) chosen() []string {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.names
}

// Addresses returns where phones may reach this desktop, the best address first and at most link.MaxAddresses: those of
// interfaces with a default route, then others, those of containers and virtual machines last; IPv4 before IPv6. There
// are no loopback addresses and none that need a zone.
func (c *Choice) Addresses() []netip.Addr {
	names := c.chosen()
	return rank(slices.DeleteFunc(attachments(), func(a attachment) bool {
		return len(names) > 0 && !slices.Contains(names, a.Name)
	}))
}

// outside are the attachments on which phones are looked for. The inner networks of this host lead to no phone, unless
// the person names one.
func (c *Choice) outside() []attachment {
	names := c.chosen()
	return slices.DeleteFunc(attachments(), func(a attachment) bool {
		out := a.inside()
		if len(names) > 0 {
			out = !slices.Contains(names, a.Name)
		}
		return out || a.Flags&net.FlagMulticast == 0
	})
}

// Interfaces are the names of those that phones could be told of now, the best first.
func Interfaces() []string {
	var out []string
	for _, a := range attachments() {
		out = append(out, a.Name)
	}
	return out
}
