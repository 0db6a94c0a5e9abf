package service

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/phone/link"
)

// newTrialDesk is a core on a local network.
func newTrialDesk(t *testing.T, keyring registration.Keyring) *syncDesk {
	t.Helper()
	d := newSyncDesk(t, t.TempDir(), keyring)
	d.identity.Desktop = "abcdefghij234567"
	d.daemon.cfg.PhoneApp = &url.URL{Scheme: "https", Host: "phone.contoso.example", Path: "/"}
	d.core.trial.addresses = func() []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} }
	t.Cleanup(func() { d.followTrial(false) })
	return d
}

// shown is the fingerprint that a browser finds at an address.
func shown(t *testing.T, address string) (string, error) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c, err := tls.Dial("tcp", u.Host, &tls.Config{InsecureSkipVerify: true}) // it is compared instead
	if err != nil {
		return "", err
	}
	defer c.Close()
	return fmt.Sprintf("%x", sha256.Sum256(c.ConnectionState().PeerCertificates[0].Raw)), nil
}

func TestTheTrialIsOnWhileItIsWanted(t *testing.T) {
	d := newTrialDesk(t, &registration.Memory{})
	if d.trialPlace() != nil || d.phoneApp().Host != "phone.contoso.example" {
		t.Errorf("before it is wanted: %+v, %s", d.trialPlace(), d.phoneApp())
	}
	d.followTrial(true)
	d.followTrial(true)
	place := d.trialPlace()
	if place == nil {
		t.Fatal("it is nowhere")
	}
	if d.phoneApp().String() != place.URL || !strings.HasPrefix(place.URL, "https://127.0.0.1:") {
		t.Errorf("pairing links lead to %s, it is at %s", d.phoneApp(), place.URL)
	}
	if got, err := shown(t, place.URL); err != nil || got != strings.ToLower(strings.ReplaceAll(place.Fingerprint, ":", "")) {
		t.Errorf("the browser shows %s, the desktop %s (%v)", got, place.Fingerprint, err)
	}
	offer := link.Offer{Desktop: "abcdefghij234567", Name: "Office", Port: 1, Secret: make(link.Secret, link.OfferSecretBytes)}
	if l := offer.Link(d.phoneApp()); !strings.HasPrefix(l, place.URL+"#v=1&") {
		t.Errorf("pairing link %.60s", l)
	}
	d.followTrial(false)
	if _, err := shown(t, place.URL); err == nil || d.trialPlace() != nil {
		t.Error("switched off, and it still answers")
	}
}

func TestTheTrialComesBackWhereItWas(t *testing.T) {
	keyring := &registration.Memory{}
	var places []api.Trial
	for range 2 {
		d := newTrialDesk(t, keyring)
		d.followTrial(true)
		place := d.trialPlace()
		if place == nil {
			t.Fatal("it is nowhere")
		}
		places = append(places, *place)
		d.followTrial(false)
	}
	if places[0].Fingerprint != places[1].Fingerprint {
		t.Errorf("before %v, after %v", places[0], places[1])
	}
	if items := keyring.Items(); items["trial"] == "" || strings.Contains(items["identity"], "BEGIN") {
		t.Errorf("kept: %d items", len(items))
	}
}

func TestTheTrialByTheSettings(t *testing.T) {
	d := start(t)
	c := d.client(t)
	on, off := true, false
	for _, want := range []*bool{&on, &off} {
		var settings api.Settings
		if err := c.Call(t.Context(), api.MethodPhones, nil, nil); err != nil { // the keyring is open
			t.Fatal(err)
		}
		if err := c.Call(t.Context(), api.MethodChangeSettings, api.SettingsChange{Trial: want}, &settings); err != nil {
			t.Fatal(err)
		}
		core := d.core.Load()
		core.trial.mu.Lock()
		running := core.trial.server != nil
		core.trial.mu.Unlock()
		if settings.Trial != *want || running != *want {
			t.Errorf("wanted: %t, set: %t, running: %t", *want, settings.Trial, running)
		}
	}
}
