//go:build desktop

package main

import (
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

// What follows reads the window as a screen reader does, through AT-SPI: what people who don't see the page get is what
// these tests get.

const (
	accessible = "org.a11y.atspi.Accessible"
	textIface  = "org.a11y.atspi.Text"
)

// node is an accessible object; its address on the accessibility bus.
type node struct {
	Dest string
	Path dbus.ObjectPath
}

// a11y connects to the accessibility bus, whose address stands on the session bus.
func (s *session) a11y() *dbus.Conn {
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

// accessible waits until something on the desktop has text in its name or in its text, and returns everything as
// "role: name".
func (s *session) accessible(text string) (lines []string) {
	s.t.Helper()
	defer func() {
		if s.t.Failed() {
			s.t.Logf("on the screen:\n%s", strings.Join(lines, "\n"))
		}
	}()
	s.Await("an accessible "+text, func() bool {
		lines = nil
		s.walk(func(_ *dbus.Conn, _ node, role, name string) bool {
			lines = append(lines, role+": "+name)
			return true
		})
		return strings.Contains(strings.Join(lines, "\n"), text)
	})
	return lines
}

// press does the default action of the button with the name.
func (s *session) press(name string) {
	s.t.Helper()
	s.Await("a button "+name, func() (pressed bool) {
		s.walk(func(bus *dbus.Conn, n node, role, found string) bool {
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

// walk visits everything on the desktop with its role and its name, until visit returns false.
func (s *session) walk(visit func(bus *dbus.Conn, n node, role, name string) bool) {
	s.t.Helper()
	s.nodes(func(bus *dbus.Conn, n node) bool {
		o := bus.Object(n.Dest, n.Path)
		return visit(bus, n, roleOf(o), nameOf(o))
	})
}

func (s *session) nodes(visit func(bus *dbus.Conn, n node) bool) {
	s.t.Helper()
	bus := s.a11y()
	defer bus.Close()
	var visitAll func(n node, depth int) bool
	visitAll = func(n node, depth int) bool {
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
	visitAll(node{"org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root"}, 0)
}

// childrenOf asks one by one: GetChildren leaves out the page, which lives in another process.
func childrenOf(o dbus.BusObject) (children []node) {
	var count int32
	if v, err := o.GetProperty(accessible + ".ChildCount"); err != nil || v.Store(&count) != nil {
		return nil // it went away meanwhile
	}
	for i := range count {
		var n node
		if o.Call(accessible+".GetChildAtIndex", 0, i).Store(&n) == nil {
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
	if o.Call(accessible+".GetRole", 0).Store(&role) != nil {
		return "gone"
	}
	if name, ok := roles[role]; ok {
		return name
	}
	return strconv.Itoa(int(role))
}

// nameOf is the name, or the text of what has none.
func nameOf(o dbus.BusObject) (name string) {
	if v, err := o.GetProperty(accessible + ".Name"); err == nil {
		v.Store(&name)
	}
	if name != "" {
		return name
	}
	o.Call(textIface+".GetText", 0, int32(0), int32(-1)).Store(&name)
	return strings.Trim(name, "\ufffc \n")
}
