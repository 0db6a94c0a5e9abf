package signin

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/phone/link"
)

func (d *desk) signal(origin, kind, options string) api.Code {
	err := d.Signal(d.t.Context(), api.SignalParams{Caller: api.Caller{Origin: origin}, Kind: kind, Options: json.RawMessage(options)})
	return outcome{err: err}.code()
}

// candidates are the accounts that a website's request could be answered with.
func (d *desk) candidates(options string) []string {
	d.t.Helper()
	all, err := d.Candidates(d.t.Context(), api.GetParams{Caller: api.Caller{Origin: origin}, Options: json.RawMessage(options)})
	if err != nil && (outcome{err: err}).code() != api.NotOurs {
		d.t.Fatal(err)
	}
	out := []string{}
	for _, r := range all {
		out = append(out, r.User.Name)
	}
	return out
}

func (d *desk) offers(want ...string) {
	d.t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), d.candidates(`{"challenge":"AAEC"}`)); diff != "" {
		d.t.Errorf("candidates: %s", diff)
	}
}

func TestSignalsHideAndNeverRemove(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		const alice, rp = "alice@contoso.example", `{"rpId":"login.contoso.example",`
		id := link.B64.EncodeToString(d.store.Registrations()[0].Credential)
		d.offers(alice)
		for _, tt := range []struct {
			kind, options string
			want          []string
		}{
			{"unknownCredential", `"credentialId":"ICEiIyQlJicoKSorLC0uLw"}`, []string{alice}},
			{"unknownCredential", `"credentialId":"` + id + `"}`, nil},
			{"allAcceptedCredentials", `"userId":"AQID","allAcceptedCredentialIds":["` + id + `"]}`, []string{alice}},
			{"allAcceptedCredentials", `"userId":"AQIE","allAcceptedCredentialIds":[]}`, []string{alice}},
			{"allAcceptedCredentials", `"userId":"AQID","allAcceptedCredentialIds":[]}`, nil},
			{"currentUserDetails", `"userId":"AQID","name":"bob","displayName":"Bob"}`, nil},
			{"allAcceptedCredentials", `"userId":"AQID","allAcceptedCredentialIds":["` + id + `"]}`, []string{"bob"}},
			{"currentUserDetails", `"userId":"AQIE","name":"mallory","displayName":""}`, []string{"bob"}},
			{"currentUserDetails", `"userId":"AQID","name":"\u202e","displayName":""}`, []string{"bob"}},
		} {
			if code := d.signal(origin, tt.kind, rp+tt.options); code != "" {
				t.Errorf("%s %s: %s", tt.kind, tt.options, code)
			}
			d.offers(tt.want...)
		}
		if r := d.store.Registrations(); len(r) != 1 || r[0].User.DisplayName != "Bob" {
			t.Errorf("%+v", r)
		}
	})
}

// A hidden registration is not offered, and answers where the website names it: then it takes it after all.
func TestAHiddenRegistrationAnswersWhereItIsNamed(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		id := link.B64.EncodeToString(d.store.Registrations()[0].Credential)
		d.signal(origin, "unknownCredential", `{"rpId":"login.contoso.example","credentialId":"`+id+`"}`)
		if o := <-d.get(t.Context()); o.code() != api.NotOurs {
			t.Errorf("offered: %v", o.err)
		}
		named := `"allowCredentials":[{"type":"public-key","id":"` + id + `"}]`
		if diff := cmp.Diff([]string{"alice@contoso.example"}, d.candidates(`{"challenge":"AAEC",`+named+`}`)); diff != "" {
			t.Error(diff)
		}
		end := d.getWith(named)
		d.approve(phone, p)
		if o := <-end; o.err != nil {
			t.Error(o.err)
		}
	})
}

