package registration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"tallykey/daemon/bus"
)

// Names of the Secret Service API, https://specifications.freedesktop.org/secret-service/.
const (
	secretsBus        = "org.freedesktop.secrets"
	secretsPath       = "/org/freedesktop/secrets"
	secretService     = "org.freedesktop.Secret.Service"
	secretCollection  = "org.freedesktop.Secret.Collection"
	secretItem        = "org.freedesktop.Secret.Item"
	loginCollection   = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	errorIsLocked     = "org.freedesktop.Secret.Error.IsLocked"
	errorNoSuchObject = "org.freedesktop.Secret.Error.NoSuchObject"
)

// session is a private connection to the session bus on which the Secret Service was found in order: running, with the
// collection that go-keyring uses, and that one not locked.
type session struct {
	conn       *dbus.Conn
	owner      string // the service's unique name: a call to it can't reach a successor
	collection dbus.ObjectPath
}

// openSession starts the service if it can be, and never makes it prompt. The error wraps ErrLocked, ErrMissing or
// ErrFailed.
func openSession(ctx context.Context) (*session, error) {
	conn, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn}
	if err := s.open(ctx); err != nil {
		s.close()
		return nil, classify(ctx, err)
	}
	return s, nil
}

func connect(ctx context.Context) (*dbus.Conn, error) {
	conn, err := bus.Session(ctx)
	if errors.Is(err, bus.ErrNone) {
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	if err != nil {
		return nil, classify(ctx, err)
	}
	return conn, nil
}

func (s *session) close() { s.conn.Close() }

func (s *session) open(ctx context.Context) (err error) {
	if s.owner, err = startedOwner(ctx, s.conn); err != nil {
		return err
	}
	if s.collection, err = s.findCollection(ctx); err != nil {
		return err
	}
	locked, err := property[bool](ctx, s, s.collection, secretCollection, "Locked")
	if err == nil && locked {
		err = ErrLocked
	}
	return err
}

// startedOwner asks the bus to start the service only if nobody has its name: a service that is there need not be one
// that the bus can start.
func startedOwner(ctx context.Context, conn *dbus.Conn) (string, error) {
	if owner, err := ownerOf(ctx, conn); err == nil {
		return owner, nil
	}
	err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.StartServiceByName", 0, secretsBus, uint32(0)).Err
	if err != nil {
		return "", err
	}
	return ownerOf(ctx, conn)
}

func ownerOf(ctx context.Context, conn *dbus.Conn) (owner string, err error) {
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, secretsBus).Store(&owner)
	return owner, err
}

