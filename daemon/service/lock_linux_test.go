package service

import (
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/desktop/desktoptest"
)

// TestALockedScreenEndsWhatIsPending follows a lock, and the way into a sleep, from the login service to a client of the
// socket, and back.
func TestALockedScreenEndsWhatIsPending(t *testing.T) {
	for name, locks := range map[string]func(*desktoptest.Login){
		"lock":  (*desktoptest.Login).Lock,
		"sleep": func(l *desktoptest.Login) { l.Sleep(true) },
	} {
		t.Run(name, func(t *testing.T) {
			desktoptest.StartBus(t)
			login := desktoptest.StartLogin(t)
			d := start(t, func(c *Config) { c.Lock = true })
			c := d.opened(t)
			if _, err := c.Watch(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := d.pairing(t, c); err != nil {
				t.Fatal(err)
			}
			locks(login)
			if code := ended(t, c); code != api.DesktopLocked {
				t.Errorf("the pairing ended with %s", code)
			}
			if err := d.pairing(t, c); code(err) != api.DesktopLocked {
				t.Errorf("while it is locked: %v", err)
			}
			login.Hint(true)
			login.Hint(false)
			for d.screen.Locked() {
				time.Sleep(time.Millisecond) // an unlock tells no client
			}
			if err := d.pairing(t, c); err != nil {
				t.Errorf("after the unlock: %v", err)
			}
			var s api.Status
			if err := c.Call(t.Context(), api.MethodStatus, nil, &s); err != nil || s.ScreenLock != (api.Part{State: "ready", Detail: "by login1"}) {
				t.Errorf("%+v, %v", s.ScreenLock, err)
			}
		})
	}
}

// A daemon that starts behind a locked screen knows so before it takes its first request.
func TestAScreenThatWasLockedBefore(t *testing.T) {
	desktoptest.StartBus(t)
	login := desktoptest.StartLogin(t)
	login.Hint(true)
	d := start(t, func(c *Config) { c.Lock = true })
	if err := d.pairing(t, d.opened(t)); code(err) != api.DesktopLocked {
		t.Errorf("a pairing behind a locked screen: %v", err)
	}
}

// opened is a client of a daemon that has read its keyring.
func (d *testDaemon) opened(t *testing.T) *api.Client {
	t.Helper()
	c := d.client(t)
	for {
		err := c.Call(t.Context(), api.MethodPhones, nil, nil)
		if err == nil {
			return c
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond) // the daemon waited as long as a client may wait; on a busy machine it is not ready by then
	}
}

func (d *testDaemon) pairing(t *testing.T, c *api.Client) error {
	t.Helper()
	return c.Call(t.Context(), api.MethodPair, nil, new(api.Pairing))
}

// ended is the code with which a request ends next.
func ended(t *testing.T, c *api.Client) api.Code {
	t.Helper()
	for {
		select {
		case e, ok := <-c.Events():
			if !ok {
				t.Fatal("the daemon is gone")
			}
			if e.Request != nil && e.Request.State == api.Ended {
				return e.Request.Code
			}
		case <-time.After(desktoptest.Patience):
			t.Fatal("nothing ended")
		}
	}
}
