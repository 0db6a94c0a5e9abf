package web

import (
	"net/netip"
	"sync"
	"time"

	"tallykey/tenant/outcome"
)

// maxTallied bounds the table of a tally.
const maxTallied = 4096

// tally counts what comes from each network, in windows of time. It lives in memory: forgetting it in a restart costs
// little. When the table is full, all new networks count as one.
type tally struct {
	now    func() time.Time
	window time.Duration

	mu    sync.Mutex
	began time.Time
	seen  map[tallied]int
}

type tallied struct {
	from netip.Prefix
	code outcome.Code
}

// count adds one and returns how many of the code came from the network of an address in this window. Where there is one
// kind only, code is empty.
func (t *tally) count(from netip.Addr, code outcome.Code) int {
	key := tallied{network(from), code}
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := t.now(); t.seen == nil || now.Sub(t.began) >= t.window {
		t.began, t.seen = now, map[tallied]int{}
	}
	if t.seen[key] == 0 && len(t.seen) >= maxTallied {
		key.from = netip.Prefix{}
	}
	t.seen[key]++
	return t.seen[key]
}

// network is what one customer of a provider has at least, around an address. Without an address it is the zero value,
// which stands for all that have none.
func network(from netip.Addr) netip.Prefix {
	from = from.Unmap().WithZone("")
	bits := from.BitLen()
	if from.Is6() {
		bits = 64
	}
	p, _ := from.Prefix(bits)
	return p
}
