package virtual

import (
	"slices"
	"time"

	"tallykey/phone/link"
)

// removedPatience is how long the phone says again what was removed. After that a desktop that was away all the time
// finds it missing from the list, and drops it without telling the website.
const removedPatience = 30 * 24 * time.Hour

// removal is a registration that the person removed, here or on a desktop. That it is missing from the list would not
// say so: it could be missing because something went wrong.
type removal struct {
	Credential string    `json:"credential"`
	At         time.Time `json:"at"`
}

// remember notes a removal, and forgets the oldest ones.
func (s *state) remember(credential string, now time.Time) {
	s.Removed = slices.DeleteFunc(s.Removed, func(r removal) bool {
		return r.Credential == credential || now.Sub(r.At) >= removedPatience
	})
	s.Removed = append(s.Removed, removal{credential, now})
	s.Removed = s.Removed[max(0, len(s.Removed)-link.MaxRemoved):]
}

// removals are what desktops are told at a time.
func (s state) removals(now time.Time) []link.Message {
	var out []link.Message
	for _, r := range s.Removed {
		if now.Sub(r.At) < removedPatience {
			out = append(out, &link.Forget{Credential: r.Credential})
		}
	}
	return out
}

// repeat tells a desktop that has come what was removed meanwhile, before the list in which that is missing: then the
// desktop has the token by which the website is told. There is no answer to it, so it is said at each contact; a desktop
// that knows already does nothing.
func (p *Phone) repeat(l *line) {
	l.tell(func() []link.Message {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.state.removals(p.Now())
	})
}
