package desktop

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"tallykey/build/icons"
	"tallykey/daemon/api"
)

// trayState is what the tray shows now: what matters most comes first.
func (s *Surface) trayState() TrayState {
	s.mu.Lock()
	defer s.mu.Unlock()
	badge, text := s.headline(time.Now())
	return TrayState{badge, text, s.menu(text)}
}

func (s *Surface) headline(now time.Time) (icons.Badge, string) {
	for _, shown := range s.requests {
		return icons.Waiting, fmt.Sprintf(s.words.waiting, shown.request.Host)
	}
	switch all := s.pauseOfAll(); {
	case s.problem == api.KeyringLocked || s.problem == api.KeyringFileLocked:
		return icons.Locked, s.problemText()
	case s.problem != "":
		return icons.Problem, s.problemText()
	case all != nil:
		return icons.Paused, s.words.pausedUntil(all.Until, now)
	}
	for _, p := range s.phones {
		if p.Connected {
			return icons.Plain, fmt.Sprintf(s.words.ready, p.Name)
		}
	}
	if len(s.phones) == 0 {
		return icons.Away, s.words.notPaired
	}
	return icons.Away, s.words.noPhone
}

func (s *Surface) problemText() string {
	return fmt.Sprintf(s.words.problem, textOf(s.problem, s.cfg.Language).Title)
}

func (s *Surface) pauseOfAll() *api.Pause {
	i := slices.IndexFunc(s.pauses, func(p api.Pause) bool { return p.Origin == "" })
	if i < 0 {
		return nil
	}
	return &s.pauses[i]
}

// menu is what a person can do here. What needs the window is left out where there is none. Its caller holds mu.
func (s *Surface) menu(text string) []MenuEntry {
	m := []MenuEntry{{Key: "state", Label: text, Choose: s.show}}
	if n := len(s.queued); n > 0 {
		m = append(m, MenuEntry{Key: "more", Label: s.words.moreWaiting(n), Choose: s.show})
	}
	m = append(m, MenuEntry{Key: "line 1"})
	m = append(m, s.phoneEntries()...)
	m = append(m, s.pauseEntry())
	if s.cfg.WindowPath != "" {
		m = append(m, MenuEntry{Key: "line 2"}, s.section(s.words.activity, ViewActivity),
			s.section(s.words.registrations, ViewRegistrations), s.section(s.words.doctor, ViewDoctor),
			s.section(s.words.settings, ViewSettings))
	}
	return append(m, MenuEntry{Key: "line 3"}, MenuEntry{Key: "quit", Label: s.words.quit, Choose: s.cfg.Actions.Quit})
}

// section is an entry that opens a part of the window.
func (s *Surface) section(label string, v View) MenuEntry {
	return MenuEntry{Key: string(v), Label: label, Choose: func() { s.open(v) }}
}

// phoneEntries are the phones, each with whether it is there, and the way to pair another.
func (s *Surface) phoneEntries() []MenuEntry {
	var out []MenuEntry
	for _, p := range s.phones {
		state := s.words.away
		if p.Connected {
			state = s.words.connected
		}
		out = append(out, MenuEntry{Key: "phone " + p.ID, Label: p.Name + ": " + state, Choose: func() { s.open(ViewPhones) }})
	}
	if s.cfg.WindowPath != "" {
		out = append(out, s.section(s.words.pair, ViewPair))
	}
	return out
}

func (s *Surface) pauseEntry() MenuEntry {
	resume := func(label, origin string) MenuEntry {
		return MenuEntry{Key: "resume " + origin, Label: label, Choose: func() { s.cfg.Actions.Resume(origin) }}
	}
	if s.pauseOfAll() != nil {
		return resume(s.words.resume, "")
	}
	children := []MenuEntry{
		{Key: "pause hour", Label: s.words.forAnHour, Choose: func() { s.cfg.Actions.Pause(time.Hour) }},
		{Key: "pause tomorrow", Label: s.words.untilTomorrow, Choose: func() {
			now := time.Now()
			s.cfg.Actions.Pause(tomorrow(now).Sub(now))
		}},
	}
	for _, p := range s.pauses {
		children = append(children, resume(fmt.Sprintf(s.words.resumeSite, hostOf(p.Origin)), p.Origin))
	}
	return MenuEntry{Key: "pause", Label: s.words.pause, Children: children}
}

func hostOf(origin string) string {
	if u, err := url.Parse(origin); err == nil && u.Host != "" {
		return u.Host
	}
	return origin
}

// tomorrow is 6 in the morning of the next day: before anybody's work begins.
func tomorrow(now time.Time) time.Time {
	year, month, day := now.Date()
	return time.Date(year, month, day+1, 6, 0, 0, 0, now.Location())
}