func TestSignalsOfOthersChangeNothing(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		id := link.B64.EncodeToString(d.store.Registrations()[0].Credential)
		gone := `{"rpId":"login.contoso.example","credentialId":"` + id + `"}`
		for _, tt := range []struct {
			origin, kind, options string
			want                  api.Code
		}{
			{"https://evil.example", "unknownCredential", gone, api.OriginMismatch},
			{"https://mail.contoso.example", "unknownCredential", gone, api.OriginMismatch},
			{"http://login.contoso.example", "unknownCredential", gone, api.OriginMismatch},
			{"null", "unknownCredential", gone, api.OriginMismatch},
			{"https://contoso.example", "unknownCredential", gone, api.OriginMismatch},
			{origin, "unknownCredential", `{"rpId":"contoso.example","credentialId":"` + id + `"}`, ""},
			{origin, "unknownCredential", `{}`, api.OptionsInvalid},
			{origin, "removeEverything", gone, api.OptionsInvalid},
		} {
			if code := d.signal(tt.origin, tt.kind, tt.options); code != tt.want {
				t.Errorf("%s %s %s: %q, want %q", tt.origin, tt.kind, tt.options, code, tt.want)
			}
			d.offers("alice@contoso.example")
		}
		// One that the RP ID lists may speak for it.
		d.lists = map[string][]string{"login.contoso.example": {shop}}
		if code := d.signal(shop, "unknownCredential", gone); code != "" {
			t.Error(code)
		}
		d.offers()
	})
}

func TestCandidatesRaiseNoPromptAndLeaveOutThePaused(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		time.Sleep(time.Minute)
		d.register(phone, p, "bob@contoso.example")
		shown, logged := len(d.shown), len(d.journal.codes())
		d.offers("bob@contoso.example", "alice@contoso.example")
		if d.last(); len(d.shown) != shown || len(d.journal.codes()) != logged {
			t.Error("something was shown or logged")
		}
		end := d.createFrom(t.Context(), origin, "bob@contoso.example", nil)
		d.from(phone, &link.Decline{ID: got[*link.Request](d, phone).ID, Code: "reported"})
		<-end
		d.offers("alice@contoso.example")
	})
}

// A website can't shake a pause off by calling the account something else.
func TestAPauseHoldsUnderAnotherName(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		end := d.get(t.Context())
		d.Report(got[*link.Request](d, phone).ID)
		<-end
		d.signal(origin, "currentUserDetails", `{"rpId":"login.contoso.example","userId":"AQID","name":"bob","displayName":""}`)
		if o := <-d.get(t.Context()); o.code() != api.Paused {
			t.Error(o.err)
		}
	})
}

func TestSignalsThatTheKeyringRefuses(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		d.keyring.Before = func(a registration.Access, _ string) error {
			if a == registration.Set {
				return registration.ErrLocked
			}
			return nil
		}
		id := link.B64.EncodeToString(d.store.Registrations()[0].Credential)
		if code := d.signal(origin, "unknownCredential", `{"rpId":"login.contoso.example","credentialId":"`+id+`"}`); code != api.KeyringLocked {
			t.Error(code)
		}
		d.offers("alice@contoso.example")
	})
}

// Renewing in place: the website keeps the old credential until the new one works, and then says so.
func TestRenewInPlace(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		old := link.B64.EncodeToString(d.store.Registrations()[0].Credential)
		time.Sleep(time.Minute)
		renewed := d.register(phone, p, "alice@contoso.example").ID
		d.offers("alice@contoso.example", "alice@contoso.example")
		signsIn := func(id string) {
			t.Helper()
			end := d.getWith(`"allowCredentials":[{"type":"public-key","id":"` + id + `"}]`)
			d.approve(phone, p)
			if o := <-end; o.err != nil || o.get.ID != id {
				t.Errorf("%s: %v", id, o.err)
			}
		}
		signsIn(renewed)
		signsIn(old)
		code := d.signal(origin, "allAcceptedCredentials", `{"rpId":"login.contoso.example","userId":"AQID","allAcceptedCredentialIds":["`+renewed+`"]}`)
		if code != "" {
			t.Fatal(code)
		}
		d.offers("alice@contoso.example")
		end := d.get(t.Context())
		if r := got[*link.Request](d, phone); len(r.Accounts) != 1 || r.Accounts[0].Credential != renewed {
			t.Errorf("offered %+v", r.Accounts)
		}
		d.approve(phone, p)
		if o := <-end; o.err != nil || o.get.ID != renewed {
			t.Error(o.err)
		}
		if n := len(d.store.Registrations()); n != 2 {
			t.Errorf("%d registrations", n)
		}
	})
}
