package registration

import (
	"context"
	"errors"
	"fmt"

	"tallykey/daemon/keyringfile"
)

// FileKeyring is an encrypted file as keyring, for machines that have none of their own and people who chose it. Locked
// it is ErrLocked, without its file ErrMissing, and every error keeps the file's own reason: see Code.
type FileKeyring struct {
	file *keyringfile.File
}

// NewFileKeyring returns a keyring in a file, which its caller unlocks and locks.
func NewFileKeyring(f *keyringfile.File) *FileKeyring { return &FileKeyring{f} }

// File is where the items are.
func (k *FileKeyring) File() *keyringfile.File { return k.file }

// Get implements Keyring.
func (k *FileKeyring) Get(ctx context.Context, name string) (string, error) {
	items, err := k.List(ctx)
	if err != nil {
		return "", err
	}
	value, ok := items[name]
	if !ok {
		return "", ErrNotFound
	}
	return value, nil
}

// Set implements Keyring.
func (k *FileKeyring) Set(ctx context.Context, name, value string) error {
	return k.change(ctx, func(items map[string]string) { items[name] = value })
}

// Delete implements Keyring.
func (k *FileKeyring) Delete(ctx context.Context, name string) error {
	return k.change(ctx, func(items map[string]string) { delete(items, name) })
}

// List implements Keyring.
func (k *FileKeyring) List(ctx context.Context) (map[string]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFailed, err)
	}
	items, err := k.file.Items()
	return items, fromFile(err)
}

// change begins nothing once its time is over, and ends what it began: a write to a disk can't be called back.
func (k *FileKeyring) change(ctx context.Context, change func(map[string]string)) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %v", ErrFailed, err)
	}
	return fromFile(k.file.Change(change))
}

// fromFile makes an error of the file one of this package, and keeps the reason.
func fromFile(err error) error {
	if err == nil {
		return nil
	}
	kind := ErrFailed
	switch {
	case errors.Is(err, keyringfile.ErrLocked):
		kind = ErrLocked
	case errors.Is(err, keyringfile.ErrMissing):
		kind = ErrMissing
	}
	return fmt.Errorf("%w: %w", kind, err)
}
