package registration

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"tallykey/phone/link"
)

// Store is what the keyring holds, in memory. Reads never touch the keyring; writes go to the keyring first and count
// only if it took them. It is safe for use by several goroutines, and must be the only one that writes: a second daemon
// on the same keyring is for the caller to rule out.
//
// The byte slices in what it returns are shared: do not change them.
type Store struct {
	keyring Keyring
	writer  chan struct{} // holds one token while a write is under way; guards index and doubtful
	index   *index        // nil where the keyring can be listed
	// doubtful are items whose making failed in a way that may yet succeed. They are deleted before the next write, so
	// that nothing comes back that its caller was told had failed.
	doubtful map[string]bool

	mu            sync.RWMutex // guards what follows
	identity      *Identity
	phones        map[string]Phone                 // by id
	registrations map[string]Registration          // by item name
	push          map[string]link.PushSubscription // by phone's id
	trial         *Trial
	unreadable    []string
	newer         []string // those of unreadable that a later version wrote
	changed       func()   // see Notify
}

// Open reads everything. The error wraps ErrLocked, ErrMissing or ErrFailed. Single items that can't be read, or that a
// later version wrote, are left as they are and out of the store: see Unreadable. Only the identity must be readable,
// for a second one would end every pairing.
func Open(ctx context.Context, k Keyring) (*Store, error) {
	s := &Store{keyring: k, writer: make(chan struct{}, 1), doubtful: map[string]bool{},
		phones: map[string]Phone{}, registrations: map[string]Registration{}, push: map[string]link.PushSubscription{}}
	all, err := s.readAll(ctx)
	if err != nil {
		return nil, err
	}
	if value, ok := all[identityName]; ok {
		var item identityItem
		if !decodeItem(value, &item) {
			return nil, unreadable(identityName, value)
		}
		id := item.identity()
		s.identity = &id
	}
	readers := s.readers(all)
	for name, value := range all {
		s.take(name, value, readers)
	}
	slices.Sort(s.unreadable)
	slices.Sort(s.newer)
	return s, nil
}

func (s *Store) readAll(ctx context.Context) (map[string]string, error) {
	all, err := s.keyring.List(ctx)
	if !errors.Is(err, ErrNoList) {
		return all, err
	}
	if s.index, err = loadIndex(ctx, s.keyring); err != nil {
		return nil, err
	}
	if all, err = s.index.load(ctx, s.keyring); err != nil {
		return nil, err
	}
	for _, name := range unnamed(all) {
		value, err := s.keyring.Get(ctx, name)
		if err == nil {
			all[name] = value
		} else if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	return all, nil
}

// unnamed lists the items that may be there besides those that the index names.
func unnamed(all map[string]string) []string {
	names := []string{identityName, trialName}
	for name := range all {
		if id, ok := strings.CutPrefix(name, phonePrefix); ok {
			names = append(names, pushName(id))
		}
	}
	return names
}

// take puts one of all items into memory. Names of other kinds are a later version's and none of our business.
func (s *Store) take(name, value string, readers map[string]reader) {
	kind, _, _ := strings.Cut(name, "/")
	read := readers[kind]
	if read == nil {
		return
	}
	if versionOf(value) > itemVersion {
		s.newer = append(s.newer, name)
	} else if read(name, value) {
		return
	}
	s.unreadable = append(s.unreadable, name)
}

// reader puts an item of one kind into memory, or returns false where it can't be read.
type reader func(name, value string) bool

// readers are by the kind of the item. The identity was read before.
func (s *Store) readers(all map[string]string) map[string]reader {
	return map[string]reader{
		"push":  func(name, value string) bool { return s.takePush(name, value, all) },
		"trial": func(_, value string) bool { return s.takeTrial(value) },
		"phone": func(name, value string) bool {
			p, ok := decodePhone(name, value)
			if ok {
				s.phones[p.ID] = p
			}
			return ok
		},
		"registration": func(name, value string) bool {
			r, ok := decodeRegistration(name, value)
			if ok {
				s.registrations[name] = r
			}
			return ok
		},
	}
}

// Notify has f called after each change of what is here. f must not block, and may read the store but not write to it.
func (s *Store) Notify(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = f
}

// Unreadable names the items that Open found and could not read.
func (s *Store) Unreadable() []string { return slices.Clone(s.unreadable) }

// Newer names those of the unreadable items that a later version of this program wrote. They are never replaced.
func (s *Store) Newer() []string { return slices.Clone(s.newer) }

// replaceable is nil unless a later version wrote the item.
func (s *Store) replaceable(name string) error {
	if slices.Contains(s.newer, name) {
		return fmt.Errorf("%w: %w: %s is left as it is", ErrFailed, ErrNewer, name)
	}
	return nil
}

// Identity returns this desktop's identity, if it has one.
func (s *Store) Identity() (Identity, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.identity == nil {
		return Identity{}, false
	}
	return *s.identity, true
}

// Phones returns the paired phones, the first paired first.
func (s *Store) Phones() []Phone {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.SortedFunc(maps.Values(s.phones), func(a, b Phone) int {
		return cmp.Or(a.Paired.Compare(b.Paired), cmp.Compare(a.ID, b.ID))
	})
}

// Phone returns the phone with an id.
func (s *Store) Phone(id string) (Phone, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.phones[id]
	return p, ok
}

// Registrations returns all registrations, the oldest first.
func (s *Store) Registrations() []Registration {
	return s.registrationsWhere(func(Registration) bool { return true })
}

// ByRPID returns the registrations at one relying party, the oldest first.
func (s *Store) ByRPID(rpID string) []Registration {
	return s.registrationsWhere(func(r Registration) bool { return r.RPID == rpID })
}

func (s *Store) registrationsWhere(keep func(Registration) bool) []Registration {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []Registration
	for _, r := range s.registrations {
		if keep(r) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b Registration) int {
		return cmp.Or(a.Created.Compare(b.Created), bytes.Compare(a.Credential, b.Credential))
	})
	return out
}
