package registration

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

// fakeService is a Secret Service in memory that does what gnome-keyring does not: it is as slow as a test says, asks the
// person before each write, and its items can be locked while its collection is not, as KeePassXC's can.
type fakeService struct {
	conn *dbus.Conn
	slow func(call string) // returns when the service goes on with a call; nil: at once

	mu      sync.Mutex // guards the fields that follow; nothing is called under it
	items   map[dbus.ObjectPath]*fakeItem
	asks    bool // a write opens a prompt, which the person dismisses
	last    int  // item or prompt
	prompts int  // that were made
	closed  int  // that the person dismissed
}

type fakeItem struct {
	attributes map[string]string // nil: it is found whatever is asked for
	locked     bool
	secret     secret
}

const sessionPath = dbus.ObjectPath(secretsPath + "/session/1")

// startFake owns the service's name on the test's bus.
func startFake(t *testing.T, slow func(call string)) *fakeService {
	t.Helper()
	f := &fakeService{conn: sessionBus(t), slow: slow, items: map[dbus.ObjectPath]*fakeItem{}}
	for _, in := range []string{secretService, secretCollection, secretItem, "org.freedesktop.Secret.Prompt",
		"org.freedesktop.Secret.Session", "org.freedesktop.DBus.Properties"} {
		must(t, f.conn.ExportSubtree(f, secretsPath, in))
	}
	reply, err := f.conn.RequestName(secretsBus, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("the service's name is taken: %v, %v", reply, err)
	}
	return f
}

// begin is the beginning of each call; the result ends it.
func (f *fakeService) begin(call string) (end func()) {
	if f.slow != nil {
		f.slow(call)
	}
	f.mu.Lock()
	return f.mu.Unlock
}

func pathOf(m dbus.Message) dbus.ObjectPath {
	path, _ := m.Headers[dbus.FieldPath].Value().(dbus.ObjectPath)
	return path
}

// Get is of the properties of service, collection and items.
func (f *fakeService) Get(m dbus.Message, in, name string) (dbus.Variant, *dbus.Error) {
	defer f.begin(name)()
	item := f.items[pathOf(m)]
	switch {
	case name == "Collections":
		return dbus.MakeVariant([]dbus.ObjectPath{loginCollection}), nil
	case in == secretCollection && name == "Locked":
		return dbus.MakeVariant(false), nil
	case item != nil && name == "Locked":
		return dbus.MakeVariant(item.locked), nil
	case item != nil && name == "Attributes":
		return dbus.MakeVariant(item.attributes), nil
	}
	return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
}

// SearchItems is of the collection.
func (f *fakeService) SearchItems(attributes map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	defer f.begin("SearchItems")()
	return f.find(attributes), nil
}

func (f *fakeService) find(attributes map[string]string) (found []dbus.ObjectPath) {
	for path, item := range f.items {
		if item.has(attributes) {
			found = append(found, path)
		}
	}
	slices.Sort(found)
	return found
}

func (i *fakeItem) has(attributes map[string]string) bool {
	for name, value := range attributes {
		if i.attributes != nil && i.attributes[name] != value {
			return false
		}
	}
	return true
}

// OpenSession is of the service, Close of the session.
func (f *fakeService) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	defer f.begin("OpenSession")()
	return dbus.MakeVariant(""), sessionPath, nil
}

func (f *fakeService) Close() *dbus.Error { return nil }

// GetSecret is of an item.
func (f *fakeService) GetSecret(m dbus.Message, _ dbus.ObjectPath) (secret, *dbus.Error) {
	defer f.begin("GetSecret")()
	item := f.items[pathOf(m)]
	if item == nil || item.locked {
		return secret{}, dbus.NewError(errorIsLocked, nil)
	}
	return item.secret, nil
}

// GetSecrets is of the service, and leaves out locked items.
func (f *fakeService) GetSecrets(paths []dbus.ObjectPath, _ dbus.ObjectPath) (map[dbus.ObjectPath]secret, *dbus.Error) {
	defer f.begin("GetSecrets")()
	all := map[dbus.ObjectPath]secret{}
	for _, path := range paths {
		if item := f.items[path]; item != nil && !item.locked {
			all[path] = item.secret
		}
	}
	return all, nil
}

// Unlock is of the service and asks the person where an item is locked.
func (f *fakeService) Unlock(paths []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	defer f.begin("Unlock")()
	for _, path := range paths {
		if item := f.items[path]; item != nil && item.locked {
			return nil, f.prompt(), nil
		}
	}
	return paths, "/", nil
}

// CreateItem is of the collection; it replaces an item of the same attributes, as go-keyring asks for.
func (f *fakeService) CreateItem(properties map[string]dbus.Variant, s secret, _ bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	defer f.begin("CreateItem")()
	if f.asks {
		return "/", f.prompt(), nil
	}
	attributes, _ := properties[secretItem+".Attributes"].Value().(map[string]string)
	for _, path := range f.find(attributes) {
		f.items[path].secret = s
		return path, "/", nil
	}
	return f.put(&fakeItem{attributes: attributes, secret: s}), "/", nil
}

// with does something with its state; nothing else does meanwhile.
func (f *fakeService) with(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

func (f *fakeService) put(i *fakeItem) dbus.ObjectPath {
	f.last++
	path := loginCollection + dbus.ObjectPath(fmt.Sprintf("/%d", f.last))
	f.items[path] = i
	return path
}

// Delete is of an item.
func (f *fakeService) Delete(m dbus.Message) (dbus.ObjectPath, *dbus.Error) {
	defer f.begin("Delete")()
	if f.asks {
		return f.prompt(), nil
	}
	delete(f.items, pathOf(m))
	return "/", nil
}

func (f *fakeService) prompt() dbus.ObjectPath {
	f.prompts++
	return dbus.ObjectPath(fmt.Sprintf("%s/prompt/%d", secretsPath, f.prompts))
}

// Prompt is of a prompt: the person sees it and dismisses it.
func (f *fakeService) Prompt(m dbus.Message, _ string) *dbus.Error {
	defer f.begin("Prompt")()
	if !strings.Contains(string(pathOf(m)), "/prompt/") {
		return dbus.NewError(errorNoSuchObject, nil)
	}
	f.closed++
	if err := f.conn.Emit(pathOf(m), "org.freedesktop.Secret.Prompt.Completed", true, dbus.MakeVariant(dbus.ObjectPath("/"))); err != nil {
		return dbus.MakeFailedError(err)
	}
	return nil
}
