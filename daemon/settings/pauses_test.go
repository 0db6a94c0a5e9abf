package settings

import (
	"encoding/json"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
)

const shop = "https://shop.example"

func origins(all []api.Pause) []string {
	out := []string{}
	for _, p := range all {
		out = append(out, p.Origin)
	}
	return out
}

func mustPause(t *testing.T, s *Store, origin string, seconds int) api.Pause {
	t.Helper()
	p, err := s.Pause(api.AddPause{Origin: origin, Seconds: seconds})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A pause ends by itself, those who watch are told at that moment, and nothing wakes in between.
func TestPausesEndByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := file(t)
		s := Open(Config{Path: path})
		defer s.Close()
		var told [][]string
		s.WatchPauses(func(all []api.Pause) { told = append(told, origins(all)) })
		begin := time.Now()
		if p := mustPause(t, s, shop, 60); !p.Until.Equal(begin.Add(time.Minute)) {
			t.Errorf("until %v", p.Until)
		}
		mustPause(t, s, "", 0)
		mustPause(t, s, shop, 3600) // in place of the first
		time.Sleep(time.Hour - 1)
		if p := s.PauseOf(shop); p == nil {
			t.Error("over before its time")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if p := s.PauseOf(shop); p == nil || p.Origin != "" {
			t.Errorf("the pause for all: %+v", p)
		}
		if err := s.Resume(""); err != nil || s.PauseOf(shop) != nil {
			t.Errorf("%v, %+v", err, s.PauseOf(shop))
		}
		want := [][]string{{shop}, {"", shop}, {"", shop}, {""}, {}}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Error(diff)
		}
	})
}

// While no daemon runs time goes on, and a pause without an end stays.
func TestPausesOutliveTheDaemon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := file(t)
		s := Open(Config{Path: path})
		mustPause(t, s, shop, 60)
		mustPause(t, s, "https://mail.example", 0)
		s.Close()
		time.Sleep(time.Hour)
		again := Open(Config{Path: path})
		defer again.Close()
		if diff := cmp.Diff([]string{"https://mail.example"}, origins(again.Pauses())); diff != "" {
			t.Error(diff)
		}
		if again.PauseOf("https://other.example") != nil {
			t.Error("another website is paused")
		}
	})
}

func TestPausesThatCantBe(t *testing.T) {
	s := open(t, file(t))
	for _, bad := range []api.AddPause{{Origin: "shop.example"}, {Origin: "https://shop.example/page"}, {Seconds: -1},
		{Seconds: 400 * 24 * 3600}, {Seconds: 1 << 62}} {
		if _, err := s.Pause(bad); code(err) != api.SettingInvalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	for range MaxPauses + 1 { // the same one again and again is one
		mustPause(t, s, shop, 60)
	}
	if n := len(s.Pauses()); n != 1 {
		t.Errorf("%d pauses", n)
	}
	if err := s.Resume("https://nothing.example"); err != nil {
		t.Error(err)
	}
}

// An extension says hello many times a day; the file is written once.
func TestBrowsersThatSayHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := file(t)
		s := Open(Config{Path: path})
		defer s.Close()
		hello := func(name, version string) {
			t.Helper()
			if err := s.Hello(api.Browser{Name: name, Extension: version}); err != nil {
				t.Fatal(err)
			}
		}
		hello("Firefox", "0.1.0")
		hello("Chromium", "0.1.0")
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		hello("Firefox", "0.1.0")
		if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
			t.Errorf("written again, %v", err)
		}
		want := []api.Browser{{Name: "Firefox", Extension: "0.1.0", Seen: time.Now()},
			{Name: "Chromium", Extension: "0.1.0", Seen: time.Now().Add(-time.Hour)}}
		if diff := cmp.Diff(want, s.Browsers()); diff != "" {
			t.Error(diff)
		}
		hello("Firefox", "0.2.0")
		var c contents
		data, err := os.ReadFile(path)
		if err != nil || json.Unmarshal(data, &c) != nil || len(c.Browsers) != 2 || c.Browsers[0].Extension != "0.2.0" {
			t.Errorf("%s, %v", data, err)
		}
		if err := s.Hello(api.Browser{Name: "a\x1bb"}); code(err) != api.SettingInvalid {
			t.Error(err)
		}
	})
}
