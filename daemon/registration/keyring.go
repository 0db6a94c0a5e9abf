package registration

import (
	"context"
	"errors"
)

// Keyring holds small texts by name. Every error wraps ErrLocked, ErrMissing, ErrFailed or ErrNotFound; after another
// one than ErrNotFound it is open whether a write took place.
type Keyring interface {
	// Get returns ErrNotFound where there is no such item.
	Get(ctx context.Context, name string) (string, error)
	// Set makes or replaces an item, and returns nil only if it is there now.
	Set(ctx context.Context, name, value string) error
	// Delete returns nil only if the item is not there now, whether or not it was.
	Delete(ctx context.Context, name string) error
	// List returns all items by name. It returns ErrNoList where the operating system can't.
	List(ctx context.Context) (map[string]string, error)
}

var (
	// ErrNotFound means that the keyring is fine and has no such item.
	ErrNotFound = errors.New("registration: no such item in the keyring")
	// ErrNoList means that this keyring gives an item to whoever knows its name, and no names.
	ErrNoList = errors.New("registration: this keyring can't be listed")
)
