package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"tallykey/daemon/api"
)

// doctorTimeout is far more than all checks take together, those that wait for other programs too.
const doctorTimeout = 90 * time.Second

// maxReport bounds what is read of a report, in bytes.
const maxReport = 1 << 20

// Check is one finding of tallykey doctor --json.
type Check struct {
	Name   string   `json:"name"`
	State  string   `json:"state"` // "ok", "warning", "broken" or "skipped"
	What   string   `json:"what"`
	Remedy string   `json:"remedy,omitempty"`
	Code   api.Code `json:"code,omitempty"`
	Safe   bool     `json:"safe,omitempty"` // --fix repairs it
}

// Doctor runs every check, with fix after the safe repairs.
func (b *Bridge) Doctor(fix bool) ([]Check, error) {
	ctx, cancel := context.WithTimeout(context.Background(), doctorTimeout)
	defer cancel()
	out, err := b.doctor(ctx, fix)
	var all []Check
	// The exit code says that something is broken; the report says what.
	if json.Unmarshal(out, &all) != nil || len(all) == 0 {
		return nil, api.Errorf(api.DoctorFailed, "%v", errors.Join(err, ctx.Err()))
	}
	return all, nil
}

// runDoctor runs the command tallykey and returns what it printed.
func runDoctor(ctx context.Context, fix bool) ([]byte, error) {
	args := []string{"doctor", "--json"}
	if fix {
		args = append(args, "--fix")
	}
	cmd := exec.CommandContext(ctx, command(), args...)
	cmd.WaitDelay = time.Second // for children that keep the pipe
	out := &limited{left: maxReport}
	cmd.Stdout = out
	err := cmd.Run()
	return out.text, err
}

// command is the path of tallykey: beside this program where it was installed, or else the one of the search path.
func command() string {
	name := "tallykey"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(beside); err == nil {
			return beside
		}
	}
	return name
}

// limited keeps the first bytes of what is written to it.
type limited struct {
	text []byte
	left int
}

// Write implements io.Writer. It never fails: the writer is a program that is to end by itself.
func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.text, l.left = append(l.text, p[:n]...), l.left-n
	return len(p), nil
}
