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
	w := &watched{t: t, used: make(chan string, 16), parts: make(chan api.Part, 16)}
	w.tray = NewTray(TrayConfig{Activate: w.use("show"), Part: func(p api.Part) { w.parts <- p }}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.tray.Run(ctx) }()

	// Without a panel the tray waits, and says so once.
	if p := next(t, w.parts, "part"); p.State != "absent" || p.Code != "" {
		t.Fatalf("part %+v; want absent, without a code: no tray is normal", p)
	}
	w.tray.Set(TrayState{icons.Away, "No phone", w.menu("No phone is connected")})

	// A panel comes: the icon is there, in the state set before.
	panel := desktoptest.StartPanel(t)
	item := panel.Item()
	w.is("ready")
	item.AwaitMenu("No phone is connected")
	want := []string{"No phone is connected", "More", "For 1 hour", "Quit"}
	if diff := cmp.Diff(want, item.Menu()); diff != "" {
		t.Errorf("menu (-want +got):\n%s", diff)
	}
	if !bytes.Equal(item.Icon().Pixels, pixels(t, icons.Tray(icons.Away, icons.Dark))) {
		t.Error("the icon is not the one of a phone that is away, on GNOME's dark panel")
	}
	w.request(item)

	// The panel restarts, as panels do.
	panel.Stop()
	w.is("absent")
	desktoptest.StartPanel(t).Item().AwaitMenu("Waiting for your answer: mail.contoso.example")
	w.is("ready")

	cancel()
	if err := next(t, ended, "end"); err != nil {
		t.Fatal(err)
	}
}

// watched is a tray, what is chosen in it, and what it says of itself.
type watched struct {
	t     *testing.T
	tray  *Tray
	used  chan string
	parts chan api.Part
}

func (w *watched) use(what string) func() { return func() { w.used <- what } }

func (w *watched) menu(first string) []MenuEntry {
	return []MenuEntry{{"state", first, w.use("show"), nil}, {Key: "line"},
		{"more", "More", nil, []MenuEntry{{"hour", "For 1 hour", w.use("hour"), nil}}}, {"quit", "Quit", w.use("quit"), nil}}
}

func (w *watched) is(state string) {
	w.t.Helper()
	if p := next(w.t, w.parts, "part"); p.State != state {
		w.t.Fatalf("part %+v; want %s", p, state)
	}
}

func (w *watched) chosen(by, want string) {
	w.t.Helper()
	if got := next(w.t, w.used, "click"); got != want {
		w.t.Errorf("%s: %q; want %q", by, got, want)
	}
}

// request is one that waits: another icon, and the first line opens it.
func (w *watched) request(item desktoptest.Item) {
	w.t.Helper()
	quit := item.IDs()["Quit"]
	waiting := w.menu("Waiting for your answer: mail.contoso.example")
	w.tray.Set(TrayState{icons.Waiting, "Waiting", slices.Insert(waiting, 1, MenuEntry{"one", "1 more waiting", w.use("one"), nil})})
	item.AwaitMenu("Waiting for your answer: mail.contoso.example")
	if !bytes.Equal(item.Icon().Pixels, pixels(w.t, icons.Tray(icons.Waiting, icons.Dark))) {
		w.t.Error("the icon is not the one of a request that waits")
	}
	for label, what := range map[string]string{"Waiting for your answer: mail.contoso.example": "show",
		"1 more waiting": "one", "For 1 hour": "hour", "Quit": "quit"} {
		item.Choose(label)
		w.chosen(label, what)
	}
	if item.IDs()["Quit"] != quit {
		w.t.Error("an entry has another id than before: a click that is under way would choose another thing")
	}
	item.ChooseInGroup("Quit")
	w.chosen("a click sent in a group", "quit")
	item.Activate()
	w.chosen("a click on the icon", "show")
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
