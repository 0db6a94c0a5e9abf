package settings

import (
	"slices"
	"time"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

// Label is the person's own name for a phone, empty where there is none.
func (s *Store) Label(phone string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept.Phones[phone]
}

// Rename gives a phone a name on this desktop; an empty one brings back the phone's own.
func (s *Store) Rename(phone, name string) error {
	if !link.Printable(name, link.MaxName) {
		return api.Errorf(api.SettingInvalid, "name %.64q", name)
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	if s.Label(phone) == name {
		return nil
	}
	return s.change(func(k *contents) {
		delete(k.Phones, phone)
		if name != "" {
			k.Phones[phone] = name
		}
	})
}

const (
	maxBrowserName = 64
	maxExtension   = 32
	helloEvery     = 24 * time.Hour
)

// Hello notes that a browser's extension is there. The file has it once a day: an extension says hello with every start
// of its service worker.
func (s *Store) Hello(b api.Browser) error {
	if b.Name == "" || !link.Printable(b.Name, maxBrowserName) || !link.Printable(b.Extension, maxExtension) {
		return api.Errorf(api.SettingInvalid, "browser %.64q, extension %.32q", b.Name, b.Extension)
	}
	b.Seen = time.Now().Round(0)
	s.changing.Lock()
	defer s.changing.Unlock()
	s.mu.Lock()
	i := slices.IndexFunc(s.kept.Browsers, func(o api.Browser) bool { return o.Name == b.Name && o.Extension == b.Extension })
	news := i < 0 || b.Seen.Sub(s.kept.Browsers[i].Seen) > helloEvery
	if !news || s.fault != nil {
		s.kept.hello(b)
	}
	s.mu.Unlock()
	if !news || s.fault != nil {
		return nil
	}
	return s.change(func(k *contents) { k.hello(b) })
}

// hello puts a browser first; the oldest go. A browser has one line, with the version that it has now.
func (c *contents) hello(b api.Browser) {
	c.Browsers = slices.DeleteFunc(c.Browsers, func(o api.Browser) bool { return o.Name == b.Name })
	c.Browsers = slices.Insert(c.Browsers, 0, b)
	c.Browsers = c.Browsers[:min(len(c.Browsers), MaxBrowsers)]
}

// Browsers lists whose extension has said hello, the latest first.
func (s *Store) Browsers() []api.Browser {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]api.Browser{}, s.kept.Browsers...)
}
