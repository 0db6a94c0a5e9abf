package registration

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestOSKeyringWithLockedItem(t *testing.T) {
	if !inSession(t, withoutServices) {
		return
	}
	f := startFake(t, nil)
	f.with(func() { f.put(&fakeItem{locked: true}) })
	fails(t, patient(), ErrLocked)
	f.with(func() {
		if f.prompts != 0 {
			t.Errorf("%d prompts", f.prompts)
		}
	})
	if _, err := patient().List(t.Context()); !errors.Is(err, ErrLocked) {
		t.Errorf("list: got %v, want ErrLocked", err)
	}
}

// A service that takes its time over each answer is as good as another.
func TestOSKeyringSlow(t *testing.T) {
	if !inSession(t, withoutServices) {
		return
	}
	var answers atomic.Int32
	startFake(t, func(string) {
		answers.Add(1)
		time.Sleep(10 * time.Millisecond)
	})
	conforms(t, patient())
	storeLife(t, patient())
	if n := answers.Load(); n < 100 {
		t.Errorf("%d answers", n)
	}
}

// A write that takes longer than its caller waits fails; it comes through later all the same, and no later write is
// overtaken by it.
func TestOSKeyringSlowerThanPatience(t *testing.T) {
	if !inSession(t, withoutServices) {
		return
	}
	came, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	f := startFake(t, func(call string) {
		if call == "CreateItem" {
			once.Do(func() { close(came) })
			<-goOn
		}
	})
	ctx, giveUp := context.WithCancel(t.Context())
	go func() {
		<-came
		giveUp() // at a moment that no clock decides
	}()
	k := patient()
	if err := k.Set(ctx, "identity", "late"); !errors.Is(err, ErrFailed) {
		t.Errorf("got %v, want ErrFailed", err)
	}
	k.timeout = short
	if err := k.Set(t.Context(), "identity", "in between"); !errors.Is(err, ErrFailed) {
		t.Errorf("got %v, want ErrFailed", err)
	}
	close(goOn)
	k.timeout = time.Minute
	must(t, k.Set(t.Context(), "identity", "last"))
	if got, err := k.Get(t.Context(), "identity"); err != nil || got != "last" {
		t.Errorf("got %q, %v", got, err)
	}
	f.with(func() {
		if f.last != 1 {
			t.Errorf("%d items were made", f.last)
		}
	})
}

// The person dismisses the service's question: go-keyring takes the write for done, and nothing happened.
func TestOSKeyringDismissed(t *testing.T) {
	if !inSession(t, withoutServices) {
		return
	}
	f, k := startFake(t, nil), patient()
	must(t, k.Set(t.Context(), "identity", "old"))
	f.with(func() { f.asks = true })
	for name, err := range map[string]error{"set": k.Set(t.Context(), "phone/a", "new"),
		"replace": k.Set(t.Context(), "identity", "new"), "delete": k.Delete(t.Context(), "identity")} {
		if !errors.Is(err, ErrFailed) {
			t.Errorf("%s: got %v, want ErrFailed", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "new") {
			t.Errorf("%s: the error quotes the item: %v", name, err)
		}
	}
	f.with(func() {
		if f.closed != 3 {
			t.Errorf("%d prompts were dismissed, want 3", f.closed)
		}
	})
	if got, err := k.Get(t.Context(), "identity"); err != nil || got != "old" {
		t.Errorf("got %q, %v", got, err)
	}
}
