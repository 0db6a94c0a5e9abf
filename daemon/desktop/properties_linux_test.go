package desktop

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"tallykey/daemon/desktop/desktoptest"
)

// A panel may read the icon at the moment when it changes, and gets the old one or the new one.
func TestAnIconIsReadWhileItChanges(t *testing.T) {
	desktoptest.StartBus(t)
	conn := desktoptest.Connect(t)
	first, second := pixmap{2, 2, bytes.Repeat([]byte{1}, 16)}, pixmap{2, 2, bytes.Repeat([]byte{2}, 16)}
	item, err := exportItem(conn, []pixmap{first}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	panel := desktoptest.Connect(t).Object(conn.Names()[0], itemPath)
	var changing sync.WaitGroup
	defer changing.Wait()
	changing.Go(func() {
		for i := range 50 {
			if err := item.set([]pixmap{[]pixmap{first, second}[i%2]}, fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		}
	})
	for range 50 {
		var all map[string]dbus.Variant
		if err := panel.Call(propertiesName+".GetAll", 0, itemName).Store(&all); err != nil {
			t.Fatal(err)
		}
		var got []pixmap
		if err := all["IconPixmap"].Store(&got); err != nil || len(got) != 1 {
			t.Fatalf("%d icons, %v", len(got), err)
		}
		if p := string(got[0].Pixels); p != string(first.Pixels) && p != string(second.Pixels) {
			t.Fatal("an icon that is neither")
		}
	}
}

func TestPropertiesThatAreNotThere(t *testing.T) {
	desktoptest.StartBus(t)
	conn := desktoptest.Connect(t)
	if _, err := exportMenu(conn, nil); err != nil {
		t.Fatal(err)
	}
	menu := desktoptest.Connect(t).Object(conn.Names()[0], menuPath)
	for _, call := range []*dbus.Call{
		menu.Call(propertiesName+".Get", 0, menuName, "Colour"),
		menu.Call(propertiesName+".Get", 0, itemName, "Version"),
		menu.Call(propertiesName+".GetAll", 0, itemName),
		menu.Call(propertiesName+".Set", 0, menuName, "Version", dbus.MakeVariant(uint32(4))),
	} {
		if call.Err == nil {
			t.Errorf("%s %v: no error", call.Method, call.Args)
		}
	}
	if v, err := menu.GetProperty(menuName + ".Version"); err != nil || v.Value() != uint32(3) {
		t.Errorf("version %v, %v", v, err)
	}
}
