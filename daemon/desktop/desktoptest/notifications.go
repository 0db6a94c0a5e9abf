//go:build linux

package desktoptest

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	notifyName = "org.freedesktop.Notifications"
	notifyPath = dbus.ObjectPath("/org/freedesktop/Notifications")
)

// Patience is how long the fakes wait for something that must happen.
const Patience = 30 * time.Second

// Notification is one call of Notify.
type Notification struct {
	ID, Replaces  uint32
	Summary, Body string
	Actions       []string
	Hints         map[string]dbus.Variant
	Expires       int32
}

// NotificationService is org.freedesktop.Notifications.
type NotificationService struct {
	t     testing.TB
	conn  *dbus.Conn
	can   []string
	shown chan Notification
	close chan uint32
	last  atomic.Uint32
}

// StartNotifications serves notifications with the capabilities given, until the test ends or Stop.
func StartNotifications(t testing.TB, capabilities ...string) *NotificationService {
	t.Helper()
	s := &NotificationService{t: t, conn: Connect(t), can: capabilities,
		shown: make(chan Notification, 64), close: make(chan uint32, 64)}
	err := s.conn.ExportMethodTable(map[string]any{
		"Notify": s.notify, "CloseNotification": s.closed,
		"GetCapabilities": func() ([]string, *dbus.Error) { return s.can, nil },
	}, notifyPath, notifyName)
	if err != nil {
		t.Fatal(err)
	}
	own(t, s.conn, notifyName)
	return s
}

func (s *NotificationService) notify(_ string, replaces uint32, _, summary, body string, actions []string,
	hints map[string]dbus.Variant, expires int32) (uint32, *dbus.Error) {
	id := replaces
	if id == 0 {
		id = s.last.Add(1)
	}
	select {
	case s.shown <- Notification{id, replaces, summary, body, actions, hints, expires}:
	default: // a test that let as many pass does not look at them, and the daemon must have its answer
	}
	return id, nil
}

func (s *NotificationService) closed(id uint32) *dbus.Error {
	select {
	case s.close <- id:
	default: // as above
	}
	return nil
}

// Stop leaves the bus, as a service that crashed.
func (s *NotificationService) Stop() { s.conn.Close() }

// Next is the next notification that is shown.
func (s *NotificationService) Next() Notification {
	s.t.Helper()
	return receive(s.t, s.shown, "no notification")
}

// NextClosed is the next notification that is taken away.
func (s *NotificationService) NextClosed() uint32 {
	s.t.Helper()
	return receive(s.t, s.close, "no notification was closed")
}

// Quiet fails the test if a notification was shown that Next has not returned. Use it after something that the service
// answered later than it would have been shown.
func (s *NotificationService) Quiet() {
	s.t.Helper()
	select {
	case n := <-s.shown:
		s.t.Fatalf("shown: %q, %q", n.Summary, n.Body)
	default:
	}
}

// Invoke is the person who chooses an action.
func (s *NotificationService) Invoke(id uint32, key string) {
	s.emit("ActionInvoked", id, key)
}

// Dismiss is the person who closes a notification.
func (s *NotificationService) Dismiss(id uint32) { s.emit("NotificationClosed", id, uint32(2)) }

func (s *NotificationService) emit(signal string, values ...any) {
	s.t.Helper()
	if err := s.conn.Emit(notifyPath, notifyName+"."+signal, values...); err != nil {
		s.t.Fatal(err)
	}
}

func receive[T any](t testing.TB, from <-chan T, missing string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(Patience):
		t.Fatal(missing)
	}
	panic("unreachable")
}
