package desktop

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
	"tallykey/daemon/desktop/desktoptest"
)

// noted is Notifications under test with what they were told and did.
type noted struct {
	*Notifications
	used  chan string // "report r1"
	parts chan api.Part
}

func startNoted(t *testing.T, language string) *noted {
	t.Helper()
	n := &noted{used: make(chan string, 16), parts: make(chan api.Part, 16)}
	use := func(what string) func(string) { return func(id string) { n.used <- what + " " + id } }
	n.Notifications = NewNotifications(NotificationsConfig{Language: language, Show: use("show"), Report: use("report"),
		Cancel: use("cancel"), Part: func(p api.Part) { n.parts <- p }}, nil)
	running(t, n.Run)
	return n
}

// running runs a part of the desktop until the test ends.
func running(t *testing.T, run func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func next[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(desktoptest.Patience):
		t.Fatalf("no %s", what)
	}
	panic("unreachable")
}

func TestNotificationOfASignIn(t *testing.T) {
	desktoptest.StartBus(t)
	service := desktoptest.StartNotifications(t, "actions", "body", "body-markup")
	n := startNoted(t, "en")

	n.Show(apitest.Request(api.Waiting), 0)
	first := service.Next()
	if first.Summary != "Sign in to mail.contoso.example" || strings.Contains(first.Body, "26") {
		t.Errorf("waiting: %q, %q", first.Summary, first.Body)
	}
	if u := first.Hints["urgency"].Value(); u != byte(2) || first.Expires != 0 {
		t.Errorf("urgency %v, expires %d; want critical and never", u, first.Expires)
	}

	n.Show(apitest.Request(api.Delivered), 0)
	second := service.Next()
	if want := "<b>Tap 26 on your phone</b>\nalice@contoso.example · Firefox is asking"; second.Body != want {
		t.Errorf("delivered: %q; want %q", second.Body, want)
	}
	if second.Replaces != first.ID {
		t.Errorf("the number came as a second notification: replaces %d; want %d", second.Replaces, first.ID)
	}

	n.Show(apitest.Ended(api.Approved), 0)
	if id := service.NextClosed(); id != first.ID {
		t.Errorf("closed %d; want %d", id, first.ID)
	}
}

func TestNotificationOfAnEnd(t *testing.T) {
	desktoptest.StartBus(t)
	service := desktoptest.StartNotifications(t, "actions")
	n := startNoted(t, "de")
	n.Show(apitest.Request(api.Delivered), 0)
	first := service.Next()
	if want := "Tippen Sie auf dem Telefon 26 an\nalice@contoso.example · Firefox fragt an"; first.Body != want {
		t.Errorf("without markup: %q; want %q", first.Body, want)
	}
	n.Show(apitest.Ended(api.TimedOut), 0)
	end := service.Next()
	row := api.TimedOut.Outcome().De
	if end.Replaces != first.ID || end.Summary != row.Title || !strings.Contains(end.Body, row.Remedy) {
		t.Errorf("end: replaces %d, %q, %q", end.Replaces, end.Summary, end.Body)
	}
	if strings.Contains(end.Body, "26") || end.Expires <= 0 || len(end.Actions) != 0 {
		t.Errorf("an end keeps nothing to do: %q, %d ms, %q", end.Body, end.Expires, end.Actions)
	}
}

func TestNotificationEscapesWhatOthersChose(t *testing.T) {
	desktoptest.StartBus(t)
	service := desktoptest.StartNotifications(t, "body-markup")
	n := startNoted(t, "en")
	r := apitest.Request(api.Waiting)
	r.Account, r.Browser = `<a href="https://phish.example">alice</a>`, "A & B"
	n.Show(r, 0)
	if body := service.Next().Body; strings.Contains(body, "<a") || !strings.Contains(body, "&lt;a") || !strings.Contains(body, "A &amp; B") {
		t.Errorf("body %q", body)
	}
}

func TestNotificationActions(t *testing.T) {
	desktoptest.StartBus(t)
	service := desktoptest.StartNotifications(t, "actions")
	n := startNoted(t, "en")
	n.Show(apitest.Request(api.Waiting), 0)
	shown := service.Next()
	want := []string{"default", "Show", "report", "This isn’t me", "cancel", "Cancel"}
	if diff := cmp.Diff(want, shown.Actions); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
	for key, what := range map[string]string{"default": "show r1", "report": "report r1", "cancel": "cancel r1"} {
		service.Invoke(shown.ID, key)
		if used := next(t, n.used, "action"); used != what {
			t.Errorf("%s: %q; want %q", key, used, what)
		}
	}
}

