package registration

import (
	"context"
	"errors"
	"maps"
	"sync"
)

// Access is a kind of access to a keyring.
type Access string

// The kinds of access.
const (
	Get    Access = "get"
	Set    Access = "set"
	Delete Access = "delete"
	List   Access = "list"
)

// Memory is a keyring for tests. The zero value is ready for use.
type Memory struct {
	// NoList makes it one that can't be listed, as on Windows and macOS.
	NoList bool
	// Before, where set, is asked before each access. An error is returned to the caller and the access does not happen.
	Before func(Access, string) error
	// After, where set, is asked after each access has taken place. An error is returned to the caller all the same: the
	// keyring did it and its answer was lost.
	After func(Access, string) error

	mu    sync.Mutex
	items map[string]string
	left  int // writes until the crash, plus 1; 0: none is planned
}

// ErrCrashed is what every access returns after the crash that CrashAfter planned.
var ErrCrashed = errors.New("registration: the program was killed here")

// CrashAfter plans a crash: that many more writes take place, then every access fails with ErrCrashed, as if the program
// had been killed. Restart ends it.
func (m *Memory) CrashAfter(writes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left = writes + 1
}

// Restart ends a crash, or a plan for one, and keeps the items.
func (m *Memory) Restart() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left = 0
}

// Items returns a copy of everything.
func (m *Memory) Items() map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.items)
}

// Get implements Keyring.
func (m *Memory) Get(ctx context.Context, name string) (value string, err error) {
	err = m.access(ctx, Get, name, func() error {
		var ok bool
		if value, ok = m.items[name]; !ok {
			return ErrNotFound
		}
		return nil
	})
	return value, err
}

// Set implements Keyring.
func (m *Memory) Set(ctx context.Context, name, value string) error {
	return m.access(ctx, Set, name, func() error {
		if m.items == nil {
			m.items = map[string]string{}
		}
		m.items[name] = value
		return nil
	})
}

// Delete implements Keyring.
func (m *Memory) Delete(ctx context.Context, name string) error {
	return m.access(ctx, Delete, name, func() error {
		delete(m.items, name)
		return nil
	})
}

// List implements Keyring.
func (m *Memory) List(ctx context.Context) (all map[string]string, err error) {
	if m.NoList {
		return nil, ErrNoList
	}
	err = m.access(ctx, List, "", func() error {
		all = maps.Clone(m.items)
		return nil
	})
	return all, err
}

func (m *Memory) access(ctx context.Context, a Access, name string, do func() error) error {
	if err := ctx.Err(); err != nil {
		return errors.Join(ErrFailed, err)
	}
	if m.Before != nil {
		if err := m.Before(a, name); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.live(a); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	if m.After != nil {
		return m.After(a, name)
	}
	return nil
}

// live counts a write and says whether the program still lives to make this access.
func (m *Memory) live(a Access) error {
	if m.left == 1 && (a == Set || a == Delete) {
		m.left = -1
	}
	if m.left < 0 {
		return errors.Join(ErrFailed, ErrCrashed)
	}
	if m.left > 0 && (a == Set || a == Delete) {
		m.left--
	}
	return nil
}
