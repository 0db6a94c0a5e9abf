package desktop

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test's own program play the window program.
func TestMain(m *testing.M) {
	if script := os.Getenv("FAKE_WINDOW"); script != "" {
		fakeWindow(script)
	}
	os.Exit(m.Run())
}

// fakeWindow writes its arguments where it is told to, and stays or ends.
func fakeWindow(script string) {
	how, log, _ := strings.Cut(script, " ")
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	f.WriteString(strings.Join(os.Args[1:], " ") + "\n")
	f.Close()
	switch how {
	case "crash":
		os.Exit(3)
	case "stay":
		<-stop
	}
	os.Exit(0)
}

type ended struct {
	view View
	err  error
}

func fakeWindows(t *testing.T, how string) (w *Window, died chan ended, log string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log = filepath.Join(t.TempDir(), "started")
	died = make(chan ended, 8)
	w = NewWindow(WindowConfig{Path: self, Env: []string{"FAKE_WINDOW=" + how + " " + log},
		Died: func(v View, err error) { died <- ended{v, err} }})
	t.Cleanup(w.Close)
	return w, died, log
}

func TestWindowTellsHowItEnded(t *testing.T) {
	for how, ok := range map[string]bool{"end": true, "crash": false} {
		w, died, log := fakeWindows(t, how)
		if err := w.Open(ViewPrompt); err != nil {
			t.Fatal(err)
		}
		select {
		case d := <-died:
			if d.view != ViewPrompt || (d.err == nil) != ok {
				t.Errorf("%s: %+v", how, d)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: not told", how)
		}
		if w.Running(ViewPrompt) {
			t.Errorf("%s: still running", how)
		}
		if args, err := os.ReadFile(log); err != nil || string(args) != "--view prompt\n" {
			t.Errorf("%s: started with %q, %v; want the view and nothing else", how, args, err)
		}
	}
}

func TestOneWindowAView(t *testing.T) {
	w, died, log := fakeWindows(t, "stay")
	for range 3 {
		if err := w.Open(ViewPrompt); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Open(ViewPair); err != nil {
		t.Fatal(err)
	}
	awaitLines(t, log, 2)
	w.Close()
	if w.Running(ViewPrompt) || w.Running(ViewPair) {
		t.Error("Close left a window")
	}
	if len(died) != 0 {
		t.Error("windows that were asked to close count as dead")
	}
	if args, _ := os.ReadFile(log); strings.Count(string(args), "prompt") != 1 {
		t.Errorf("started: %q; want one prompt", args)
	}
	if err := w.Open(ViewPrompt); err != nil || w.Running(ViewPrompt) {
		t.Errorf("a window opened after Close: %v", err)
	}
}

func awaitLines(t *testing.T, path string, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		data, _ := os.ReadFile(path)
		if strings.Count(string(data), "\n") >= n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d processes did not start: %q", n, data)
		}
	}
}

func TestNoWindowProgram(t *testing.T) {
	if err := NewWindow(WindowConfig{}).Open(ViewPrompt); !errors.Is(err, ErrNoWindow) {
		t.Errorf("no path: %v; want ErrNoWindow", err)
	}
	missing := filepath.Join(t.TempDir(), "tallykey-window")
	if err := NewWindow(WindowConfig{Path: missing}).Open(ViewPrompt); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v; want it to say so", err)
	}
}
