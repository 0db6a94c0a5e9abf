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

// The views: the prompt, and the window with one of its sections, by the names that the window program takes. Main lets
// the window decide.
const (
	ViewPrompt        View = "prompt"
	ViewMain          View = ""
	ViewPair          View = "pair"
	ViewPhones        View = "phones"
	ViewRegistrations View = "registrations"
	ViewActivity      View = "activity"
	ViewSettings      View = "settings"
	ViewDoctor        View = "doctor"
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

// arguments are what the window program takes for a view.
func (v View) arguments() []string {
	switch v {
	case ViewPrompt:
		return []string{"--view", string(v)}
	case ViewMain:
		return nil
	}
	return []string{string(v)}
}

// maxWindows bounds the processes: a program that hangs must not be started for each click.
const maxWindows = 8

// Window starts the window program: one process for the prompt, and one for each section that is asked for. The window
// program itself sees to it that sections share one window: a second process tells the first one and ends.
type Window struct {
	cfg WindowConfig

	mu      sync.Mutex // guards the fields that follow
	running map[*exec.Cmd]View
	closed  bool
	wait    sync.WaitGroup
}

// NewWindow starts nothing yet.
func NewWindow(cfg WindowConfig) *Window {
	cfg.Log = orDiscard(cfg.Log)
	if cfg.Died == nil {
		cfg.Died = func(View, error) {}
	}
	return &Window{cfg: cfg, running: map[*exec.Cmd]View{}}
}

// Open starts the view's process; there is one prompt at a time. It returns once the process exists, which takes a few milliseconds; the
// first paint comes half a second later. The view is all that the process is told: requests and their numbers never stand
// in an argument list.
func (w *Window) Open(v View) error {
	if w.cfg.Path == "" {
		return ErrNoWindow
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || v == ViewPrompt && w.runs(v) || len(w.running) >= maxWindows {
		return nil
	}
	cmd := exec.Command(w.cfg.Path, v.arguments()...)
	cmd.Env = append(os.Environ(), w.cfg.Env...)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("desktop: window %s: %w", v, err)
	}
	w.running[cmd] = v
	w.wait.Go(func() { w.watch(v, cmd) })
	return nil
}

func (w *Window) watch(v View, cmd *exec.Cmd) {
	err := cmd.Wait()
	w.mu.Lock()
	delete(w.running, cmd)
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
	return w.runs(v)
}

func (w *Window) runs(v View) bool {
	for _, running := range w.running {
		if running == v {
			return true
		}
	}
	return false
}

// closeTimeout is how long a window may take to leave when it is asked to.
const closeTimeout = 2 * time.Second

// Close asks every process to end, kills those that don't, and waits for them. Died is not called for them.
func (w *Window) Close() {
	w.mu.Lock()
	w.closed = true
	for cmd := range w.running {
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
	for cmd := range w.running {
		cmd.Process.Kill()
	}
	w.mu.Unlock()
	<-gone
}