// A program that is not the service says that the person reported the request; so does the service about a notification
// of someone else. The service's own word, sent after both, must be the first that counts.
func TestNotificationSignalsOfOthersCountForNothing(t *testing.T) {
	address := desktoptest.StartBus(t)
	service := desktoptest.StartNotifications(t, "actions")
	n := startNoted(t, "en")
	n.Show(apitest.Request(api.Waiting), 0)
	shown := service.Next()

	stranger, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	err = stranger.Emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications.ActionInvoked", shown.ID, "report")
	if err != nil {
		t.Fatal(err)
	}
	// The bus has passed the stranger's signal on once it answers the stranger's next call.
	if err := stranger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
		t.Fatal(err)
	}
	service.Invoke(shown.ID+1000, "report")
	service.Invoke(shown.ID, "approve")
	service.Invoke(shown.ID, "default")
	if used := next(t, n.used, "action"); used != "show r1" {
		t.Errorf("%q counted", used)
	}
}

func TestADismissedNotificationStaysAway(t *testing.T) {
	desktoptest.StartBus(t)
	service := desktoptest.StartNotifications(t, "actions")
	n := startNoted(t, "en")
	n.Show(apitest.Request(api.Waiting), 0)
	service.Dismiss(service.Next().ID)
	// An action of the dismissed notification means nothing; the next request's does, and comes after it.
	other := apitest.Request(api.Waiting)
	other.ID = "r2"
	n.Show(other, 0)
	second := service.Next()
	service.Invoke(1, "report")
	service.Invoke(second.ID, "default")
	if used := next(t, n.used, "action"); used != "show r2" {
		t.Fatalf("%q counted", used)
	}
	n.Show(apitest.Request(api.Delivered), 0)
	other.State, other.Number = api.Delivered, "31"
	n.Show(other, 0)
	if got := service.Next(); got.Replaces != second.ID {
		t.Errorf("the dismissed one came back: %q", got.Body)
	}
}

func TestNoNotificationService(t *testing.T) {
	desktoptest.StartBus(t)
	n := startNoted(t, "en")
	if p := next(t, n.parts, "part"); p.State != "absent" {
		t.Errorf("part %+v; want absent", p)
	}
	n.Show(apitest.Request(api.Waiting), 0)
	service := desktoptest.StartNotifications(t, "actions")
	for p := range n.parts {
		if p.State == "ready" {
			break
		}
	}
	n.Show(apitest.Request(api.Delivered), 0)
	for !strings.Contains(service.Next().Body, "26") { // the state before may still have been shown
	}
	service.Stop()
	if p := next(t, n.parts, "part"); p.State != "absent" {
		t.Errorf("after the service went: %+v", p)
	}
}

func TestNoSessionBus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	n := startNoted(t, "en")
	if p := next(t, n.parts, "part"); p.State != "absent" || p.Detail != "no session bus" {
		t.Errorf("part %+v", p)
	}
	n.Show(apitest.Request(api.Waiting), 0)
}

// TestQuietEnds checks the ends that leave nothing behind.
func TestQuietEnds(t *testing.T) {
	for _, code := range []api.Code{api.Approved, api.Registered, api.CancelledOnDesktop} {
		if n, ok := notificationOf(apitest.Ended(code), 0, "en", false); ok {
			t.Errorf("%s: %q", code, n.summary)
		}
	}
	queued := apitest.Request(api.Queued)
	if _, ok := notificationOf(queued, 0, "en", false); ok {
		t.Error("a queued request was shown")
	}
}

func TestOwnerChangeBelievesTheBusAlone(t *testing.T) {
	body := []any{"org.freedesktop.Notifications", ":1.1", ":1.2"}
	for sender, want := range map[string]bool{"org.freedesktop.DBus": true, ":1.7": false, "": false} {
		_, _, ok := ownerChange(&dbus.Signal{Sender: sender, Name: "org.freedesktop.DBus.NameOwnerChanged", Body: body})
		if ok != want {
			t.Errorf("from %q: %v; want %v", sender, ok, want)
		}
	}
	if _, _, ok := ownerChange(&dbus.Signal{Sender: busName, Name: busName + ".NameOwnerChanged", Body: body[:1]}); ok {
		t.Error("a short signal was read")
	}
}

// Services show the icon of the desktop file that a notification names: it must be one that the packages install.
func TestNotificationsNameWhatIsInstalled(t *testing.T) {
	desktoptest.StartBus(t)
	service := desktoptest.StartNotifications(t, "actions", "body")
	n := startNoted(t, "en")
	n.Show(apitest.Request(api.Waiting), 0)
	entry, _ := service.Next().Hints["desktop-entry"].Value().(string)
	if _, err := os.Stat("../../build/package/" + entry + ".desktop"); err != nil {
		t.Errorf("%q: %v", entry, err)
	}
}
