// Package settings keeps what the person chose on this desktop: the settings, the pauses of prompts, names of their own
// for phones, and which browsers' extensions have said hello. All of it is one file of one version; nothing in it is a
// secret.
//
// A file that can't be trusted never makes tallykey less strict. Where it is of a later version, damaged, or can't be
// read, numbers must be typed until the person decides anew: that is the strictest choice the file may have held.
package settings

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

// Limits of what is kept.
const (
	MaxInterfaces = 32
	MaxPauses     = 100
	MaxBrowsers   = 16
	maxInterface  = 64 // bytes of a name; Windows has long ones
)

// Config says where things are kept. Only Path must be set.
type Config struct {
	Path      string    // of the file
	Autostart Autostart // the zero value: a start at login can't be set
	Log       *slog.Logger
}

// Store is safe for concurrent use. What a changing method was given is on the disk when it returns; errors are
// *api.Error with SettingsNewer, SettingsFailed or SettingInvalid.
type Store struct {
	cfg   Config
	fault *api.Error // why the file stays as it is and nothing can be changed

	changing sync.Mutex // held by who changes something, until every watcher was told

	mu       sync.Mutex // guards the fields that follow
	kept     contents
	watchers []func(api.Settings)
	pausing  []func([]api.Pause)
	expiry   *time.Timer
	closed   bool
}

// Open reads the file. It always returns a Store that works; Fault tells what was wrong with the file.
func Open(cfg Config) *Store {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{cfg: cfg}
	s.load()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept.expire(time.Now())
	s.awaitExpiry()
	return s
}

// Close ends the timer of pauses. Nothing needs to be written.
func (s *Store) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.expiry != nil {
		s.expiry.Stop()
	}
}

// Fault is why the file is left alone and nothing can be changed: SettingsNewer, it is of a later version; SettingsFailed,
// it can't be read. nil where all is well.
func (s *Store) Fault() *api.Error { return s.fault }

// Get returns the settings as they are. Whether tallykey starts at login is read from the desktop's own entries each
// time, because people also change that in the settings of the desktop.
func (s *Store) Get() api.Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.kept.Settings.api()
	out.StartAtLogin = s.cfg.Autostart.Enabled()
	return out
}

// Change sets what is not nil, all of it or nothing, and returns the settings then.
func (s *Store) Change(c api.SettingsChange) (api.Settings, error) {
	if c.Interfaces != nil {
		if err := checkInterfaces(*c.Interfaces); err != nil {
			return api.Settings{}, err
		}
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	if err := s.change(func(k *contents) { k.Settings.apply(c) }); err != nil {
		return api.Settings{}, err
	}
	if c.StartAtLogin != nil {
		if err := s.cfg.Autostart.Set(*c.StartAtLogin); err != nil {
			return api.Settings{}, api.Errorf(api.SettingsFailed, "start at login: %v", err)
		}
	}
	now := s.Get()
	for _, f := range s.watching() {
		f(now)
	}
	return now, nil
}

// TypeNumbers says whether the number must be typed for every registration.
func (s *Store) TypeNumbers() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept.Settings.TypeNumbers
}

// WebPush says whether absent phones are woken through their push services.
func (s *Store) WebPush() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept.Settings.WebPush
}

// Watch calls f after each change, one after the other, in the order of the changes. f must not change settings itself.
func (s *Store) Watch(f func(api.Settings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers = append(s.watchers, f)
}

func (s *Store) watching() []func(api.Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.watchers)
}

// change makes one change on the disk and then here. Its caller holds changing.
func (s *Store) change(f func(*contents)) error {
	if s.fault != nil {
		return s.fault
	}
	s.mu.Lock()
	next := s.kept.clone()
	s.mu.Unlock()
	f(&next)
	if err := next.write(s.cfg.Path); err != nil {
		return api.Errorf(api.SettingsFailed, "%v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = next
	return nil
}

// choices are the settings as the file has them.
type choices struct {
	WebPush     bool     `json:"webPush"`
	TypeNumbers bool     `json:"typeNumbers"`
	Trial       bool     `json:"trial"`
	Interfaces  []string `json:"interfaces"`
}

func (c choices) api() api.Settings {
	return api.Settings{WebPush: c.WebPush, TypeNumbers: c.TypeNumbers, Trial: c.Trial,
		Interfaces: append([]string{}, c.Interfaces...)}
}

func (c *choices) apply(change api.SettingsChange) {
	for _, b := range []struct {
		to   *bool
		from *bool
	}{{&c.WebPush, change.WebPush}, {&c.TypeNumbers, change.TypeNumbers}, {&c.Trial, change.Trial}} {
		if b.from != nil {
			*b.to = *b.from
		}
	}
	if change.Interfaces != nil {
		c.Interfaces = slices.Clone(*change.Interfaces)
	}
}

// checkInterfaces takes names of interfaces that may exist: one that is unplugged now can be named for later.
func checkInterfaces(names []string) error {
	if len(names) > MaxInterfaces {
		return api.Errorf(api.SettingInvalid, "%d interfaces", len(names))
	}
	for _, n := range names {
		if n == "" || !link.Printable(n, maxInterface) {
			return api.Errorf(api.SettingInvalid, "interface %.64q", n)
		}
	}
	return nil
}
