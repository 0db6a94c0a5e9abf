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

// maxForgotten bounds the file; the oldest go first.
const maxForgotten = 1000

// forgotten remembers registrations that were removed on this desktop and whose phones have not confirmed it, across
// restarts. It holds ids of phones and credentials only: with them nobody can do anything.
type forgotten struct {
	path  string
	newer bool // a later version wrote the file: it stays as it is, and what comes is remembered until the daemon ends

	mu  sync.Mutex
	all []tombstone // oldest first
}

type tombstone struct {
	Phone      string `json:"phone"`
	Credential string `json:"credential"` // base64url
}

// forgottenVersion is the version of the file. The first form was a bare list.
const forgottenVersion = 1

// forgottenFile is the file.
type forgottenFile struct {
	V   int         `json:"v"`
	All []tombstone `json:"all"`
}

// openForgotten reads the file in a folder. On an error what it returns is empty and works.
func openForgotten(folder string) (*forgotten, error) {
	f := &forgotten{path: filepath.Join(folder, "forgotten.json")}
	data, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err == nil {
		f.all, err = parseForgotten(data)
		f.newer = errors.Is(err, &api.Error{Code: api.StateNewer})
	}
	return f, err
}

func parseForgotten(data []byte) ([]tombstone, error) {
	var bare []tombstone
	if json.Unmarshal(data, &bare) == nil {
		return bare, nil
	}
	var versioned struct {
		V int `json:"v"`
	}
	err := json.Unmarshal(data, &versioned)
	if err == nil && versioned.V > forgottenVersion {
		err = api.Errorf(api.StateNewer, "version %d; this program reads up to %d", versioned.V, forgottenVersion)
	}
	var file forgottenFile
	if err == nil {
		err = json.Unmarshal(data, &file)
	}
	return file.All, err
}

// of lists the credentials that a phone must be told of.
func (f *forgotten) of(phone string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, t := range f.all {
		if t.Phone == phone {
			out = append(out, t.Credential)
		}
	}
	return out
}

// add is on the disk when it returns.
func (f *forgotten) add(t tombstone) error {
	return f.change(func(all []tombstone) []tombstone {
		if slices.Contains(all, t) {
			return all
		}
		all = append(all, t)
		return all[max(0, len(all)-maxForgotten):]
	})
}

func (f *forgotten) drop(t tombstone) error {
	return f.change(func(all []tombstone) []tombstone {
		return slices.DeleteFunc(all, func(o tombstone) bool { return o == t })
	})
}

// dropPhone is for a phone that is gone: it will not ask again, and a failure leaves lines that nobody reads.
func (f *forgotten) dropPhone(phone string) {
	_ = f.change(func(all []tombstone) []tombstone {
		return slices.DeleteFunc(all, func(o tombstone) bool { return o.Phone == phone })
	})
}

// change writes a whole file beside the old one, so that a kill at any instant leaves one of the two.
func (f *forgotten) change(with func([]tombstone) []tombstone) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := with(slices.Clone(f.all))
	if slices.Equal(next, f.all) {
		return nil
	}
	if f.newer {
		f.all = next
		return nil
	}
	data, err := json.Marshal(forgottenFile{forgottenVersion, next})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(f.path+".new", data, 0o600); err != nil {
		return err
	}
	if err := os.Rename(f.path+".new", f.path); err != nil {
		return err
	}
	f.all = next
	return nil
}
