package settings

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tallykey/daemon/api"
)

// Version is the version of the file that this program writes. It reads no later one and leaves such a file alone.
const Version = 1

// contents is the file.
type contents struct {
	V        int               `json:"v"`
	Settings choices           `json:"settings"`
	Pauses   []api.Pause       `json:"pauses"`
	Phones   map[string]string `json:"phones"` // the person's own names, by the phone's id
	Browsers []api.Browser     `json:"browsers"`
}

func empty() contents { return contents{V: Version, Phones: map[string]string{}} }

// strict is what holds where the file can't be trusted.
func strict() contents {
	c := empty()
	c.Settings.TypeNumbers = true
	return c
}

func (c contents) clone() contents {
	c.Settings.Interfaces = slices.Clone(c.Settings.Interfaces)
	c.Pauses, c.Browsers, c.Phones = slices.Clone(c.Pauses), slices.Clone(c.Browsers), maps.Clone(c.Phones)
	return c
}

// load reads the file into the Store, or what holds without it.
func (s *Store) load() {
	data, err := os.ReadFile(s.cfg.Path)
	if errors.Is(err, fs.ErrNotExist) {
		s.kept = empty()
		return
	}
	if err != nil {
		s.refuse(api.Errorf(api.SettingsFailed, "%v", err))
		return
	}
	kept, err := parse(data)
	var newer *api.Error
	switch {
	case err == nil:
		s.kept = kept
	case errors.As(err, &newer):
		s.refuse(newer)
	default:
		s.setAside(err)
	}
}

// refuse leaves the file alone.
func (s *Store) refuse(why *api.Error) {
	s.kept, s.fault = strict(), why
	s.cfg.Log.Warn("the settings can't be read; they are left alone, and numbers must be typed", "err", why)
}

// parse reads a file of this version or an earlier one. *api.Error with SettingsNewer: of a later one.
func parse(data []byte) (contents, error) {
	var version struct {
		V int `json:"v"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return contents{}, err
	}
	if version.V > Version {
		return contents{}, api.Errorf(api.SettingsNewer, "version %d; this program reads up to %d", version.V, Version)
	}
	if version.V < 1 {
		return contents{}, errors.New("no version")
	}
	c := empty()
	if err := json.Unmarshal(data, &c); err != nil {
		return contents{}, err
	}
	c.V = Version
	if c.Phones == nil {
		c.Phones = map[string]string{}
	}
	return c, nil
}

// Damaged is where a damaged file is kept for the person.
func Damaged(path string) string { return path + ".damaged" }

// setAside keeps a damaged file for the person, and puts the strict settings in its place.
func (s *Store) setAside(why error) {
	aside := Damaged(s.cfg.Path)
	if err := os.Rename(s.cfg.Path, aside); err != nil {
		s.refuse(api.Errorf(api.SettingsFailed, "damaged: %v; %v", why, err))
		return
	}
	s.kept = strict()
	err := s.kept.write(s.cfg.Path)
	s.cfg.Log.Warn("the settings were damaged; numbers must be typed until they are set anew", "damage", why, "kept", aside, "err", err)
}

// Check says what is wrong with the file, without changing anything; nil where it can be read or there is none.
func Check(path string) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		_, err = parse(data)
	}
	return err
}

// write replaces the file whole, so that a kill or a power cut at any instant leaves the old one or the new one.
func (c contents) write(path string) error {
	c.expire(time.Now())
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return replace(path, append(data, '\n'), 0o600)
}

func replace(path string, data []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tallykey-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // does nothing once it was renamed
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
