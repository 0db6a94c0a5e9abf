package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"rsc.io/qr"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
)

// open is a Bridge with a daemon behind it and a desktop that takes notes.
type open struct {
	*Bridge
	daemon *apitest.Server
	events chan string
	path   string // that the person names when asked for one
}

func openBridge(t *testing.T, view View) *open {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "daemon.sock")
	daemon, err := apitest.Listen(socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { daemon.Close() })
	o := &open{NewBridge(view, "", "en", socket), daemon, make(chan string, 64), ""}
	note := func(what string) { o.events <- what }
	o.begin(shell{
		emit: func(event string, data ...any) {
			for _, d := range data {
				switch d := d.(type) {
				case api.Request:
					event += " " + string(d.State)
				case Section:
					event += " " + string(d)
				}
			}
			note(event)
		},
		quit:    func() { note("quit") },
		copy:    func(text string) error { note("copy " + text); return nil },
		grow:    func(int) { note("grow") },
		present: func() { note("present") },
		browse:  func(url string) { note("browse " + url) },
		saveAs:  func(string, string) (string, error) { return o.path, nil },
	})
	return o
}

func (o *open) next(t *testing.T) string {
	t.Helper()
	select {
	case e := <-o.events:
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event")
	}
	panic("unreachable")
}

// cancelled says whether the daemon was asked to cancel; a status call after it keeps the order.
func (o *open) cancelled(t *testing.T) (ids []string) {
	t.Helper()
	if _, err := o.Status(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		select {
		case c := <-o.daemon.Calls():
			if c.Method == api.MethodCancel {
				ids = append(ids, c.ID)
			}
			if c.Method == api.MethodStatus {
				return ids
			}
		case <-ctx.Done():
			t.Fatal("the daemon was not asked")
		}
	}
}

func TestBridgeFollowsARequest(t *testing.T) {
	o := openBridge(t, ViewPrompt)
	o.daemon.Put(apitest.Request(api.Waiting))
	setup := o.Open()
	if !setup.Running || len(setup.Snapshot.Requests) != 1 || setup.View != ViewPrompt || setup.Language != "en" {
		t.Fatalf("setup %+v", setup)
	}
	o.daemon.Put(apitest.Request(api.Delivered))
	if e := o.next(t); e != "request delivered" {
		t.Errorf("event %q", e)
	}
	if err := o.Report("r1"); err != nil {
		t.Error(err)
	}
	if e := o.next(t); e != "request ended" {
		t.Errorf("event %q", e)
	}
	var known *api.Error
	if err := o.Report("r1"); !errors.As(err, &known) || known.Code != api.RequestUnknown {
		t.Errorf("a second report: %v; want request_unknown", err)
	}
	o.daemon.Close()
	if e := o.next(t); e != "gone" {
		t.Errorf("event %q", e)
	}
}

// The window of an earlier request comes to the front for the next one, and only then.
func TestTheNextRequestComesToTheFront(t *testing.T) {
	o := openBridge(t, ViewPrompt)
	second := apitest.Request(api.Delivered)
	second.ID = "r2"
	o.daemon.Put(apitest.Request(api.Delivered))
	o.daemon.Put(second)
	o.Open()
	for _, test := range []struct {
		id   string
		want string // the first thing that happens
	}{{"r1", "request ended"}, {"r2", "present"}} {
		if err := o.Painted(test.id); err != nil {
			t.Fatal(err)
		}
		if err := o.Cancel(test.id); err != nil {
			t.Fatal(err)
		}
		if e := o.next(t); e != test.want {
			t.Errorf("%s: %q; want %q", test.id, e, test.want)
		}
	}
}

