//go:build desktop

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
	"tallykey/daemon/desktop/desktoptest"
)

func TestTheNumber(t *testing.T) {
	s := startSession(t)
	s.daemon.Put(apitest.Request(api.Waiting))
	w := s.open("--view", "prompt")
	if id := s.called(api.MethodPainted); id != "r1" {
		t.Fatalf("painted %q", id)
	}
	s.Picture("waiting")
	s.Focused("Sign in with your phone")

	s.daemon.Put(apitest.Request(api.Delivered))
	tree := s.Accessible("2, 6. Twenty-six.")
	s.Picture("delivered")
	want := []string{"heading: mail.contoso.example", "image: 2, 6. Twenty-six.", "button: This isn’t me", "button: Cancel"}
	for _, line := range want {
		if !slices.Contains(tree, line) {
			t.Errorf("a screen reader finds no %q in\n%s", line, strings.Join(tree, "\n"))
		}
	}
	if name := s.Xdotool("getactivewindow", "getwindowname"); strings.Contains(name, "26") {
		t.Errorf("title %q", name)
	}

	s.daemon.Put(apitest.Request(api.Answering))
	s.Accessible("Number is right")
	s.Picture("answering")
	s.daemon.Put(apitest.Ended(api.Approved))
	s.Accessible("You are signed in")
	s.Picture("approved")
	w.left()
}

func TestWaysToCancel(t *testing.T) {
	for name, how := range map[string]func(*session){
		"escape":       func(s *session) { s.Xdotool("key", "Escape") },
		"close button": func(s *session) { s.Xdotool("key", "alt+F4") },
	} {
		t.Run(name, func(t *testing.T) {
			s := startSession(t)
			s.daemon.Put(apitest.Request(api.Delivered))
			w := s.open("--view", "prompt")
			s.called(api.MethodPainted)
			s.Focused("Sign in with your phone")
			s.Xdotool("key", "Return") // must do nothing: focus is on the heading
			how(s)
			if id := s.called(api.MethodCancel); id != "r1" {
				t.Errorf("cancelled %q", id)
			}
			w.left()
		})
	}
}

func TestReportThroughAScreenReader(t *testing.T) {
	s := startSession(t, "LC_ALL=de_DE.UTF-8")
	s.daemon.Put(apitest.Request(api.Delivered))
	s.open("--view", "prompt")
	s.called(api.MethodPainted)
	s.Accessible("2, 6. Sechsundzwanzig.")
	s.Press("Das bin ich nicht")
	if id := s.called(api.MethodReport); id != "r1" {
		t.Errorf("reported %q", id)
	}
	s.Accessible("Gemeldet")
	s.Picture("reported-de")
}

func TestOneWindowOfAView(t *testing.T) {
	s := startSession(t)
	s.daemon.Put(apitest.Request(api.Waiting))
	s.open("--view", "prompt")
	s.called(api.MethodPainted)
	second := s.open("--view", "prompt")
	second.left()
	if n := len(strings.Fields(s.Xdotool("search", "--onlyvisible", "--name", "Sign in with your phone"))); n != 1 {
		t.Errorf("%d windows", n)
	}
}

// The number comes where the person looks, in front of what is there, and with the keyboard.
func TestThePromptComesToThePointersScreen(t *testing.T) {
	s := sessionOn(t, desktoptest.StartTwoScreens(t))
	s.daemon.Put(apitest.Request(api.Delivered))
	for _, screen := range []struct{ pointer, left, right int }{{1900, 1280, 2560}, {300, 0, 1280}} {
		s.Xdotool("mousemove", strconv.Itoa(screen.pointer), "400")
		other := s.open("about")
		s.Focused("tallykey")
		w := s.open("--view", "prompt")
		s.called(api.MethodPainted)
		s.Focused("Sign in with your phone")
		s.Await("the window on its screen", func() bool {
			x, width := s.geometry("X"), s.geometry("WIDTH")
			return x >= screen.left && x+width <= screen.right
		})
		if state := s.Run("xprop", "-id", s.Xdotool("getactivewindow"), "_NET_WM_STATE"); !strings.Contains(state, "_NET_WM_STATE_ABOVE") {
			t.Errorf("not above other windows: %s", state)
		}
		s.Picture("two-screens")
		for _, w := range []*window{w, other} {
			w.cmd.Process.Kill()
			<-w.ended
		}
	}
}

// geometry is a measure of the window that has the keyboard, in pixels.
func (s *session) geometry(name string) int {
	_, after, _ := strings.Cut(s.Xdotool("getactivewindow", "getwindowgeometry", "--shell"), "\n"+name+"=")
	got, err := strconv.Atoi(strings.Fields(after + " -1")[0])
	if err != nil {
		return -1
	}
	return got
}

