package desktop

import (
	"cmp"
	"context"
	"sync"
	"testing"
	"time"

	"tallykey/daemon/api"
)

// stage is a Surface with parts that only take notes.
type stage struct {
	*Surface
	mu      sync.Mutex
	trays   []TrayState
	notes   []api.Request
	opened  []View
	fails   error // of the next windows
	paints  []Painting
	stopped bool
	more    []int // as many as notes
	closed  []string
	did     []string
}

func (s *stage) Set(t TrayState)    { s.note(func() { s.trays = append(s.trays, t) }) }
func (s *stage) Running(View) bool  { return false }
func (s *stage) Close()             { s.note(func() { s.stopped = true }) }
func (s *stage) painted(p Painting) { s.note(func() { s.paints = append(s.paints, p) }) }
func (s *stage) note(f func())      { s.mu.Lock(); defer s.mu.Unlock(); f() }
func (s *stage) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func (s *stage) Open(v View) (err error) {
	s.note(func() { s.opened = append(s.opened, v); err = s.fails })
	return err
}

// notes are the notifications of a stage.
type notes struct{ *stage }

func (n notes) Show(r api.Request, more int) {
	n.note(func() { n.notes, n.more = append(n.notes, r), append(n.more, more) })
}
func (n notes) Close(id string) { n.note(func() { n.closed = append(n.closed, id) }) }

func newStage() *stage {
	s := &stage{}
	s.Surface = newSurface(Config{WindowPath: "tallykey-window", Language: "en", Painting: s.painted, Actions: Actions{
		Pause:  func(d time.Duration) { s.did = append(s.did, "pause "+d.String()) },
		Resume: func(origin string) { s.did = append(s.did, "resume "+origin) },
		Quit:   func() { s.did = append(s.did, "quit") }}})
	s.Surface.tray, s.Surface.notes, s.Surface.window = s, notes{s}, s
	return s
}

// tray is what the tray shows, without its menu.
func (s *stage) tray() TrayState {
	last := s.trays[len(s.trays)-1]
	return TrayState{Badge: last.Badge, Text: last.Text}
}

// labels are the menu as text: a line each, "-" for a separator, deeper lines indented.
func labels(entries []MenuEntry, indent string) (out []string) {
	for _, e := range entries {
		out = append(out, indent+cmp.Or(e.Label, "-"))
		out = append(out, labels(e.Children, indent+"  ")...)
	}
	return out
}

func (s *stage) menu() []MenuEntry { return s.trays[len(s.trays)-1].Menu }

// choose is a click on the menu's entry.
func (s *stage) choose(t *testing.T, label string) {
	t.Helper()
	var find func([]MenuEntry) bool
	find = func(all []MenuEntry) bool {
		for _, e := range all {
			if e.Label == label && len(e.Children) == 0 {
				e.Choose()
				return true
			}
			if find(e.Children) {
				return true
			}
		}
		return false
	}
	if !find(s.menu()) {
		t.Errorf("no %q in %q", label, labels(s.menu(), ""))
	}
}
