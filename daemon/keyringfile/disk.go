package keyringfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// temporary begins the name of a file that shall replace another.
const temporary = ".new-"

// checkFolder: who may write to the folder could put another file in place of ours.
func checkFolder(folder string) error {
	info, err := os.Lstat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: no folder %s", ErrMissing, folder)
	}
	if err != nil {
		return fmt.Errorf("%w: %v", ErrUnsafe, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%w: %s is not a folder", ErrUnsafe, folder)
	}
	return private(folder, info)
}

// readFile reads a file that belongs to this user alone.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := openPlain(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: no %s", ErrMissing, path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrUnsafe, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrDamaged, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is not a file", ErrUnsafe, path)
	}
	if err := private(path, info); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil || int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: %s: more than %d bytes, or %v", ErrDamaged, path, limit, err)
	}
	return data, nil
}

// replaceFile writes a file whole or not at all. After an error it is open which: the new one may be there and lost
// again when the power fails.
func replaceFile(path string, data []byte, o Options) error {
	folder := filepath.Dir(path)
	f, err := os.CreateTemp(folder, temporary+"*") // of mode 0600
	if err != nil {
		return fmt.Errorf("%w: %v", ErrNotWritten, err)
	}
	defer os.Remove(f.Name()) // does nothing once it was renamed
	o.did(Created)
	_, err = f.Write(data)
	o.did(Written)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("%w: %v", ErrNotWritten, err)
	}
	o.did(Synced)
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("%w: %v", ErrNotWritten, err)
	}
	o.did(Renamed)
	if err := syncFolder(folder); err != nil {
		return fmt.Errorf("%w: %v", ErrNotWritten, err)
	}
	o.did(FolderSaved)
	return nil
}

// sweep removes what a killed program left. Only who holds the lock may.
func sweep(folder string) {
	left, _ := filepath.Glob(filepath.Join(folder, temporary+"*"))
	for _, path := range left {
		_ = os.Remove(path) // the next one tries again
	}
}
