package desktop

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/build/icons"
	"tallykey/daemon/api"
	"tallykey/daemon/desktop/desktoptest"
)

// TestTray tells the tray's whole life: no panel, a panel, its clicks, another panel, the end.
func TestTray(t *testing.T) {
	desktoptest.StartBus(t)
	t.Setenv("XDG_CURRENT_DESKTOP", "GNOME")
	used, parts := make(chan string, 16), make(chan api.Part, 16)
	use := func(what string) func() { return func() { used <- what } }
	menu := func(first string) []MenuEntry {
		return []MenuEntry{{"state", first, use("show"), nil}, {Key: "line"},
			{"more", "More", nil, []MenuEntry{{"hour", "For 1 hour", use("hour"), nil}}}, {"quit", "Quit", use("quit"), nil}}
	}
	tray := NewTray(TrayConfig{Activate: use("show"), Part: func(p api.Part) { parts <- p }}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- tray.Run(ctx) }()

	// Without a panel the tray waits, and says so once.
	if p := next(t, parts, "part"); p.State != "absent" || p.Code != "" {
		t.Fatalf("part %+v; want absent, without a code: no tray is normal", p)
	}
	tray.Set(TrayState{icons.Away, "No phone", menu("No phone is connected")})

	// A panel comes: the icon is there, in the state set before.
	panel := desktoptest.StartPanel(t)
	item := panel.Item()
	if p := next(t, parts, "part"); p.State != "ready" {
		t.Fatalf("part %+v; want ready", p)
	}
	item.AwaitMenu("No phone is connected")
	want := []string{"No phone is connected", "More", "For 1 hour", "Quit"}
	if diff := cmp.Diff(want, item.Menu()); diff != "" {
		t.Errorf("menu (-want +got):\n%s", diff)
	}
	if !bytes.Equal(item.Icon().Pixels, pixels(t, icons.Tray(icons.Away, icons.Dark))) {
		t.Error("the icon is not the one of a phone that is away, on GNOME's dark panel")
	}

	// A request: another icon, and the first line opens it.
	quit := item.IDs()["Quit"]
	waiting := menu("Waiting for your answer: mail.contoso.example")
	tray.Set(TrayState{icons.Waiting, "Waiting", slices.Insert(waiting, 1, MenuEntry{"one", "1 more waiting", use("one"), nil})})
	item.AwaitMenu("Waiting for your answer: mail.contoso.example")
	if !bytes.Equal(item.Icon().Pixels, pixels(t, icons.Tray(icons.Waiting, icons.Dark))) {
		t.Error("the icon is not the one of a request that waits")
	}
	for label, what := range map[string]string{"Waiting for your answer: mail.contoso.example": "show",
		"1 more waiting": "one", "For 1 hour": "hour", "Quit": "quit"} {
		item.Choose(label)
		if got := next(t, used, "click"); got != what {
			t.Errorf("%s: %q; want %q", label, got, what)
		}
	}
	if item.IDs()["Quit"] != quit {
		t.Error("an entry has another id than before: a click that is under way would choose another thing")
	}
	item.ChooseInGroup("Quit")
	if got := next(t, used, "click"); got != "quit" {
		t.Errorf("a click sent in a group: %q; want quit", got)
	}
	item.Activate()
	if got := next(t, used, "click"); got != "show" {
		t.Errorf("a click on the icon: %q; want show", got)
	}

	// The panel restarts, as panels do.
	panel.Stop()
	if p := next(t, parts, "part"); p.State != "absent" {
		t.Errorf("part %+v; want absent", p)
	}
	desktoptest.StartPanel(t).Item().AwaitMenu("Waiting for your answer: mail.contoso.example")
	if p := next(t, parts, "part"); p.State != "ready" {
		t.Errorf("part %+v; want ready", p)
	}

	cancel()
	if err := next(t, ended, "end"); err != nil {
		t.Fatal(err)
	}
}

// pixels are a PNG's as panels read them: alpha, red, green, blue.
func pixels(t *testing.T, data []byte) (argb []byte) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	straight, ok := img.(*image.NRGBA)
	if !ok {
		t.Fatalf("icon is %T; want straight alpha", img)
	}
	for i := 0; i < len(straight.Pix); i += 4 {
		p := straight.Pix[i : i+4]
		argb = append(argb, p[3], p[0], p[1], p[2])
	}
	return argb
}

func TestPanelBy(t *testing.T) {
	for _, test := range []struct {
		desktop string
		scheme  uint32
		want    icons.Panel
	}{
		{"ubuntu:GNOME", 2, icons.Dark},
		{"KDE", 1, icons.Dark},
		{"KDE", 2, icons.Light},
		{"KDE", 0, icons.Light},
		{"XFCE", 1, icons.Unknown},
		{"", 0, icons.Unknown},
	} {
		if got := panelBy(test.desktop, func() uint32 { return test.scheme }); got != test.want {
			t.Errorf("%s with scheme %d: %s; want %s", test.desktop, test.scheme, got, test.want)
		}
	}
}

func TestTrayWithoutABus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	parts := make(chan api.Part, 1)
	ctx, cancel := context.WithCancel(t.Context())
	tray := NewTray(TrayConfig{Part: func(p api.Part) { parts <- p; cancel() }}, nil)
	tray.Set(TrayState{Badge: icons.Plain, Text: "one"})
	tray.Set(TrayState{Badge: icons.Plain, Text: "two"}) // never blocks, whether or not anybody looks
	if err := tray.Run(ctx); err != nil {
		t.Error(err)
	}
	if p := next(t, parts, "part"); p.State != "absent" {
		t.Errorf("part %+v; want absent", p)
	}
}
