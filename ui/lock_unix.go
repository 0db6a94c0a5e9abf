//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// errShown means that another process shows this view.
var errShown = errors.New("this view has a window already")

// lockView makes this process the only one of its view, until the file is closed or the process ends, however it ends.
// The error is errShown where another one is.
func lockView(dir string, view View) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("runtime folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "window-"+string(view)+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock of the view: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, errShown
	}
	return f, nil
}
