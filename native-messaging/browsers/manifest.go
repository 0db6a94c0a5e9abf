package browsers

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// manifest is what a browser reads. Chromium and Firefox name the list of extensions differently.
type manifest struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Path        string   `json:"path"`
	Type        string   `json:"type"`
	Origins     []string `json:"allowed_origins,omitempty"`
	Extensions  []string `json:"allowed_extensions,omitempty"`
}

// manifestFor is the manifest that the family shall read.
func manifestFor(f family, host string) []byte {
	m := manifest{Name: HostName, Description: "tallykey: sign in with the phone", Path: host, Type: "stdio"}
	switch f {
	case chromium:
		m.Origins = []string{"chrome-extension://" + ChromiumID + "/"}
	case firefox:
		m.Extensions = []string{FirefoxID}
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic("browsers: " + err.Error()) // strings only
	}
	return append(data, '\n')
}

// staleness says in what a manifest on disk differs from the one that is wanted.
func staleness(data []byte, host string) string {
	var m manifest
	switch {
	case json.Unmarshal(data, &m) != nil:
		return "can't be read"
	case m.Path != host:
		return "points to " + m.Path
	}
	return "is for another extension"
}

// replace writes a file whole or not at all: a browser that starts meanwhile reads the old one or the new one. The mode
// is 0644, for a manifest holds no secret, and some browsers refuse what others may write.
func replace(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+HostName+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // does nothing once it was renamed
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// present reads a file; a missing one is nil without an error.
func present(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}
