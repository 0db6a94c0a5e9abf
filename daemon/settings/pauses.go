package settings

import (
	"slices"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/webauthn"
)

// maxPause is a year.
const maxPause = 366 * 24 * time.Hour

// over says whether a pause has ended.
func over(p api.Pause, now time.Time) bool { return !p.Until.IsZero() && !now.Before(p.Until) }

func (c *contents) expire(now time.Time) {
	c.Pauses = slices.DeleteFunc(c.Pauses, func(p api.Pause) bool { return over(p, now) })
}

// Pauses lists the pauses that hold now, that for every website first.
func (s *Store) Pauses() []api.Pause {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept.live(time.Now())
}

func (c *contents) live(now time.Time) []api.Pause {
	out := []api.Pause{}
	for _, p := range c.Pauses {
		if !over(p, now) {
			out = append(out, p)
		}
	}
	return out
}

// PauseOf is the pause under which an origin is: its own, or that of every website. nil: there is none.
func (s *Store) PauseOf(origin string) *api.Pause {
	for _, p := range s.Pauses() {
		if p.Origin == "" || p.Origin == origin {
			return &p
		}
	}
	return nil
}

// Pause begins a pause, or changes the one of the same origin.
func (s *Store) Pause(add api.AddPause) (api.Pause, error) {
	if host, _ := webauthn.Site(add.Origin); add.Origin != "" && host == "" {
		return api.Pause{}, api.Errorf(api.SettingInvalid, "%.64q is not an origin", add.Origin)
	}
	if add.Seconds < 0 || add.Seconds > int(maxPause/time.Second) {
		return api.Pause{}, api.Errorf(api.SettingInvalid, "a pause of %d seconds", add.Seconds)
	}
	p := api.Pause{Origin: add.Origin}
	if add.Seconds > 0 {
		p.Until = time.Now().Add(time.Duration(add.Seconds) * time.Second).Round(0) // without the monotonic clock, which stands still while the machine sleeps
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	if len(s.Pauses()) >= MaxPauses {
		return api.Pause{}, api.Errorf(api.SettingInvalid, "%d pauses already", MaxPauses)
	}
	return p, s.changePauses(func(k *contents) {
		k.drop(p.Origin)
		if p.Origin == "" {
			k.Pauses = slices.Insert(k.Pauses, 0, p)
		} else {
			k.Pauses = append(k.Pauses, p)
		}
	})
}

// Resume ends the pause of an origin; an empty one ends that of every website, and none of a single one. Where there is
// none it does nothing.
func (s *Store) Resume(origin string) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	return s.changePauses(func(k *contents) { k.drop(origin) })
}

func (c *contents) drop(origin string) {
	c.Pauses = slices.DeleteFunc(c.Pauses, func(p api.Pause) bool { return p.Origin == origin })
}

// WatchPauses calls f with the pauses after each change, also when one ends by itself. f must not change anything here.
func (s *Store) WatchPauses(f func([]api.Pause)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pausing = append(s.pausing, f)
}

// changePauses needs changing to be held.
func (s *Store) changePauses(f func(*contents)) error {
	if err := s.change(f); err != nil {
		return err
	}
	s.tellPauses()
	return nil
}

func (s *Store) tellPauses() {
	s.mu.Lock()
	now, watchers := s.kept.live(time.Now()), slices.Clone(s.pausing)
	s.awaitExpiry()
	s.mu.Unlock()
	for _, f := range watchers {
		f(now)
	}
}

// awaitExpiry sets the one timer to when the next pause ends. Its caller holds mu. Who asks for the pauses gets none that
// is over whatever the timer does: it only tells those who don't ask, and may be late after a sleep.
func (s *Store) awaitExpiry() {
	if s.expiry != nil {
		s.expiry.Stop()
		s.expiry = nil
	}
	var next time.Time
	for _, p := range s.kept.live(time.Now()) {
		if !p.Until.IsZero() && (next.IsZero() || p.Until.Before(next)) {
			next = p.Until
		}
	}
	if !next.IsZero() && !s.closed {
		s.expiry = time.AfterFunc(time.Until(next), s.expired)
	}
}

func (s *Store) expired() {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.mu.Lock()
	s.kept.expire(time.Now()) // the file loses it with the next change
	s.mu.Unlock()
	s.tellPauses()
}
