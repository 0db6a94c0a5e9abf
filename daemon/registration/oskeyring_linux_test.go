package registration

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	gokeyring "github.com/zalando/go-keyring"
)

// short is the patience of tests in which nothing answers; where something does, they are patient.
const short = 300 * time.Millisecond

func TestOSKeyringConforms(t *testing.T) {
	if !inSession(t, withServices) {
		return
	}
	startKeyring(t)
	conforms(t, patient())
	k := patient()
	storeLife(t, k)
	must(t, gokeyring.Set("another program", "identity", "not ours"))
	if all, err := k.List(t.Context()); err != nil || len(all) != 4 { // identity, a phone, two registrations
		t.Errorf("%d items, %v", len(all), err)
	}
	if all, err := NewOSKeyring(Options{Service: "another program"}).List(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("another program: %d items, %v", len(all), err)
	}
	nobodyPrompted(t)
}

func TestOSKeyringLocked(t *testing.T) {
	if !inSession(t, withServices) {
		return
	}
	startKeyring(t)
	k := patient()
	must(t, k.Set(t.Context(), "identity", "kept"))
	lock(t)
	fails(t, k, ErrLocked)
	nobodyPrompted(t)
	unlock(t)
	if got, err := k.Get(t.Context(), "identity"); err != nil || got != "kept" {
		t.Errorf("after it was unlocked: got %q, %v", got, err)
	}
}

func TestOSKeyringAbsent(t *testing.T) {
	if !inSession(t, withoutServices) {
		return
	}
	fails(t, patient(), ErrMissing)
}

// The bus can start gnome-keyring, in which nobody ever made a collection.
func TestOSKeyringWithoutCollection(t *testing.T) {
	if !inSession(t, withServices) {
		return
	}
	fails(t, patient(), ErrMissing)
	keyringProcess(t)
	nobodyPrompted(t)
}

func TestOSKeyringWithoutBus(t *testing.T) {
	if !inSession(t, withoutServices) {
		return
	}
	for _, address := range []string{"unix:path=/nonexistent/bus", "nonsense"} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		fails(t, patient(), ErrMissing)
	}
}

func TestOSKeyringStopped(t *testing.T) {
	if !inSession(t, withServices) {
		return
	}
	p, k := startKeyring(t), patient()
	must(t, k.Set(t.Context(), "identity", "kept"))
	before := runtime.NumGoroutine()
	k.timeout = short
	pause(t, p)
	fails(t, k, ErrFailed) // and returns: the service answers none of it before resume
	resume(t, p)
	if got, err := patient().Get(t.Context(), "identity"); err != nil || got != "kept" {
		t.Errorf("after it went on: got %q, %v", got, err)
	}
	settles(t, before)
}

// settles waits for connections that were closed to end their goroutines.
func settles(t *testing.T, goroutines int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for runtime.NumGoroutine() > goroutines {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), goroutines)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// The service stops after the guard's look and before go-keyring's call, which then waits for ever.
func TestOSKeyringStoppedInBetween(t *testing.T) {
	if !inSession(t, withServices) {
		return
	}
	p, k := startKeyring(t), NewOSKeyring(Options{Timeout: short})
	set := k.items.set
	returned := make(chan error, 1)
	var once atomic.Bool
	k.items.set = func(service, name, value string) error {
		if once.Swap(true) {
			return set(service, name, value)
		}
		pause(t, p)
		err := set(service, name, value)
		returned <- err
		return err
	}
	for range 2 { // the second waits for the first, and no longer than its own time
		if err := k.Set(t.Context(), "identity", "late"); !errors.Is(err, ErrFailed) {
			t.Errorf("got %v, want ErrFailed", err)
		}
	}
	resume(t, p)
	must(t, <-returned)
	k.timeout = time.Minute
	must(t, k.Set(t.Context(), "identity", "last"))
	if got, err := k.Get(t.Context(), "identity"); err != nil || got != "last" {
		t.Errorf("got %q, %v", got, err)
	}
}

// go-keyring waits for a prompt of a service that is gone. The next but one access is free of it.
func TestOSKeyringKilledInBetween(t *testing.T) {
	if !inSession(t, withServices) {
		return
	}
	p, k := startKeyring(t), patient()
	must(t, k.Set(t.Context(), "identity", "kept"))
	k.timeout = short
	stuck := make(chan struct{})
	t.Cleanup(func() { close(stuck) })
	get := k.items.get
	var once atomic.Bool
	k.items.get = func(service, name string) (string, error) {
		if once.Swap(true) {
			return get(service, name)
		}
		<-stuck
		return "", gokeyring.ErrNotFound
	}
	for range 2 { // while the service lives, nothing overtakes
		if _, err := k.Get(t.Context(), "identity"); !errors.Is(err, ErrFailed) {
			t.Errorf("got %v, want ErrFailed", err)
		}
	}
	must(t, p.Kill())
	unowned(t)
	if _, err := k.Get(t.Context(), "identity"); !errors.Is(err, ErrFailed) {
		t.Errorf("got %v, want ErrFailed", err)
	}
	k.timeout = time.Minute
	if _, err := k.Get(t.Context(), "identity"); !errors.Is(err, ErrLocked) { // the bus started a new one, locked
		t.Errorf("got %v, want ErrLocked", err)
	}
	keyringProcess(t)
	unlock(t)
	if got, err := k.Get(t.Context(), "identity"); err != nil || got != "kept" {
		t.Errorf("got %q, %v", got, err)
	}
}

// unowned returns when nobody has the service's name.
func unowned(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if owner, err := currentOwner(ctx); err == nil && owner == "" {
			return
		}
	}
	t.Fatal("the killed service still has its name")
}
