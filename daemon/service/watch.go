package service

import (
	"context"

	"tallykey/daemon/api"
	"tallykey/daemon/socket"
)

// backlog is how many events a watcher may be behind before it is let go: it would show what is long over.
const backlog = 256

// watcher is a client that is told of changes, by a goroutine of its own so that a slow one holds up nobody.
type watcher struct {
	events chan api.Event
}

// watch begins to tell c of changes and returns what is there now. Changes between the two are told twice rather than
// never.
func (d *Daemon) watch(c *socket.Conn) api.Snapshot {
	w := &watcher{events: make(chan api.Event, backlog)}
	d.mu.Lock()
	if old := d.watchers[c]; old != nil {
		close(old.events)
	}
	d.watchers[c] = w
	d.mu.Unlock()
	go func() {
		for e := range w.events {
			if c.Push(context.Background(), api.NotifyEvent, e) != nil {
				return // the connection is gone; unwatch closes the channel
			}
		}
	}()
	s := api.Snapshot{Requests: []api.Request{}, Phones: []api.Phone{}}
	if core := d.core.Load(); core != nil {
		s.Requests, s.Phones = core.engine.Requests(), core.phones()
	}
	return s
}

func (d *Daemon) unwatch(c *socket.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w := d.watchers[c]; w != nil {
		close(w.events)
		delete(d.watchers, c)
	}
}

func (d *Daemon) tell(e api.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for c, w := range d.watchers {
		select {
		case w.events <- e:
		default:
			d.log.Warn("a client does not read its events; it gets no more", "peer", c.Peer)
			close(w.events)
			delete(d.watchers, c)
		}
	}
}

// show is the engine's way to the desktop and to every client that watches.
func (d *Daemon) show(r api.Request) {
	if r.State == api.Ended {
		d.tidy.Reset(tidyAfter)
	}
	d.surface.Request(r)
	d.tell(api.Event{Request: &r})
	if core := d.core.Load(); core != nil && r.Code == api.Approved {
		core.registrationsChanged() // LastUsed
	}
}

func (d *Daemon) phonesChanged() {
	core := d.core.Load()
	if core == nil {
		return
	}
	phones := core.phones()
	d.surface.Phones(phones)
	d.tell(api.Event{Phones: &phones})
}