func TestTheNextRequest(t *testing.T) {
	s := startSession(t)
	s.daemon.Put(apitest.Request(api.Delivered))
	next := apitest.Request(api.Queued)
	next.ID, next.Host, next.Domain = "r2", "wiki.fabrikam.example", "fabrikam.example"
	s.daemon.Put(next)
	s.open("--view", "prompt")
	s.called(api.MethodPainted)
	s.Accessible("1 more request is waiting")
	s.Picture("one-more")
	s.daemon.Put(apitest.Ended(api.TimedOut))
	s.Accessible("Request timeout")
	s.Picture("timed-out")
	other := s.open("about") // what the person turned to
	s.Focused("tallykey")
	next.State = api.Waiting
	s.daemon.Put(next)
	s.Focused("Sign in with your phone")
	if id := s.called(api.MethodPainted); id != "r2" {
		t.Errorf("painted %q; want the next request", id)
	}
	s.Accessible("wiki.fabrikam.example")
	other.cmd.Process.Kill()
}

func TestTheDaemonGoes(t *testing.T) {
	s := startSession(t)
	s.daemon.Put(apitest.Request(api.Delivered))
	s.open("--view", "prompt")
	s.called(api.MethodPainted)
	s.daemon.Close()
	tree := s.Accessible("tallykey stopped")
	if strings.Contains(strings.Join(tree, "\n"), "Twenty-six") {
		t.Error("the number stays after the daemon has gone")
	}
	s.Picture("daemon-stopped")
}

func TestPairing(t *testing.T) {
	s := startSession(t)
	s.open("pair")
	s.called(api.MethodPair)
	id := s.called(api.MethodPainted)
	s.Accessible("Pairing code")
	s.Picture("pair")
	r := apitest.Request(api.Delivered)
	r.ID, r.Action, r.Host, r.Domain, r.Account, r.Browser = id, "pair", "", "", "", ""
	s.daemon.Put(r)
	s.Accessible("2, 6. Twenty-six.")
	s.Picture("pair-number")
	r.State, r.Code, r.Number = api.Ended, api.Paired, ""
	s.daemon.Put(r)
	s.Accessible("Paired")
	s.Picture("paired")
}

func TestClosingThePairingEndsIt(t *testing.T) {
	s := startSession(t)
	w := s.open("pair")
	id := s.called(api.MethodPainted)
	s.Focused("tallykey")
	s.Xdotool("key", "alt+F4")
	if cancelled := s.called(api.MethodCancel); cancelled != id {
		t.Errorf("cancelled %q; want %q", cancelled, id)
	}
	w.left()
}

// BenchmarkPaint measures from the start of the process to the daemon's knowledge that the request is on the screen.
func BenchmarkPaint(b *testing.B) {
	s := startSession(b)
	s.daemon.Put(apitest.Request(api.Delivered))
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		w := s.open("--view", "prompt")
		s.called(api.MethodPainted)
		took = append(took, time.Since(begin))
		b.StopTimer()
		w.cmd.Process.Kill()
		<-w.ended
		b.StartTimer()
	}
	report(b, took)
}

// BenchmarkPaintInAnOpenWindow measures the same where the window is there already, and what it costs to have it there.
func BenchmarkPaintInAnOpenWindow(b *testing.B) {
	s := startSession(b)
	r := apitest.Request(api.Delivered)
	s.daemon.Put(r)
	w := s.open("--view", "prompt")
	s.called(api.MethodPainted)
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		r.State, r.Code = api.Ended, api.Declined
		s.daemon.Put(r)
		r = apitest.Request(api.Delivered)
		r.ID = "next " + strconv.Itoa(i)
		begin := time.Now()
		s.daemon.Put(r)
		s.called(api.MethodPainted)
		took = append(took, time.Since(begin))
	}
	report(b, took)
	b.ReportMetric(float64(proportional(b, w.cmd.Process.Pid))/1024, "MB")
}

func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Milliseconds()), "p95-ms")
	b.ReportMetric(0, "ns/op")
}

// proportional is the memory of a process and all below it, with what they share counted once, in KB.
func proportional(b *testing.B, pid int) (kb int) {
	b.Helper()
	dir := "/proc/" + strconv.Itoa(pid)
	memory, err := os.ReadFile(dir + "/smaps_rollup")
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(memory), "\nPss:")
	kb, _ = strconv.Atoi(strings.Fields(after)[0])
	tasks, err := filepath.Glob(dir + "/task/*/children")
	if err != nil {
		b.Fatal(err)
	}
	for _, task := range tasks {
		children, _ := os.ReadFile(task)
		for _, child := range strings.Fields(string(children)) {
			if pid, err := strconv.Atoi(child); err == nil {
				kb += proportional(b, pid)
			}
		}
	}
	return kb
}

// The window grows before anything in it shrinks or is cut.
func TestALongSiteMakesTheWindowTaller(t *testing.T) {
	s := startSession(t, "GTK_THEME=Adwaita:dark", "LANG=de_DE.UTF-8")
	r := apitest.Request(api.Delivered)
	r.Host = "accounts-payable.europe-west.shared-services.intranet.fabrikam.example:8443"
	r.Domain, r.Top = "fabrikam.example", "shop.example"
	s.daemon.Put(r)
	s.open("--view", "prompt")
	s.called(api.MethodPainted)
	s.Focused("Mit dem Telefon anmelden")
	_, height := ViewPrompt.size()
	s.Await("a taller window", func() bool { return s.geometry("HEIGHT") > height })
	s.Accessible("In einer Seite von shop.example.")
	s.Picture("long-dark-de")
}
