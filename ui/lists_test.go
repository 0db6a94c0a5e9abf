package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
)

// openMain is a bridge of the main window that is connected.
func openMain(t *testing.T) *open {
	t.Helper()
	o := openBridge(t, ViewMain)
	o.daemon.SetRegistrations(apitest.Registrations())
	o.daemon.SetActivity(apitest.Activity())
	if !o.Open().Running {
		t.Fatal("not running")
	}
	return o
}

// Every change reaches the daemon, and the page hears of it.
func TestChangesReachTheDaemonAndThePage(t *testing.T) {
	yes := true
	for method, test := range map[string]struct {
		change func(*open) error
		event  string
	}{
		api.MethodRenamePhone:        {func(o *open) error { return o.RenamePhone("p1", "Work phone") }, eventPhones},
		api.MethodRemovePhone:        {func(o *open) error { return o.RemovePhone("p1") }, eventPhones},
		api.MethodRemoveRegistration: {func(o *open) error { return o.RemoveRegistration("c1") }, eventRegistrations},
		api.MethodRestore:            {func(o *open) error { return o.Restore("c4") }, eventRegistrations},
		api.MethodSetMode:            {func(o *open) error { return o.SetMode("c1", "type") }, eventRegistrations},
		api.MethodChangeSettings: {func(o *open) error {
			s, err := o.ChangeSettings(api.SettingsChange{TypeNumbers: &yes})
			if !s.TypeNumbers || !s.StartAtLogin {
				t.Errorf("settings %+v", s)
			}
			return err
		}, eventSettings},
		api.MethodPause:  {func(o *open) error { return o.Pause("https://shop.example", 60) }, eventPauses},
		api.MethodResume: {func(o *open) error { return o.Resume("") }, eventPauses},
	} {
		t.Run(method, func(t *testing.T) {
			o := openMain(t)
			if err := test.change(o); err != nil {
				t.Fatal(err)
			}
			if e := o.next(t); e != test.event {
				t.Errorf("event %q; want %q", e, test.event)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			if _, err := o.daemon.Await(ctx, method); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestARefusedChangeSaysWhy(t *testing.T) {
	o := openMain(t)
	o.daemon.Fail(api.MethodChangeSettings, api.SettingsFailed)
	_, err := o.ChangeSettings(api.SettingsChange{})
	if got := newFailure(err).(failure); got.Code != api.SettingsFailed {
		t.Errorf("failure %+v", got)
	}
	if got := newFailure(o.Restore("nothing")).(failure); got.Code != api.RegistrationUnknown {
		t.Errorf("failure %+v", got)
	}
}

func TestManageOpensThePageOfTheWebsite(t *testing.T) {
	o := openMain(t)
	url, err := o.Manage("c1")
	if err != nil || url != "https://contoso.example/security/passkeys" {
		t.Fatalf("%q, %v", url, err)
	}
	if e := o.next(t); e != "browse "+url {
		t.Errorf("event %q", e)
	}
}

// A daemon, or who pretends to be one, opens no file and starts no program.
func TestManageOpensNothingButHTTPS(t *testing.T) {
	for _, url := range []string{"http://contoso.example/", "file:///etc/passwd", "javascript:alert(1)", "https:///x", "https://a@b.example/", "", ":"} {
		if webPage(url) {
			t.Errorf("%q would be opened", url)
		}
	}
}

func TestASectionIsShownInFront(t *testing.T) {
	o := openMain(t)
	o.show(SectionDoctor)
	o.show("")
	for _, want := range []string{"present", "show doctor", "present"} {
		if e := o.next(t); e != want {
			t.Errorf("event %q; want %q", e, want)
		}
	}
	if s := o.Open(); s.Section != SectionDoctor {
		t.Errorf("a page that opens again begins with %q", s.Section)
	}
}

func TestDoctor(t *testing.T) {
	o := openMain(t)
	report := `[{"name":"keyring","state":"broken","what":"It is locked.","code":"keyring_locked"}]`
	o.doctor = func(_ context.Context, fix bool) ([]byte, error) {
		if fix {
			return []byte(`[{"name":"keyring","state":"ok","what":"It is there."}]`), nil
		}
		return []byte(report), errors.New("exit status 1") // something is broken
	}
	if all, err := o.Doctor(false); err != nil || len(all) != 1 || all[0].Code != api.KeyringLocked {
		t.Errorf("%+v, %v", all, err)
	}
	if all, err := o.Doctor(true); err != nil || all[0].State != "ok" {
		t.Errorf("%+v, %v", all, err)
	}
	for _, bad := range []string{"", "[]", "usage: tallykey", `{"name":"x"}`} {
		report = bad
		if _, err := o.Doctor(false); !errors.Is(err, &api.Error{Code: api.DoctorFailed}) {
			t.Errorf("%q: %v; want doctor_failed", bad, err)
		}
	}
}

func TestALongReportIsCut(t *testing.T) {
	l := &limited{left: 4}
	for range 3 {
		if n, err := l.Write([]byte("abc")); n != 3 || err != nil {
			t.Fatal(n, err)
		}
	}
	if string(l.text) != "abca" {
		t.Errorf("%q", l.text)
	}
}

func TestExport(t *testing.T) {
	o := openMain(t)
	dir := t.TempDir()
	wanted := []string{"r-approved", "r-timed_out"}
	o.path = filepath.Join(dir, "a.json")
	if path, err := o.Export(JSON, wanted); err != nil || path != o.path {
		t.Fatalf("%q, %v", path, err)
	}
	text, err := os.ReadFile(o.path)
	if err != nil {
		t.Fatal(err)
	}
	var got []api.Activity
	if err := json.Unmarshal(text, &got); err != nil || len(got) != 2 || got[1].Code != api.TimedOut {
		t.Errorf("%s, %v", text, err)
	}
	if info, err := os.Stat(o.path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
	o.path = filepath.Join(dir, "b")
	if path, err := o.Export(CSV, wanted); err != nil || path != o.path+".csv" {
		t.Fatalf("%q, %v", path, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestExportWhereThePersonWantsNone(t *testing.T) {
	o := openMain(t)
	if path, err := o.Export(JSON, nil); path != "" || err != nil {
		t.Errorf("%q, %v", path, err)
	}
	if _, err := o.Export("xml", nil); !errors.Is(err, errFormat) {
		t.Errorf("%v; want errFormat", err)
	}
	o.path = filepath.Join(t.TempDir(), "none", "a.json")
	if _, err := o.Export(JSON, nil); err == nil {
		t.Error("a folder that is not there was written to")
	} else if got := newFailure(err).(failure); got.Code != api.ExportFailed {
		t.Errorf("failure %+v; want export_failed", got)
	}
}

// A website chooses the names of its accounts; in a spreadsheet they must stay texts.
func TestCSVRunsNothing(t *testing.T) {
	var out strings.Builder
	a := apitest.Activity()[0]
	a.Account, a.Detail = "=HYPERLINK(\"https://a.example\")", "a \"b\",\nc"
	if err := writeCSV(&out, "de", []api.Activity{a}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v, %v", rows, err)
	}
	field := func(name string) string { return rows[1][slices.Index(rows[0], name)] }
	for name, want := range map[string]string{"account": "'=HYPERLINK(\"https://a.example\")", "detail": "a \"b\",\nc",
		"title": api.Approved.Outcome().De.Title, "request": a.Request} {
		if got := field(name); got != want {
			t.Errorf("%s: %q; want %q", name, got, want)
		}
	}
}

func TestInterfacesAreOfOtherNetworks(t *testing.T) {
	all, err := new(Bridge).Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Name == "lo" || i.Addresses == nil {
			t.Errorf("%+v", i)
		}
	}
}
