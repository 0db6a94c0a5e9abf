package service

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/daemon/desktop/desktoptest"
	"tallykey/daemon/registration"
	"tallykey/daemon/webauthn/platform"
)

// next is the first event that fits.
func next(t *testing.T, c *api.Client, fits func(api.Event) bool) api.Event {
	t.Helper()
	limit := time.After(desktoptest.Patience)
	for {
		select {
		case e, ok := <-c.Events():
			if !ok {
				t.Fatal("the daemon is gone")
			}
			if fits(e) {
				return e
			}
		case <-limit:
			t.Fatal("no such event")
		}
	}
}

func TestSettingsBySocket(t *testing.T) {
	d := start(t)
	c := d.client(t)
	if _, err := c.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	want, on := api.Settings{TypeNumbers: true, Interfaces: []string{"nowhere0"}}, true
	var got api.Settings
	if err := c.Call(t.Context(), api.MethodChangeSettings, api.SettingsChange{TypeNumbers: &on, Interfaces: &want.Interfaces}, &got); err != nil {
		t.Fatal(err)
	}
	e := next(t, c, func(e api.Event) bool { return e.Settings != nil })
	var s api.Status
	if err := c.Call(t.Context(), api.MethodStatus, nil, &s); err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]api.Settings{"answer": got, "event": *e.Settings, "status": s.Settings} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(what, diff)
		}
	}
	if !d.choices.TypeNumbers() || len(d.networks.Addresses()) != 0 {
		t.Errorf("the parts do not follow: addresses %v", d.networks.Addresses())
	}
	bad := []string{"\n"}
	if err := c.Call(t.Context(), api.MethodChangeSettings, api.SettingsChange{Interfaces: &bad}, nil); code(err) != api.SettingInvalid {
		t.Error(err)
	}
}

// A paused website's requests go to the browser's own WebAuthn, and count for nothing.
func TestPausesBySocket(t *testing.T) {
	const shop, bank = "https://shop.example", "https://bank.example"
	d := start(t)
	c := d.client(t)
	if err := c.Call(t.Context(), api.MethodPhones, nil, nil); err != nil { // waits until the keyring is open
		t.Fatal(err)
	}
	if _, err := c.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	ask := func(origin string) api.Code {
		t.Helper()
		who := api.Caller{Origin: origin}
		made := c.Call(t.Context(), api.MethodCreate, api.CreateParams{Caller: who, Options: json.RawMessage(`{}`)}, nil)
		got := c.Call(t.Context(), api.MethodGet, api.GetParams{Caller: who, Options: json.RawMessage(`{"challenge":"AAEC"}`)}, nil)
		if code(got) == api.PromptsPaused != (code(made) == api.PromptsPaused) {
			t.Errorf("create: %v, get: %v", made, got)
		}
		return code(got)
	}
	pause := func(p api.AddPause) {
		t.Helper()
		if err := c.Call(t.Context(), api.MethodPause, p, nil); err != nil {
			t.Fatal(err)
		}
		e := next(t, c, func(e api.Event) bool { return e.Pauses != nil })
		var all []api.Pause
		if err := c.Call(t.Context(), api.MethodPauses, nil, &all); err != nil || !cmp.Equal(all, *e.Pauses) || len(all) != 1 {
			t.Errorf("%+v, told %+v, %v", all, *e.Pauses, err)
		}
	}
	resume := func(origin string) {
		t.Helper()
		if err := c.Call(t.Context(), api.MethodResume, api.SiteParams{Origin: origin}, nil); err != nil {
			t.Fatal(err)
		}
		next(t, c, func(e api.Event) bool { return e.Pauses != nil && len(*e.Pauses) == 0 })
	}
	pause(api.AddPause{Origin: shop, Seconds: 3600})
	if got := ask(shop); got != api.PromptsPaused || !got.Outcome().FallThrough || got.Outcome().Bad {
		t.Errorf("the paused website gets %s", got)
	}
	if got := ask(bank); got != api.NoPhone {
		t.Errorf("another website gets %s", got)
	}
	resume(shop)
	pause(api.AddPause{})
	if got := ask(bank); got != api.PromptsPaused {
		t.Errorf("with all paused: %s", got)
	}
	resume("")
	if got := ask(shop); got != api.NoPhone {
		t.Errorf("at the end: %s", got)
	}
	if n := len(d.journal.Newest()); n != 0 {
		t.Errorf("%d ends in the activity log", n)
	}
}

