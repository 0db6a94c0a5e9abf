package wellknown

import (
	"slices"
	"sync"
	"time"
)

// Limits of the cache.
const (
	maxEntries = 32
	maxReading = 4 // documents at once
	keepGood   = 10 * time.Minute
	keepBad    = time.Minute
)

// cache keeps what was read, also that there was nothing.
type cache struct {
	mu      sync.Mutex
	entries map[string]*entry // by URL
	order   []string          // oldest first
	reading int
}

// entry is one document. Its fields may be read once filled is closed.
type entry struct {
	filled   chan struct{}
	document []byte
	err      error
	until    time.Time
}

// entry finds what is known of a URL; fresh says that the caller must fill it. It is nil where too many are being read.
func (c *cache) entry(url string, now time.Time) (e *entry, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e = c.entries[url]; e != nil && (e.until.IsZero() || now.Before(e.until)) {
		return e, false
	}
	if c.reading >= maxReading {
		return nil, false
	}
	c.drop(url)
	if len(c.order) >= maxEntries {
		c.drop(c.oldest())
	}
	e = &entry{filled: make(chan struct{})}
	c.entries[url], c.order = e, append(c.order, url)
	c.reading++
	return e, true
}

// oldest is the oldest entry that nobody waits for; there is one, since few are read at once.
func (c *cache) oldest() string {
	i := slices.IndexFunc(c.order, func(url string) bool { return !c.entries[url].until.IsZero() })
	return c.order[i]
}

func (c *cache) drop(url string) {
	delete(c.entries, url)
	c.order = slices.DeleteFunc(c.order, func(other string) bool { return other == url })
}

func (c *cache) fill(e *entry, document []byte, err error, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading--
	e.document, e.err, e.until = document, err, now.Add(keepGood)
	if err != nil {
		e.until = now.Add(keepBad)
	}
	close(e.filled)
}