func TestClosingCancelsWhatIsOnTheScreen(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(*open)
		want []string
	}{
		{"painted and live", func(o *open) { o.Painted("r1") }, []string{"r1"}},
		{"not painted: nobody has seen it", func(*open) {}, nil},
		{"ended", func(o *open) { o.Painted("r1"); o.daemon.Put(apitest.Ended(api.Declined)); <-o.events }, nil},
		{"the page closes itself, and another request came", func(o *open) { o.Painted("r1"); o.Bridge.Close() }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := openBridge(t, ViewPrompt)
			o.daemon.Put(apitest.Request(api.Delivered))
			o.Open()
			test.do(o)
			o.closing()
			if diff := cmp.Diff(test.want, o.cancelled(t)); diff != "" {
				t.Errorf("cancelled (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClosingEndsThePairing(t *testing.T) {
	o := openBridge(t, ViewMain)
	o.Open()
	p, err := o.Pair()
	if err != nil || p.Link != apitest.Link || p.Code.Path == "" {
		t.Fatalf("%+v, %v", p, err)
	}
	o.closing()
	if diff := cmp.Diff([]string{p.Request}, o.cancelled(t)); diff != "" {
		t.Errorf("cancelled (-want +got):\n%s", diff)
	}
}

func TestBridgeWithoutADaemon(t *testing.T) {
	o := openBridge(t, ViewPrompt)
	o.daemon.Close()
	if setup := o.Open(); setup.Running {
		t.Error("running without a daemon")
	}
	_, err := o.Pair()
	if got := newFailure(err).(failure); got.Code != api.DaemonStopped {
		t.Errorf("failure %+v; want daemon_stopped", got)
	}
}

func TestFailureIsACodeWhereThereIsOne(t *testing.T) {
	for _, test := range []struct {
		err  error
		want api.Code
	}{
		{&api.Error{Code: api.KeyringLocked}, api.KeyringLocked},
		{api.ErrNotRunning, api.DaemonStopped},
		{context.DeadlineExceeded, ""},
	} {
		if got := newFailure(test.err).(failure); got.Code != test.want || got.Code == api.Approved {
			t.Errorf("%v: %+v; want %q", test.err, got, test.want)
		}
	}
}

func TestThePageReachesNoMoreOfTheDesktop(t *testing.T) {
	o := openBridge(t, ViewMain)
	o.Copy("text")
	o.Grow(700)
	o.Bridge.Close()
	for _, want := range []string{"copy text", "grow", "quit"} {
		if got := o.next(t); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}

func TestCodeIsTheQRCodeWithItsQuietZone(t *testing.T) {
	c, err := newCode(apitest.Link)
	if err != nil {
		t.Fatal(err)
	}
	want, err := qr.Encode(apitest.Link, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	if c.Size != want.Size+8 {
		t.Fatalf("size %d; want %d and four modules around", c.Size, want.Size)
	}
	dark := draw(t, c)
	for y := range c.Size {
		for x := range c.Size {
			if dark[y][x] != want.Black(x-4, y-4) {
				t.Fatalf("module %d,%d is %v", x, y, dark[y][x])
			}
		}
	}
	if _, err := newCode(strings.Repeat("x", 4000)); err == nil {
		t.Error("4000 bytes fit")
	}
}

func TestRunsDoNotOverlapAView(t *testing.T) {
	dir := t.TempDir()
	first, err := lockView(dir, ViewPrompt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockView(dir, ViewPrompt); !errors.Is(err, errShown) {
		t.Errorf("a second prompt: %v; want errShown", err)
	}
	if other, err := lockView(dir, ViewMain); err != nil {
		t.Errorf("another view: %v", err)
	} else {
		other.Close()
	}
	first.Close()
	if again, err := lockView(dir, ViewPrompt); err != nil {
		t.Errorf("after the first one ended: %v", err)
	} else {
		again.Close()
	}
}

func TestLanguageOf(t *testing.T) {
	for _, test := range []struct{ all, messages, lang, want string }{
		{"", "", "", "en"}, {"", "", "de_DE.UTF-8", "de"}, {"C", "", "de_DE.UTF-8", "en"}, {"de_AT", "en_GB", "", "de"},
		{"", "", "den_CA", "en"},
	} {
		env := map[string]string{"LC_ALL": test.all, "LC_MESSAGES": test.messages, "LANG": test.lang}
		if got := languageOf(func(k string) string { return env[k] }); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

func TestUnknownViewsAndTheInspector(t *testing.T) {
	for _, args := range [][]string{{"secrets"}, {"--view", "secrets"}, {"--view", "prompt", "pair"}, {"pair", "phones"}, {"--link=x"}} {
		if view, section, err := parse(args, io.Discard); err == nil {
			t.Errorf("%q is view %q, section %q", args, view, section)
		}
	}
	t.Setenv("WEBKIT_INSPECTOR_HTTP_SERVER", "127.0.0.1:1")
	t.Setenv("WEBKIT_INSPECTOR_SERVER", "127.0.0.1:1")
	closeInspector()
	for _, name := range []string{"WEBKIT_INSPECTOR_HTTP_SERVER", "WEBKIT_INSPECTOR_SERVER"} {
		if v, there := os.LookupEnv(name); there {
			t.Errorf("%s is still %q", name, v)
		}
	}
}

func TestViewsAndSections(t *testing.T) {
	for _, test := range []struct {
		args    []string
		view    View
		section Section
	}{
		{nil, ViewMain, ""}, {[]string{"--view", "prompt"}, ViewPrompt, ""}, {[]string{"doctor"}, ViewMain, SectionDoctor},
		{[]string{"--view", "main"}, ViewMain, ""}, {[]string{"--view", "pair"}, ViewMain, SectionPair},
		{[]string{"--view", "main", "about"}, ViewMain, SectionAbout},
	} {
		view, section, err := parse(test.args, io.Discard)
		if err != nil || view != test.view || section != test.section {
			t.Errorf("%q: %q, %q, %v; want %q, %q", test.args, view, section, err, test.view, test.section)
		}
	}
}