// earlyPhone was paired long ago.
func earlyPhone() registration.Phone {
	return registration.Phone{ID: alicePhone, Name: "SM-G991B", Paired: time.Unix(1, 0), Secret: make([]byte, 32),
		Platform: platform.Credential{ID: []byte("a"), PublicKey: []byte("a")}}
}

func TestAPhoneIsCalledWhatThePersonCallsIt(t *testing.T) {
	keyring := &registration.Memory{}
	store, err := registration.Open(t.Context(), keyring)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.AddPhone(t.Context(), earlyPhone()); err != nil {
		t.Fatal(err)
	}
	d := start(t, func(c *Config) { c.Keyring = keyring })
	c := d.client(t)
	names := func() string {
		t.Helper()
		var all []api.Phone
		if err := c.Call(t.Context(), api.MethodPhones, nil, &all); err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		inPrompts, _ := d.core.Load().labelled().Phone(alicePhone)
		if inPrompts.Name != all[0].Name {
			t.Errorf("prompts say %q", inPrompts.Name)
		}
		return all[0].Name
	}
	for name, want := range map[string]string{"Alice’s phone": "Alice’s phone", "": "SM-G991B"} {
		if err := c.Call(t.Context(), api.MethodRenamePhone, api.Rename{ID: alicePhone, Name: name}, nil); err != nil {
			t.Fatal(err)
		}
		if got := names(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for id, want := range map[string]api.Code{"nobody": api.PhoneUnknown, alicePhone: api.SettingInvalid} {
		if err := c.Call(t.Context(), api.MethodRenamePhone, api.Rename{ID: id, Name: "a\x1bb"}, nil); code(err) != want {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := c.Call(t.Context(), api.MethodRenamePhone, api.Rename{ID: alicePhone, Name: "Old"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Call(t.Context(), api.MethodRemovePhone, api.ByID{ID: alicePhone}, nil); err != nil {
		t.Fatal(err)
	}
	if left := d.choices.Label(alicePhone); left != "" {
		t.Errorf("the name %q outlives its phone", left)
	}
}

func TestABrowserSaysHello(t *testing.T) {
	c := start(t).client(t)
	if err := c.Call(t.Context(), api.MethodBrowser, api.Browser{Name: "Firefox", Extension: "0.1.0"}, nil); err != nil {
		t.Fatal(err)
	}
	var s api.Status
	if err := c.Call(t.Context(), api.MethodStatus, nil, &s); err != nil || len(s.Browsers) != 1 || s.Browsers[0].Seen.IsZero() {
		t.Errorf("%+v, %v", s.Browsers, err)
	}
}

// A newer tallykey ran before: this one signs in as before, changes nothing of what it does not know, and says so.
func TestSettingsOfALaterVersion(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "settings.json")
	if err := os.WriteFile(path, []byte(`{"v":99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	d := start(t, func(c *Config) { c.State = dir })
	c := d.client(t)
	on := true
	if err := c.Call(t.Context(), api.MethodChangeSettings, api.SettingsChange{Trial: &on}, nil); code(err) != api.SettingsNewer {
		t.Error(err)
	}
	if err := c.Call(t.Context(), api.MethodPhones, nil, nil); err != nil {
		t.Errorf("nothing else works either: %v", err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != `{"v":99}` {
		t.Errorf("%s, %v", data, err)
	}
}
