package keyringfile

import (
	"maps"
	"os"
	"path/filepath"
	"sync"
)

// File is the encrypted file as a program that runs has it: locked, or open with its key in memory. It is safe for
// concurrent use. While it is open no other program can open it.
type File struct {
	folder  string
	options Options

	mu    sync.Mutex // guards what follows
	key   *Key       // nil: locked
	lock  *os.File   // held while the key is there
	items map[string]string
	stale bool  // a write failed, so that items may not be what the file has
	fault error // of the last Unlock
}

// New returns the file of a folder, locked, without touching it.
func New(folder string, o Options) *File { return &File{folder: folder, options: o} }

// Folder is where the files are.
func (f *File) Folder() string { return f.folder }

// Unlock opens the items with the key; an open file stays open. The error wraps ErrMissing, ErrUnsafe, ErrInUse,
// ErrDamaged or ErrNewer, and is that of every other method too until an Unlock succeeds or Lock is called.
func (f *File) Unlock(k Key) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.key != nil {
		return nil
	}
	f.fault = f.unlock(k)
	return f.fault
}

func (f *File) unlock(k Key) error {
	if err := Check(f.folder); err != nil {
		return err
	}
	lock, err := lockFolder(f.folder)
	if err != nil {
		return err
	}
	items, err := readItems(f.folder, k)
	if err != nil {
		lock.Close()
		return err
	}
	sweep(f.folder)
	f.key, f.lock, f.items, f.stale = &k, lock, items, false
	return nil
}

// Lock forgets key and items. What was in memory may stay there until it is used for something else: Go has no way to
// wipe it.
func (f *File) Lock() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lock != nil {
		f.lock.Close() // its end is the lock's; nothing was written to it
	}
	f.key, f.lock, f.items, f.fault = nil, nil, nil, nil
}

// Items returns a copy of all items. The error is that of Check, of the last Unlock, or ErrLocked.
func (f *File) Items() (map[string]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fresh(); err != nil {
		return nil, err
	}
	return maps.Clone(f.items), nil
}

// Change makes a change and writes it. After an error it is open whether the file has it; the next call tells.
func (f *File) Change(change func(items map[string]string)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fresh(); err != nil {
		return err
	}
	next := maps.Clone(f.items)
	change(next)
	if maps.Equal(next, f.items) {
		return nil
	}
	if err := writeItems(f.folder, next, f.options, *f.key); err != nil {
		f.stale = true
		return err
	}
	f.items = next
	return nil
}

// fresh makes items what the file has.
func (f *File) fresh() error {
	if f.key == nil {
		return f.closed()
	}
	if !f.stale {
		return nil
	}
	items, err := readItems(f.folder, *f.key)
	if err != nil {
		return err
	}
	f.items, f.stale = items, false
	return nil
}

// closed says why the items can't be had.
func (f *File) closed() error {
	if f.fault != nil {
		return f.fault
	}
	if err := Check(f.folder); err != nil {
		return err
	}
	return ErrLocked
}

// Check looks at a folder from outside, without its key: nil if both files are there and this user's alone. Otherwise
// the error wraps ErrMissing, ErrUnsafe or ErrDamaged. What they hold only the key can tell.
func Check(folder string) error {
	if err := checkFolder(folder); err != nil {
		return err
	}
	if _, err := readFile(filepath.Join(folder, keyName), maxKeyFile); err != nil {
		return err
	}
	_, err := sealedItems(folder)
	return err
}
