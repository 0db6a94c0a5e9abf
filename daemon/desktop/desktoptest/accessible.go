//go:build linux

package desktoptest

import (
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

// What follows reads the screen as a screen reader does, through AT-SPI: what people who don't see it get is what these
// tests get. It needs the package at-spi2-core.

const (
	accessibleIface = "org.a11y.atspi.Accessible"
	textIface       = "org.a11y.atspi.Text"
)

// Node is an accessible object; its address on the accessibility bus.
type Node struct {
	Dest string
	Path dbus.ObjectPath
}

// a11y connects to the accessibility bus, whose address stands on the session bus.
func (s *Screen) a11y() *dbus.Conn {
	s.t.Helper()
	conn, err := dbus.Connect(s.Bus)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	var address string
	if err := conn.Object("org.a11y.Bus", "/org/a11y/bus").Call("org.a11y.Bus.GetAddress", 0).Store(&address); err != nil {
		s.t.Fatalf("no accessibility bus (package at-spi2-core): %v", err)
	}
	bus, err := dbus.Connect(address)
	if err != nil {
		s.t.Fatal(err)
	}
	return bus
}

// Accessible waits until something on the desktop has text in its name or in its text, and returns everything as
// "role: name".
func (s *Screen) Accessible(text string) (lines []string) {
	s.t.Helper()
	defer func() {
		if s.t.Failed() {
			s.t.Logf("on the screen:\n%s", strings.Join(lines, "\n"))
		}
	}()
	s.Await("an accessible "+text, func() bool {
		lines = nil
		s.Walk(func(_ *dbus.Conn, _ Node, role, name string) bool {
			lines = append(lines, role+": "+name)
			return true
		})
		return strings.Contains(strings.Join(lines, "\n"), text)
	})
	return lines
}

// Press does the default action of the button with the name.
func (s *Screen) Press(name string) {
	s.t.Helper()
	s.Await("a button "+name, func() (pressed bool) {
		s.Walk(func(bus *dbus.Conn, n Node, role, found string) bool {
			if found != name || role != "button" {
				return true
			}
			var ok bool
			err := bus.Object(n.Dest, n.Path).Call("org.a11y.atspi.Action.DoAction", 0, int32(0)).Store(&ok)
			pressed = err == nil && ok
			return !pressed
		})
		return pressed
	})
}

// Walk visits everything on the desktop with its role and its name, until visit returns false.
func (s *Screen) Walk(visit func(bus *dbus.Conn, n Node, role, name string) bool) {
	s.t.Helper()
	s.nodes(func(bus *dbus.Conn, n Node) bool {
		o := bus.Object(n.Dest, n.Path)
		return visit(bus, n, roleOf(o), nameOf(o))
	})
}

// nodes visits everything, each with what it holds.
func (s *Screen) nodes(visit func(bus *dbus.Conn, n Node) bool) {
	s.t.Helper()
	bus := s.a11y()
	defer bus.Close()
	var visitAll func(n Node, depth int) bool
	visitAll = func(n Node, depth int) bool {
		if !visit(bus, n) {
			return false
		}
		for _, child := range childrenOf(bus.Object(n.Dest, n.Path)) {
			if depth < 40 && !visitAll(child, depth+1) {
				return false
			}
		}
		return true
	}
	visitAll(Node{"org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root"}, 0)
}

// stateFocused is the number of a bit of AtspiStateType.
const stateFocused = 12

// Keyboard is where the keyboard is: the deepest thing that has it, with its name; the zero Node if nothing has.
func (s *Screen) Keyboard() (at Node, name string) {
	s.t.Helper()
	s.nodes(func(bus *dbus.Conn, n Node) bool {
		var states []uint32
		o := bus.Object(n.Dest, n.Path)
		if o.Call(accessibleIface+".GetState", 0).Store(&states) == nil && len(states) > 0 && states[0]&(1<<stateFocused) != 0 {
			at, name = n, nameOf(o)
		}
		return true
	})
	return at, name
}

// childrenOf asks one by one: GetChildren leaves out the page, which lives in another process.
func childrenOf(o dbus.BusObject) (children []Node) {
	var count int32
	if v, err := o.GetProperty(accessibleIface + ".ChildCount"); err != nil || v.Store(&count) != nil {
		return nil // it went away meanwhile
	}
	for i := range count {
		var n Node
		if o.Call(accessibleIface+".GetChildAtIndex", 0, i).Store(&n) == nil {
			children = append(children, n)
		}
	}
	return children
}

// roles are those that the tests look for, by their number in AT-SPI (atspi-constants.h); WebKit gives no names.
var roles = map[uint32]string{7: "check box", 11: "combo box", 16: "dialog", 27: "image", 31: "list", 32: "list item", 40: "password", 43: "button",
	44: "radio button", 54: "status", 62: "toggle button", 79: "entry", 83: "heading", 88: "link", 95: "document"}

func roleOf(o dbus.BusObject) string {
	var role uint32
	if o.Call(accessibleIface+".GetRole", 0).Store(&role) != nil {
		return "gone"
	}
	if name, ok := roles[role]; ok {
		return name
	}
	return strconv.Itoa(int(role))
}

// nameOf is the name, or the text of what has none.
func nameOf(o dbus.BusObject) (name string) {
	if v, err := o.GetProperty(accessibleIface + ".Name"); err == nil {
		v.Store(&name)
	}
	if name != "" {
		return name
	}
	o.Call(textIface+".GetText", 0, int32(0), int32(-1)).Store(&name)
	return strings.Trim(name, "\ufffc \n")
}
