package service

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"tallykey/daemon/api"
)

// maxPersisted bounds the file of a list; the oldest go first.
const maxPersisted = 1000

// persisted is a list that outlives the daemon, in a file of its own in the folder of the state.
type persisted[T comparable] struct {
	path  string
	newer bool // a later version wrote the file: it stays as it is, and what comes is remembered until the daemon ends

	mu  sync.Mutex
	all []T // oldest first
}

// persistedVersion is the version of the files. The first form was a bare list.
const persistedVersion = 1

// persistedFile is the file.
type persistedFile[T any] struct {
	V   int `json:"v"`
	All []T `json:"all"`
}

// openPersisted reads a file. On an error what it returns is empty and works.
func openPersisted[T comparable](path string) (*persisted[T], error) {
	k := &persisted[T]{path: path}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	if err == nil {
		k.all, err = parsePersisted[T](data)
		k.newer = errors.Is(err, &api.Error{Code: api.StateNewer})
	}
	return k, err
}

func parsePersisted[T any](data []byte) ([]T, error) {
	var bare []T
	if json.Unmarshal(data, &bare) == nil {
		return bare, nil
	}
	var versioned struct {
		V int `json:"v"`
	}
	err := json.Unmarshal(data, &versioned)
	if err == nil && versioned.V > persistedVersion {
		err = api.Errorf(api.StateNewer, "version %d; this program reads up to %d", versioned.V, persistedVersion)
	}
	var file persistedFile[T]
	if err == nil {
		err = json.Unmarshal(data, &file)
	}
	return file.All, err
}

// list is what is kept, the oldest first.
func (k *persisted[T]) list() []T {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.all)
}

// add is on the disk when it returns.
func (k *persisted[T]) add(item T) error {
	return k.change(func(all []T) []T {
		if slices.Contains(all, item) {
			return all
		}
		all = append(all, item)
		return all[max(0, len(all)-maxPersisted):]
	})
}

func (k *persisted[T]) drop(item T) error {
	return k.dropWhere(func(other T) bool { return other == item })
}

func (k *persisted[T]) dropWhere(gone func(T) bool) error {
	return k.change(func(all []T) []T { return slices.DeleteFunc(all, gone) })
}

// change writes a whole file beside the old one, so that a kill at any instant leaves one of the two.
func (k *persisted[T]) change(with func([]T) []T) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	next := with(slices.Clone(k.all))
	if slices.Equal(next, k.all) {
		return nil
	}
	if k.newer {
		k.all = next
		return nil
	}
	data, err := json.Marshal(persistedFile[T]{persistedVersion, next})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(k.path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(k.path+".new", data, 0o600); err != nil {
		return err
	}
	if err := os.Rename(k.path+".new", k.path); err != nil {
		return err
	}
	k.all = next
	return nil
}
