package desktop

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"time"
)

// View is one of the windows.
type View string

// The views, by the names that the window program takes.
const (
	ViewPrompt View = "prompt"
	ViewPair   View = "pair"
	ViewMain   View = "main"
)

// String implements fmt.Stringer.
func (v View) String() string { return string(v) }

// ErrNoWindow means that no window program is installed.
var ErrNoWindow = errors.New("desktop: no window program")

// WindowConfig is how a Window starts processes.
type WindowConfig struct {
	Path string                // of tallykey-window; empty: ErrNoWindow
	Env  []string              // beside the daemon's own
	Died func(v View, e error) // a process ended; e is nil where it ended well. May be nil
	Log  *slog.Logger
}

// Window starts the window program, one process a view. It restarts nothing.
type Window struct {
	cfg WindowConfig

	mu      sync.Mutex // guards the fields that follow
	running map[View]*exec.Cmd
	closed  bool
	wait    sync.WaitGroup
}

// NewWindow starts nothing yet.
func NewWindow(cfg WindowConfig) *Window {
	cfg.Log = orDiscard(cfg.Log)
	if cfg.Died == nil {
		cfg.Died = func(View, error) {}
	}
	return &Window{cfg: cfg, running: map[View]*exec.Cmd{}}
}

// Open starts the view's process unless it runs. It returns once the process exists, which takes a few milliseconds; the
// first paint comes half a second later. The view is all that the process is told: requests and their numbers never stand
// in an argument list.
func (w *Window) Open(v View) error {
	if w.cfg.Path == "" {
		return ErrNoWindow
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.running[v] != nil {
		return nil
	}
	cmd := exec.Command(w.cfg.Path, "--view", string(v))
	cmd.Env = append(os.Environ(), w.cfg.Env...)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("desktop: window %s: %w", v, err)
	}
	w.running[v] = cmd
	w.wait.Go(func() { w.watch(v, cmd) })
	return nil
}

func (w *Window) watch(v View, cmd *exec.Cmd) {
	err := cmd.Wait()
	w.mu.Lock()
	delete(w.running, v)
	closed := w.closed
	w.mu.Unlock()
	if closed {
		return
	}
	if err != nil {
		w.cfg.Log.Warn("window ended", "view", v, "err", err)
	}
	w.cfg.Died(v, err)
}

// Running says whether the view's process is there.
func (w *Window) Running(v View) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running[v] != nil
}

// closeTimeout is how long a window may take to leave when it is asked to.
const closeTimeout = 2 * time.Second

// Close asks every process to end, kills those that don't, and waits for them. Died is not called for them.
func (w *Window) Close() {
	w.mu.Lock()
	w.closed = true
	for _, cmd := range w.running {
		terminate(cmd.Process)
	}
	w.mu.Unlock()
	gone := make(chan struct{})
	go func() { w.wait.Wait(); close(gone) }()
	select {
	case <-gone:
		return
	case <-time.After(closeTimeout):
	}
	w.mu.Lock()
	for _, cmd := range w.running {
		cmd.Process.Kill()
	}
	w.mu.Unlock()
	<-gone
}
