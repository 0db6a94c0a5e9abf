package registration

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// fakeService is a Secret Service as KeePassXC can be: its collection is open and each item is locked until the person
// allows it. It counts what would have opened a prompt.
type fakeService struct {
	conn    *dbus.Conn
	prompts atomic.Int32
}

const lockedItem = loginCollection + "/1"

// startFake owns the service's name on the test's bus.
func startFake(t *testing.T) *fakeService {
	t.Helper()
	f := &fakeService{conn: sessionBus(t)}
	always := func(v any) *prop.Prop { return &prop.Prop{Value: v, Emit: prop.EmitFalse} }
	for path, properties := range map[dbus.ObjectPath]prop.Map{
		secretsPath:     {secretService: {"Collections": always([]dbus.ObjectPath{loginCollection})}},
		loginCollection: {secretCollection: {"Locked": always(false)}},
		lockedItem:      {secretItem: {"Locked": always(true), "Attributes": always(map[string]string{"username": "identity"})}},
	} {
		_, err := prop.Export(f.conn, path, properties)
		must(t, err)
	}
	must(t, f.conn.Export(f, secretsPath, secretService))
	must(t, f.conn.Export(f, loginCollection, secretCollection))
	must(t, f.conn.Export(f, lockedItem, secretItem))
	reply, err := f.conn.RequestName(secretsBus, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("the service's name is taken: %v, %v", reply, err)
	}
	return f
}

// SearchItems is of the collection: whatever is asked for, it is the one item.
func (f *fakeService) SearchItems(map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	return []dbus.ObjectPath{lockedItem}, nil
}

// OpenSession is of the service.
func (f *fakeService) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	return dbus.MakeVariant(""), secretsPath + "/session/1", nil
}

// GetSecrets is of the service, and leaves out locked items.
func (f *fakeService) GetSecrets([]dbus.ObjectPath, dbus.ObjectPath) (map[dbus.ObjectPath]secret, *dbus.Error) {
	return map[dbus.ObjectPath]secret{}, nil
}

// Unlock is of the service and asks the person.
func (f *fakeService) Unlock([]dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	f.prompts.Add(1)
	return nil, "/", nil
}

// CreateItem is of the collection and asks the person before it replaces.
func (f *fakeService) CreateItem(map[string]dbus.Variant, secret, bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	f.prompts.Add(1)
	return "/", "/", nil
}

// Delete is of the item and asks the person.
func (f *fakeService) Delete() (dbus.ObjectPath, *dbus.Error) {
	f.prompts.Add(1)
	return "/", nil
}

func TestOSKeyringWithLockedItem(t *testing.T) {
	if !inSession(t, withoutServices) {
		return
	}
	f := startFake(t)
	fails(t, patient(), ErrLocked)
	if n := f.prompts.Load(); n != 0 {
		t.Errorf("%d prompts", n)
	}
	if _, err := patient().List(t.Context()); !errors.Is(err, ErrLocked) {
		t.Errorf("list: got %v, want ErrLocked", err)
	}
}
