package desktop

import (
	"image"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
	"tallykey/daemon/desktop/desktoptest"
)

// startNotifyd starts Xfce's notification service (package xfce4-notifyd), which shows actions as buttons.
func startNotifyd(t *testing.T, s *desktoptest.Screen) {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/*/xfce4/notifyd/xfce4-notifyd")
	if err != nil || len(found) == 0 {
		t.Fatalf("no xfce4-notifyd: %v", err)
	}
	s.Start(exec.Command(found[0]))
	conn := desktoptest.Connect(t)
	s.Await("the notification service", func() bool { return owned(conn, notifyName) })
}

// A service of another kind than dunst, read as a screen reader reads it: the request comes, its number takes the place
// of what was there, each button does what it says, and the end takes it away.
func TestNotificationsByXfce(t *testing.T) {
	s := desktoptest.StartScreen(t, "GTK_MODULES=gail:atk-bridge")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", s.Bus)
	startNotifyd(t, s)
	n := startNoted(t, "en")
	shown := func() int {
		return len(strings.Fields(s.Xdotool("search", "--onlyvisible", "--class", "xfce4-notifyd")))
	}

	n.Show(apitest.Request(api.Waiting), 0)
	s.Accessible("Unlock your phone")
	n.Show(apitest.Request(api.Delivered), 1)
	lines := strings.Join(s.Accessible("Tap 26 on your phone"), "\n")
	if strings.Contains(lines, "Unlock your phone") || !strings.Contains(lines, "1 more waiting") {
		t.Errorf("not in its place:\n%s", lines)
	}
	if shown() != 1 {
		t.Errorf("%d notifications", shown())
	}
	s.Picture("notification-xfce", image.Rect(880, 0, 1280, 220))
	n.Show(apitest.Ended(api.Approved), 0)
	s.Await("the end of it", func() bool { return shown() == 0 })

	for _, button := range []struct{ label, does string }{
		{"Show", "show"}, {"This isn’t me", "report"}, {"Cancel", "cancel"},
	} {
		r := apitest.Request(api.Delivered)
		r.ID = "r-" + button.does
		n.Show(r, 0)
		s.Accessible("Tap 26 on your phone")
		s.Press(button.label)
		if did := next(t, n.used, button.label); did != button.does+" "+r.ID {
			t.Errorf("%s: %s", button.label, did)
		}
		n.Close(r.ID)
		s.Await("no notification", func() bool { return shown() == 0 })
	}
}
