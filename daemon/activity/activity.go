// Package activity keeps how requests ended, in a file of one JSON object a line, so that the pause of an account
// holds across restarts and a person can look up what happened. It never holds a number, a key or a link.
package activity

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"tallykey/daemon/api"
)

// Keep is how many ends the log holds; older ones go when it is opened, but for bad ones of the last minutes.
const Keep = 1000

// Log is the activity log. It is safe for concurrent use.
type Log struct {
	path string
	log  *slog.Logger

	mu      sync.Mutex
	entries []api.Activity // oldest first
	file    *os.File       // nil until the first Append, or where the file can't be written
}

// Open reads the log at path. A line that can't be read (the machine lost power while it was written) is left out; a
// file that can't be read at all, or that a later version wrote, is an error, because a log that forgot its bad ends would
// lift every pause.
func Open(path string, log *slog.Logger) (*Log, error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	version, lines, err := split(data)
	if err != nil {
		return nil, err
	}
	l := &Log{path: path, log: log}
	l.entries, _ = read(lines)
	long := len(l.entries) > Keep
	if long {
		l.entries = trim(l.entries, time.Now())
	}
	if long || version < Version && len(data) > 0 {
		err = l.rewrite()
	} else {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	return l, err
}

// read returns the ends of a file, oldest first, and how many lines are none.
func read(data []byte) (all []api.Activity, damaged int) {
	for line := range bytes.Lines(data) {
		var a api.Activity
		switch line = bytes.TrimSpace(line); {
		case len(line) == 0: // before a line that followed one cut off
		case json.Unmarshal(line, &a) == nil && a.Code != "":
			all = append(all, a)
		default:
			damaged++
		}
	}
	return all, damaged
}

// Read looks at the log at path without touching it: its ends, oldest first, and how many lines can't be read. Where there
// is no file there are no ends. The error is that of Open.
func Read(path string) (all []api.Activity, damaged int, err error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, err
	}
	_, lines, err := split(data)
	if err != nil {
		return nil, 0, err
	}
	all, damaged = read(lines)
	return all, damaged, nil
}

// rewrite replaces the file as a whole, so that a crash leaves the old one or the new one.
func (l *Log) rewrite() error {
	var all bytes.Buffer
	all.Write(header)
	for _, a := range l.entries {
		line, err := json.Marshal(a)
		if err != nil {
			return err
		}
		all.Write(append(line, '\n'))
	}
	temporary := l.path + ".new"
	if err := os.WriteFile(temporary, all.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, l.path)
}

// Append adds an end. A file that can't be written is reported in the log of the program; the entry still counts until
// the daemon stops.
func (l *Log) Append(a api.Activity) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, a)
	if len(l.entries) > 2*Keep {
		l.entries = trim(l.entries, a.Time)
	}
	if err := l.write(a); err != nil {
		l.log.Error("activity log can't be written", "path", l.path, "err", err)
	}
}

func (l *Log) write(a api.Activity) error {
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if l.file == nil {
		if l.file, err = os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600); err != nil {
			return err
		}
		line = append(before(l.file), line...)
	}
	_, err = l.file.Write(append(line, '\n'))
	return err
}

// before is what must stand before a line that is appended: the version, or the end of a line that a crash cut off, which
// must not swallow this one.
func before(f *os.File) []byte {
	i, err := f.Stat()
	if err != nil {
		return nil
	}
	if i.Size() == 0 {
		return bytes.Clone(header)
	}
	var last [1]byte
	if _, err = f.ReadAt(last[:], i.Size()-1); err == nil && last[0] != '\n' {
		return []byte("\n")
	}
	return nil
}

// Since lists the ends after t, oldest first.
func (l *Log) Since(t time.Time) []api.Activity {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := len(l.entries)
	for i > 0 && l.entries[i-1].Time.After(t) {
		i--
	}
	return slices.Clone(l.entries[i:])
}

// Newest lists at most Keep ends, newest first.
func (l *Log) Newest() []api.Activity {
	all := l.Since(time.Time{})
	slices.Reverse(all)
	return all[:min(len(all), Keep)]
}

// Close closes the file.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
