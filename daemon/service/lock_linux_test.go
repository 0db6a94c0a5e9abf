package service

import (
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/desktop/desktoptest"
)

// TestALockedScreenEndsWhatIsPending follows a lock from the login service to a client of the socket, and back.
func TestALockedScreenEndsWhatIsPending(t *testing.T) {
	desktoptest.StartBus(t)
	login := desktoptest.StartLogin(t)
	d := start(t, func(c *Config) { c.Lock = true })
	c := d.client(t)
	if err := c.Call(t.Context(), api.MethodPhones, nil, nil); err != nil { // waits until the keyring is open
		t.Fatal(err)
	}
	if _, err := c.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	for d.lockPart().State != "ready" {
		time.Sleep(time.Millisecond) // it is not told to clients
	}
	if err := d.pairing(t, c); err != nil {
		t.Fatal(err)
	}
	login.Lock()
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
}

func (d *testDaemon) lockPart() api.Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lock
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
