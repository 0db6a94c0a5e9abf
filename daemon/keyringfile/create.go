package keyringfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Create makes the folder with both files and no items. The folder is there whole or not at all; one that is there
// already is ErrExists and stays as it is, unless it is empty. Other errors wrap ErrShort or ErrNotWritten.
func Create(folder, passphrase string, o Options) error {
	if entries, err := os.ReadDir(folder); len(entries) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", ErrExists, folder)
	}
	parent := filepath.Dir(folder)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return fmt.Errorf("%w: %v", ErrNotWritten, err)
	}
	building, err := os.MkdirTemp(parent, temporary+"*") // of mode 0700
	if err != nil {
		return fmt.Errorf("%w: %v", ErrNotWritten, err)
	}
	defer os.RemoveAll(building) // does nothing once it was renamed
	if err := fill(building, passphrase, o); err != nil {
		return err
	}
	_ = os.Remove(folder) // only an empty one goes
	if err := os.Rename(building, folder); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%w: %s", ErrExists, folder)
		}
		return fmt.Errorf("%w: %v", ErrNotWritten, err)
	}
	if err := syncFolder(parent); err != nil {
		return fmt.Errorf("%w: %v", ErrNotWritten, err)
	}
	return nil
}

func fill(folder, passphrase string, o Options) error {
	key, sealed, err := newSealedKey(passphrase, o)
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(folder, keyName), sealed, o); err != nil {
		return err
	}
	return writeItems(folder, map[string]string{}, o, key)
}

// ChangePassphrase gives the folder another passphrase and another key, which it returns: a copy of the files that was
// made before does not open what is written from now on, also for someone who learned the old passphrase. before is what
// OpenKey gave. The folder must be in no other program's hands. Killed at any step, one of the two passphrases opens all
// items. The error wraps ErrShort, ErrMissing, ErrUnsafe, ErrInUse, ErrDamaged, ErrNewer or ErrNotWritten.
func ChangePassphrase(folder string, before Key, passphrase string, o Options) (Key, error) {
	if err := Check(folder); err != nil {
		return Key{}, err
	}
	lock, err := lockFolder(folder)
	if err != nil {
		return Key{}, err
	}
	defer lock.Close()
	items, err := readItems(folder, before)
	if err != nil {
		return Key{}, err
	}
	after, sealed, err := newSealedKey(passphrase, o)
	if err != nil {
		return Key{}, err
	}
	// Three writes, and in between both keys open the items.
	if err := writeItems(folder, items, o, before, after); err != nil {
		return Key{}, err
	}
	if err := replaceFile(filepath.Join(folder, keyName), sealed, o); err != nil {
		return Key{}, err
	}
	return after, writeItems(folder, items, o, after)
}

func newSealedKey(passphrase string, o Options) (k Key, sealed []byte, err error) {
	if k, err = newKey(); err == nil {
		sealed, err = sealKey(k, passphrase, o)
	}
	return k, sealed, err
}

func writeItems(folder string, items map[string]string, o Options, keys ...Key) error {
	sealed, err := sealItems(items, keys...)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrNotWritten, err)
	}
	if len(sealed) > maxItemsFile {
		return fmt.Errorf("%w: %d bytes", ErrNotWritten, len(sealed))
	}
	return replaceFile(filepath.Join(folder, itemsName), sealed, o)
}

// readItems reads items.age.
func readItems(folder string, k Key) (map[string]string, error) {
	sealed, err := sealedItems(folder)
	if err != nil {
		return nil, err
	}
	return openItems(sealed, k)
}

// sealedItems reads items.age as it is. Where key.age is there and items.age is not, it was lost: ErrDamaged.
func sealedItems(folder string) ([]byte, error) {
	sealed, err := readFile(filepath.Join(folder, itemsName), maxItemsFile)
	if errors.Is(err, ErrMissing) {
		return nil, fmt.Errorf("%w: there is no %s", ErrDamaged, itemsName)
	}
	return sealed, err
}
