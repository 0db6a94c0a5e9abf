package service

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/creachadair/jrpc2/handler"

	"tallykey/daemon/api"
	"tallykey/daemon/keyringfile"
	"tallykey/daemon/registration"
	"tallykey/daemon/socket"
	"tallykey/daemon/webauthn"
)

// locking are the methods for a keyring in a file, which the person unlocks and locks.
func (d *Daemon) locking() handler.Map {
	return handler.Map{
		api.MethodKeyring:       handler.New(d.describeKeyring),
		api.MethodUnlockKeyring: handler.New(d.unlockKeyring),
		api.MethodLockKeyring:   handler.New(d.lockKeyring),
	}
}

// keyringFile is the file, where the person chose one; api.KeyringNotFile otherwise.
func (d *Daemon) keyringFile() (*keyringfile.File, error) {
	if k, ok := d.cfg.Keyring.(*registration.FileKeyring); ok {
		return k.File(), nil
	}
	return nil, socket.Fail(api.Errorf(api.KeyringNotFile, ""), "")
}

func (d *Daemon) describeKeyring(context.Context) (api.Keyring, error) {
	d.mu.Lock()
	k := api.Keyring{Kind: api.KeyringOfDesktop, Part: d.keyring}
	d.mu.Unlock()
	if file, err := d.keyringFile(); err == nil {
		k.Kind, k.Folder = api.KeyringInFile, file.Folder()
	}
	return k, nil
}

// unlockKeyring opens the file and then everything that waited for it.
func (d *Daemon) unlockKeyring(ctx context.Context, p api.KeyringKey) error {
	file, err := d.keyringFile()
	if err != nil {
		return err
	}
	key, err := keyringfile.ParseKey(p.Key)
	if err == nil {
		err = file.Unlock(key)
	}
	if err != nil {
		part := problem(registration.Code(err), err)
		d.setPart(&d.keyring, part)
		return socket.Fail(api.Errorf(part.Code, "%s", part.Detail), "")
	}
	if err := d.open(ctx); err != nil {
		d.moved()
		return socket.Fail(d.openError(err), "")
	}
	return nil
}

// lockKeyring makes the daemon forget what the file holds. Requests that are under way end.
func (d *Daemon) lockKeyring(ctx context.Context) error {
	file, err := d.keyringFile()
	if err != nil {
		return err
	}
	select {
	case <-d.opening: // nobody reads it meanwhile
		defer func() { d.opening <- struct{}{} }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer d.moved()
	file.Lock()
	core := d.core.Swap(nil)
	if core == nil {
		return nil // it was locked, or not open yet; the next try says which
	}
	core.close(api.CancelledOnDesktop)
	d.setPart(&d.keyring, problem(api.KeyringFileLocked, keyringfile.ErrLocked))
	d.setPart(&d.link, api.Part{State: "starting"})
	none := []api.Phone{}
	d.surface.Phones(none)
	d.tell(api.Event{Phones: &none})
	return nil
}

// moved makes keepOpen try again soon.
func (d *Daemon) moved() {
	select {
	case d.keyringMoved <- struct{}{}:
	default: // it was told already
	}
}

// keyringPart says that a later version of this program kept things that this one can't use.
func keyringPart(s *registration.Store) api.Part {
	if newer := s.Newer(); len(newer) > 0 {
		return problem(api.StateNewer, fmt.Errorf("%d items are left as they are", len(newer)))
	}
	return api.Part{State: "ready"}
}

// lockQuiet is how long the person is not told again that the file is locked: pages ask by themselves, too.
const lockQuiet = 10 * time.Minute

// tellOfLock says on the desktop why a website's request did not come here. The browser's own WebAuthn has the request
// by then, and shows nothing of it.
func (d *Daemon) tellOfLock(err error, c api.Caller, action string) {
	locked := &api.Error{Code: api.KeyringFileLocked}
	if !errors.Is(err, locked) || d.screen.Locked() { // some screen lockers show notifications
		return
	}
	d.mu.Lock()
	quiet := time.Since(d.toldLock) < lockQuiet
	if !quiet {
		d.toldLock = time.Now()
	}
	d.mu.Unlock()
	if quiet {
		return
	}
	host, _ := webauthn.Site(c.Origin)
	d.surface.Request(api.Request{ID: rand.Text(), Action: action, State: api.Ended, Code: locked.Code, Host: host, Started: time.Now()})
}
