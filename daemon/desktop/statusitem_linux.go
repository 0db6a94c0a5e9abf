package desktop

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"image/png"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"
)

const (
	itemName = "org.kde.StatusNotifierItem"
	itemPath = dbus.ObjectPath("/StatusNotifierItem")
)

// pixmap is an icon as the specification wants it: ARGB32, network byte order, colours not multiplied by
// alpha.
type pixmap struct {
	Width, Height int32
	Pixels        []byte
}

// tooltip is (icon name, icon, title, text).
type tooltip struct {
	IconName string
	Icon     []pixmap
	Title    string
	Text     string
}

// statusItem is the icon on the bus.
type statusItem struct {
	conn  *dbus.Conn
	props *busProperties
}

func exportItem(conn *dbus.Conn, icon []pixmap, activate func()) (*statusItem, error) {
	methods := map[string]any{
		"Activate":          func(_, _ int32) *dbus.Error { go activate(); return nil },
		"SecondaryActivate": func(_, _ int32) *dbus.Error { go activate(); return nil },
		"ContextMenu":       func(_, _ int32) *dbus.Error { return nil }, // panels draw the menu themselves
		"Scroll":            func(int32, string) *dbus.Error { return nil },
	}
	if err := conn.ExportMethodTable(methods, itemPath, itemName); err != nil {
		return nil, fmt.Errorf("desktop: tray icon: %w", err)
	}
	props, err := exportProperties(conn, itemPath, itemName, map[string]any{
		"Category": "ApplicationStatus", "Id": "tallykey", "Title": "tallykey", "Status": "Active",
		"WindowId": int32(0), "IconThemePath": "", "IconName": "", "OverlayIconName": "", "AttentionIconName": "", "AttentionMovieName": "",
		"OverlayIconPixmap": []pixmap{}, "AttentionIconPixmap": []pixmap{}, "ItemIsMenu": false, "Menu": menuPath,
		"IconPixmap": icon, "ToolTip": tooltip{Icon: []pixmap{}, Title: "tallykey"},
	})
	if err != nil {
		return nil, fmt.Errorf("desktop: tray icon: %w", err)
	}
	return &statusItem{conn, props}, describe(conn, itemPath, itemName, methods, props)
}

// set shows another icon and tooltip. Panels listen to the specification's own signals, older than PropertiesChanged.
func (i *statusItem) set(icon []pixmap, text string) error {
	err := i.props.set(map[string]any{"IconPixmap": icon, "ToolTip": tooltip{Icon: []pixmap{}, Title: "tallykey", Text: text}})
	if err = errors.Join(err, i.conn.Emit(itemPath, itemName+".NewIcon"), i.conn.Emit(itemPath, itemName+".NewToolTip")); err != nil {
		return fmt.Errorf("desktop: tray icon: %w", err)
	}
	return nil
}

// describe answers Introspect, which some panels ask before they do anything else.
func describe(conn *dbus.Conn, path dbus.ObjectPath, name string, methods map[string]any, props *busProperties) error {
	described := introspect.Interface{Name: name, Properties: props.introspection()}
	for m := range methods {
		described.Methods = append(described.Methods, introspect.Method{Name: m})
	}
	node := &introspect.Node{Name: string(path),
		Interfaces: []introspect.Interface{introspect.IntrospectData, propertiesIntrospection, described}}
	return conn.Export(introspect.NewIntrospectable(node), path, "org.freedesktop.DBus.Introspectable")
}

// decodeIcon turns a PNG of package icons into a pixmap.
func decodeIcon(data []byte) pixmap {
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		panic("desktop: embedded icon: " + err.Error()) // the files are embedded and tested
	}
	size := img.Bounds().Size()
	p := pixmap{Width: int32(size.X), Height: int32(size.Y), Pixels: make([]byte, 0, 4*size.X*size.Y)}
	for y := range size.Y {
		for x := range size.X {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			p.Pixels = append(p.Pixels, c.A, c.R, c.G, c.B)
		}
	}
	return p
}
