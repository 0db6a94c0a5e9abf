package registration

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	gokeyring "github.com/zalando/go-keyring"
)

// Options are those of NewOSKeyring.
type Options struct {
	Service string        // whose items these are; empty: Service
	Timeout time.Duration // of one access, four times that of List; 0: 2 seconds
}

// OSKeyring is the keyring of the operating system, by go-keyring: the Secret Service on Linux. On Linux go-keyring
// waits for ever for a service that hangs or a prompt that nobody answers, opens such prompts by itself, and takes a
// write for done that a dismissed prompt prevented. So everything goes through here:
//
//   - one access at a time, and the caller waits for Timeout at most, four times that for List;
//   - before each access a look, over a connection of its own, whether the service is there and the keyring open, so
//     that go-keyring never has a reason to prompt;
//   - after each write a look whether it took place.
//
// go-keyring reads whatever signal arrives first on the process-wide dbus.SessionBus() as the answer to its prompt.
// Nothing in this program may use that connection.
type OSKeyring struct {
	service string
	timeout time.Duration
	items   passwords

	mu    sync.Mutex
	turn  chan struct{} // holds one token while an access is under way
	owner string        // the process behind the keyring when it began, as the session bus names it
}

// passwords are go-keyring's functions; a test puts a fault between them and the guard.
type passwords struct {
	get    func(service, name string) (string, error)
	set    func(service, name, value string) error
	delete func(service, name string) error
}

// NewOSKeyring returns the keyring without touching it.
func NewOSKeyring(o Options) *OSKeyring {
	if o.Service == "" {
		o.Service = Service
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	return &OSKeyring{service: o.Service, timeout: o.Timeout, turn: make(chan struct{}, 1),
		items: passwords{gokeyring.Get, gokeyring.Set, gokeyring.Delete}}
}

// Get implements Keyring.
func (k *OSKeyring) Get(ctx context.Context, name string) (string, error) {
	return access(ctx, k, k.timeout, func(ctx context.Context, s *session) (string, error) {
		ok, err := s.has(ctx, k.service, name)
		if err != nil {
			return "", err
		}
		if !ok {
			return "", ErrNotFound
		}
		value, err := k.items.get(k.service, name)
		return value, translate(err)
	})
}

// Set implements Keyring.
func (k *OSKeyring) Set(ctx context.Context, name, value string) error {
	_, err := access(ctx, k, k.timeout, func(ctx context.Context, s *session) (struct{}, error) {
		if _, err := s.has(ctx, k.service, name); err != nil { // a locked item would make go-keyring prompt
			return struct{}{}, err
		}
		if err := k.items.set(k.service, name, value); err != nil {
			return struct{}{}, translate(err)
		}
		got, err := k.items.get(k.service, name)
		if err == nil && got != value {
			err = errors.New("it returns something else than was stored")
		}
		if errors.Is(err, gokeyring.ErrNotFound) {
			err = errors.New("it did not store the item")
		}
		return struct{}{}, translate(err)
	})
	return err
}

// Delete implements Keyring.
func (k *OSKeyring) Delete(ctx context.Context, name string) error {
	_, err := access(ctx, k, k.timeout, func(ctx context.Context, s *session) (struct{}, error) {
		ok, err := s.has(ctx, k.service, name)
		if err != nil || !ok {
			return struct{}{}, err
		}
		err = k.items.delete(k.service, name)
		if err != nil && !errors.Is(err, gokeyring.ErrNotFound) {
			return struct{}{}, translate(err)
		}
		if ok, err = s.has(ctx, k.service, name); ok {
			err = fmt.Errorf("%w: it kept the item", ErrFailed)
		}
		return struct{}{}, err
	})
	return err
}

// List implements Keyring. It may take four times as long as another access, for it reads everything, while a session
// starts.
func (k *OSKeyring) List(ctx context.Context) (map[string]string, error) {
	return access(ctx, k, 4*k.timeout, func(ctx context.Context, s *session) (map[string]string, error) {
		return s.list(ctx, k.service)
	})
}

// access does one thing with the keyring in a goroutine of its own, for go-keyring can't be stopped. What overruns its
// time keeps its turn until it returns: a write that came through late must not overtake a later one.
func access[T any](ctx context.Context, k *OSKeyring, patience time.Duration,
	do func(context.Context, *session) (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	turn, err := k.take(ctx)
	if err != nil {
		cancel()
		return *new(T), err
	}
	done := make(chan result, 1)
	go func() {
		defer cancel()
		value, err := within(ctx, k, do)
		<-turn
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		// Where both are ready, the result counts.
		select {
		case r := <-done:
			return r.value, r.err
		default:
			return *new(T), fmt.Errorf("%w: %v", ErrFailed, ctx.Err())
		}
	}
}

func within[T any](ctx context.Context, k *OSKeyring, do func(context.Context, *session) (T, error)) (T, error) {
	s, err := openSession(ctx)
	if err != nil {
		return *new(T), err
	}
	defer s.close()
	k.mu.Lock()
	k.owner = s.owner
	k.mu.Unlock()
	return do(ctx, s)
}

// take waits for its turn. If the access that has it outlived the process it spoke to, it waits for an answer that
// can't come, and can't write any more either: the next access need not wait for it.
func (k *OSKeyring) take(ctx context.Context) (chan struct{}, error) {
	k.mu.Lock()
	turn := k.turn
	k.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return turn, nil
	case <-ctx.Done():
	}
	probe, cancel := context.WithTimeout(context.WithoutCancel(ctx), k.timeout/4)
	defer cancel()
	owner, err := currentOwner(probe)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil && owner != k.owner && k.turn == turn {
		k.turn = make(chan struct{}, 1)
	}
	return nil, fmt.Errorf("%w: an earlier access has not returned", ErrFailed)
}

// translate turns go-keyring's errors, most of which have no type, into this package's.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gokeyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, gokeyring.ErrUnsupportedPlatform):
		return fmt.Errorf("%w: %v", ErrMissing, err)
	default:
		return fmt.Errorf("%w: %v", ErrFailed, err)
	}
}
