package desktop

import (
	"bufio"
	"image"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
	"tallykey/daemon/desktop/desktoptest"
)

// startDunst starts a real notification service on the session bus; what it says is each notification that it shows.
func startDunst(t *testing.T, s *desktoptest.Screen) *said {
	t.Helper()
	dunst := exec.Command("dunst", "-print")
	out, err := dunst.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.Start(dunst)
	conn := desktoptest.Connect(t)
	s.Await("the notification service", func() bool { return owned(conn, notifyName) }) // or the bus starts a second one
	all := &said{}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			all.add(lines.Text() + "\n")
		}
	}()
	return all
}

// said is what a program has said so far.
type said struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *said) add(text string) { s.mu.Lock(); defer s.mu.Unlock(); s.text.WriteString(text) }

func (s *said) has(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(s.text.String(), text)
}

// Where the window dies, hangs or is not there, a real notification service shows the number as soon as the phone has the
// request.
func TestTheNotificationCarriesOn(t *testing.T) {
	s := desktoptest.StartScreen(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", s.Bus)
	dunst := startDunst(t, s)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for i, window := range []struct {
		how, path string
		paint     Paint
	}{{"crash", self, NoWindow}, {"stay", self, Late}, {"none", "", NoWindow}} {
		t.Run(window.how, func(t *testing.T) {
			paints := make(chan Painting, 8)
			surface := NewSurface(Config{WindowPath: window.path, WindowEnv: []string{"FAKE_WINDOW=" + window.how + " " + t.TempDir() + "/started"},
				NoTray: true, Language: "en", Painting: func(p Painting) { paints <- p }})
			running(t, surface.Run)
			r := apitest.Request(api.Waiting)
			r.Host = []string{"mail", "wiki", "git"}[i] + ".contoso.example"
			surface.Request(r)
			select {
			case p := <-paints:
				if p.Paint != window.paint {
					t.Errorf("%s: %+v", window.how, p)
				}
			case <-time.After(desktoptest.LongPatience):
				t.Fatal("nothing is known of the window")
			}
			s.Await("the notification", func() bool { return dunst.has("Sign in to " + r.Host) })
			if r.State, r.Number = api.Delivered, []string{"41", "52", "63"}[i]; dunst.has("Tap " + r.Number) {
				t.Errorf("the number %s before the phone has the request", r.Number)
			}
			surface.Request(r)
			s.Await("the number", func() bool { return dunst.has("Tap " + r.Number + " on your phone") })
		})
	}
}

// TestNotificationsByDunst looks at what people see: the request, its number, one that waits behind it, and the end.
func TestNotificationsByDunst(t *testing.T) {
	s := desktoptest.StartScreen(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", s.Bus)
	dunst := startDunst(t, s)
	n := startNoted(t, "en")
	for _, step := range []struct {
		name string
		show func()
		says string
	}{
		{"waiting", func() { n.Show(apitest.Request(api.Waiting), 0) }, "Unlock your phone"},
		{"number", func() { n.Show(apitest.Request(api.Delivered), 1) }, "1 more waiting"},
		{"wrong-number", func() { n.Show(apitest.Ended(api.WrongNumber), 0) }, "A different number was tapped"},
	} {
		step.show()
		s.Await(step.says, func() bool { return dunst.has(step.says) })
		s.Await("it on the screen", func() bool { return s.Run("dunstctl", "count", "displayed") == "1" })
		s.Picture("notification-"+step.name, image.Rect(930, 40, 1280, 150))
	}
}