// currentOwner is who has the service's name now; empty: nobody.
func currentOwner(ctx context.Context) (string, error) {
	conn, err := connect(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	owner, err := ownerOf(ctx, conn)
	if errors.Is(classify(ctx, err), ErrMissing) {
		return "", nil
	}
	return owner, err
}

// findCollection chooses as go-keyring does: the collection "login" if there is one, else the default.
func (s *session) findCollection(ctx context.Context) (path dbus.ObjectPath, err error) {
	all, err := property[[]dbus.ObjectPath](ctx, s, secretsPath, secretService, "Collections")
	if err != nil || slices.Contains(all, loginCollection) {
		return loginCollection, err
	}
	err = s.call(ctx, secretsPath, secretService+".ReadAlias", "default").Store(&path)
	if err == nil && path == "/" {
		err = fmt.Errorf("%w: the Secret Service has no default collection", ErrMissing)
	}
	return path, err
}

// has says whether there is an item of this name. A locked one is ErrLocked, although its collection isn't: KeePassXC
// locks single entries.
func (s *session) has(ctx context.Context, service, name string) (bool, error) {
	found, err := s.search(ctx, map[string]string{"service": service, "username": name})
	if err != nil {
		return false, classify(ctx, err)
	}
	for _, item := range found {
		locked, err := property[bool](ctx, s, item, secretItem, "Locked")
		if err != nil {
			return false, classify(ctx, err)
		}
		if locked {
			return false, fmt.Errorf("%w: one item of it is", ErrLocked)
		}
	}
	return len(found) > 0, nil
}

// list reads every item of a service: two calls for all values, and one for each name.
func (s *session) list(ctx context.Context, service string) (map[string]string, error) {
	items, err := s.search(ctx, map[string]string{"service": service})
	if err != nil || len(items) == 0 {
		return map[string]string{}, classify(ctx, err)
	}
	secrets, err := s.secrets(ctx, items)
	if err != nil {
		return nil, classify(ctx, err)
	}
	names, err := s.names(ctx, items)
	if err != nil {
		return nil, classify(ctx, err)
	}
	all := make(map[string]string, len(items))
	for i, item := range items {
		value, ok := secrets[item]
		if !ok {
			return nil, fmt.Errorf("%w: some items of it are", ErrLocked)
		}
		all[names[i]] = string(value.Value)
	}
	return all, nil
}

// secret is a Secret of the API in its session "plain": the bus is the user's own, and go-keyring uses no other.
type secret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

// secrets leaves out locked items.
func (s *session) secrets(ctx context.Context, items []dbus.ObjectPath) (map[dbus.ObjectPath]secret, error) {
	var ignored dbus.Variant
	var plain dbus.ObjectPath
	err := s.call(ctx, secretsPath, secretService+".OpenSession", "plain", dbus.MakeVariant("")).Store(&ignored, &plain)
	if err != nil {
		return nil, err
	}
	var out map[dbus.ObjectPath]secret
	err = s.call(ctx, secretsPath, secretService+".GetSecrets", items, plain).Store(&out)
	return out, err
}

// atOnce is how many calls are under way together: a bus may end a connection's patience at 128.
const atOnce = 64

func (s *session) names(ctx context.Context, items []dbus.ObjectPath) ([]string, error) {
	names := make([]string, 0, len(items))
	for some := range slices.Chunk(items, atOnce) {
		calls := make([]*dbus.Call, len(some))
		for i, item := range some {
			calls[i] = s.conn.Object(s.owner, item).GoWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0,
				make(chan *dbus.Call, 1), secretItem, "Attributes")
		}
		for _, call := range calls {
			var v dbus.Variant
			if err := (<-call.Done).Store(&v); err != nil {
				return nil, err
			}
			attributes, _ := v.Value().(map[string]string)
			names = append(names, attributes["username"])
		}
	}
	return names, nil
}

func (s *session) search(ctx context.Context, attributes map[string]string) (found []dbus.ObjectPath, err error) {
	err = s.call(ctx, s.collection, secretCollection+".SearchItems", attributes).Store(&found)
	return found, err
}

func (s *session) call(ctx context.Context, path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	return s.conn.Object(s.owner, path).CallWithContext(ctx, method, 0, args...)
}

func property[T any](ctx context.Context, s *session, path dbus.ObjectPath, in, name string) (T, error) {
	var v dbus.Variant
	if err := s.call(ctx, path, "org.freedesktop.DBus.Properties.Get", in, name).Store(&v); err != nil {
		return *new(T), err
	}
	value, ok := v.Value().(T)
	if !ok {
		return value, fmt.Errorf("property %s is a %s", name, v.Signature())
	}
	return value, nil
}

// classify gives an error of the bus its type. Whatever came of time running out is ErrFailed, also where the bus
// connection was closed for it.
func classify(ctx context.Context, err error) error {
	var d dbus.Error
	switch {
	case err == nil || errors.Is(err, ErrLocked) || errors.Is(err, ErrMissing) || errors.Is(err, ErrFailed):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %v", ErrFailed, ctx.Err())
	case !errors.As(err, &d):
		return fmt.Errorf("%w: %v", ErrFailed, err)
	case d.Name == errorIsLocked:
		return ErrLocked
	case isMissing(d.Name):
		return fmt.Errorf("%w: %v", ErrMissing, err)
	default:
		return fmt.Errorf("%w: %v", ErrFailed, err)
	}
}

// isMissing: the bus knows no such service, can't start it, or it left.
func isMissing(name string) bool {
	return name == "org.freedesktop.DBus.Error.ServiceUnknown" || name == "org.freedesktop.DBus.Error.NameHasNoOwner" ||
		strings.HasPrefix(name, "org.freedesktop.DBus.Error.Spawn.") || name == errorNoSuchObject
}
