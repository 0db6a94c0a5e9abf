package signin

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

// TestOneSignIn is the whole story in order: pair, register, sign in, each with what desktop and phone see.
func TestOneSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, p := newDesk(t), newTestPhone(t, desktopID)

		// No phone: the browser's own WebAuthn takes over.
		if o := <-d.get(t.Context()); o.code() != api.NoPhone {
			t.Fatalf("without a phone: %v", o.err)
		}
		phone := d.pair(p)
		if o := <-d.get(t.Context()); o.code() != api.NotOurs {
			t.Fatalf("without a registration: %v", o.err)
		}

		// Register while the phone is away: the request waits, without a number.
		end := d.create(t.Context(), "alice@contoso.example")
		want := api.Request{Action: "create", State: api.Waiting, Host: "login.contoso.example", Domain: "contoso.example",
			RPID: "login.contoso.example", Account: "alice@contoso.example", Browser: "Firefox", Phone: "Alice’s phone", Mode: "choose"}
		if diff := cmp.Diff(want, facts(d.last())); diff != "" {
			t.Errorf("while the phone is away:\n%s", diff)
		}
		d.connect(phone)
		r := got[*link.Request](d, phone)
		if r.Origin != origin || r.Domain != "contoso.example" || r.Accounts[0].Name != "alice@contoso.example" || r.SecondsLeft != 60 {
			t.Errorf("the phone is asked %+v", r)
		}
		d.from(phone, &link.Received{ID: r.ID})
		shown := d.last()
		if shown.State != api.Delivered || !slices.Contains(r.Numbers, shown.Number) {
			t.Errorf("delivered: state %s; the desktop's number is not among the phone's", shown.State)
		}
		d.from(phone, &link.Number{ID: r.ID, Number: shown.Number})
		got[*link.NumberRight](d, phone)
		if d.last().State != api.Answering {
			t.Errorf("after the right number: %s", d.last().State)
		}
		d.from(phone, p.answer(r, shown.Number))
		if e := got[*link.Ended](d, phone); e.Code != string(api.Registered) {
			t.Errorf("the phone hears %s", e.Code)
		}
		made := (<-end).create
		if last := d.last(); last.State != api.Ended || last.Code != api.Registered || last.Number != "" {
			t.Errorf("at the end: %+v", last)
		}

		// Sign in, with an empty allow list and with one that names the credential.
		for _, options := range []string{`{"challenge":"AAEC"}`,
			`{"challenge":"AAEC","allowCredentials":[{"type":"public-key","id":"` + made.ID + `","transports":["usb"]}]}`} {
			end := d.getFrom(t.Context(), origin, options)
			d.approve(phone, p)
			o := <-end
			if o.err != nil || o.get.ID != made.ID || o.get.Response.UserHandle != "AQID" {
				t.Errorf("signed in: %+v", o)
			}
		}
		wantCodes := []api.Code{api.Paired, api.Registered, api.Approved, api.Approved}
		if diff := cmp.Diff(wantCodes, d.journal.codes()); diff != "" {
			t.Error(diff)
		}
	})
}

// facts leaves out what differs from run to run.
func facts(r api.Request) api.Request {
	r.ID, r.Number, r.Started, r.Expires = "", "", time.Time{}, time.Time{}
	return r
}

// withRegistration runs a test on a desk with one phone, connected, that holds one registration.
func withRegistration(t *testing.T, f func(t *testing.T, d *desk, p *testPhone, phone string)) {
	synctest.Test(t, func(t *testing.T) {
		d, p := newDesk(t), newTestPhone(t, desktopID)
		phone := d.pair(p)
		d.connect(phone)
		d.register(phone, p, "alice@contoso.example")
		f(t, d, p, phone)
	})
}

func TestAPhoneThatComesBackGetsTheRequestAgain(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		end := d.get(t.Context())
		first := got[*link.Request](d, phone)
		d.from(phone, &link.Received{ID: first.ID})
		d.from(phone, &link.Number{ID: first.ID, Number: d.last().Number})
		d.disconnect(phone)
		time.Sleep(reconnectWithin / 2)
		d.connect(phone)
		if again := got[*link.Request](d, phone); again.ID != first.ID {
			t.Fatalf("another request: %s, %s", again.ID, first.ID)
		}
		d.approve(phone, p)
		if o := <-end; o.err != nil {
			t.Error(o.err)
		}
	})
}

func TestAPhoneThatCannotShowARequestEndsItUnseen(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		end := d.get(t.Context())
		d.from(phone, &link.Decline{ID: got[*link.Request](d, phone).ID, Code: "key_gone"})
		if o := <-end; o.code() != api.KeyGone {
			t.Error(o.err)
		}
		for _, r := range d.shown {
			if r.Action == "get" && r.Number != "" {
				t.Error("a number was shown")
			}
		}
	})
}

func TestAnAnswerBeforeTheNumberCountsForNothing(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		end := d.get(t.Context())
		r := got[*link.Request](d, phone)
		number := "00"
		d.from(phone, p.answer(r, number)) // before received
		d.from(phone, &link.Received{ID: r.ID})
		number = d.last().Number
		d.from(phone, p.answer(r, number)) // before the number
		if s := d.last().State; s != api.Delivered {
			t.Fatalf("state %s", s)
		}
		d.from(phone, &link.Decline{ID: r.ID, Code: "declined"})
		if o := <-end; o.code() != api.Declined {
			t.Error(o.err)
		}
	})
}

func TestSpoiledAnswers(t *testing.T) {
	flip := func(b []byte) []byte { b = slices.Clone(b); b[len(b)-1] ^= 1; return b }
	tests := []struct {
		name  string
		spoil func(p *testPhone) func(*link.Answer)
		want  api.Code
	}{
		{"the website's signature", func(*testPhone) func(*link.Answer) {
			return func(m *link.Answer) { m.Signature = flip(m.Signature) }
		}, api.SignatureInvalid},
		{"no signature for the website", func(*testPhone) func(*link.Answer) {
			return func(m *link.Answer) { m.Signature = nil }
		}, api.SignatureInvalid},
		{"the device key's signature", func(*testPhone) func(*link.Answer) {
			return func(m *link.Answer) { m.DeviceSignature = flip(m.DeviceSignature) }
		}, api.SignatureInvalid},
		{"authenticator data for another relying party", func(p *testPhone) func(*link.Answer) {
			return func(m *link.Answer) { m.AuthenticatorData = p.authData("evil.example", nil) }
		}, api.SignatureInvalid},
		{"another credential", func(*testPhone) func(*link.Answer) {
			return func(m *link.Answer) { m.Credential = "ICEiIyQlJicoKSorLC0uLw" }
		}, api.SignatureInvalid},
		{"no user verification", func(p *testPhone) func(*link.Answer) {
			return func(m *link.Answer) { m.Verification = []byte(`{}`) }
		}, api.VerificationFailed},
		{"user verification of another request", func(p *testPhone) func(*link.Answer) {
			return func(m *link.Answer) { m.Verification = p.verification(link.Get, [32]byte{1}) }
		}, api.VerificationFailed},
		{"user verification by another person's credential", func(p *testPhone) func(*link.Answer) {
			return func(m *link.Answer) {
				m.Verification = []byte(strings.Replace(string(m.Verification), link.B64.EncodeToString(p.handle), "ICEiIyQlJicoKSorLC0uLw", -1))
			}
		}, api.VerificationFailed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
				p.spoil = test.spoil(p)
				end := d.get(t.Context())
				d.approve(phone, p)
				if o := <-end; o.code() != test.want {
					t.Errorf("%v, want %s", o.err, test.want)
				}
			})
		})
	}
}

func TestApprovalForOneNumberDoesNotServeForAnother(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		end := d.get(t.Context())
		r := got[*link.Request](d, phone)
		d.from(phone, &link.Received{ID: r.ID})
		right := d.last().Number
		d.from(phone, &link.Number{ID: r.ID, Number: right})
		d.from(phone, p.answer(r, wrongNumber(r, right)))
		if o := <-end; o.code() != api.VerificationFailed {
			t.Error(o.err)
		}
	})
}

func TestThreeBadEndsPauseTheAccountAcrossARestart(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		bad := func() {
			end := d.get(t.Context())
			r := got[*link.Request](d, phone)
			d.from(phone, &link.Received{ID: r.ID})
			d.from(phone, &link.Number{ID: r.ID, Number: wrongNumber(r, d.last().Number)})
			if o := <-end; o.code() != api.WrongNumber {
				t.Fatal(o.err)
			}
		}
		bad()
		bad()
		time.Sleep(9 * time.Minute)
		bad()
		d.start()
		if o := <-d.get(t.Context()); o.code() != api.Paused {
			t.Errorf("after three: %v", o.err)
		}
		time.Sleep(pauseFor - time.Second)
		if o := <-d.get(t.Context()); o.code() != api.Paused {
			t.Errorf("a second before the pause ends: %v", o.err)
		}
		time.Sleep(time.Second)
		end := d.get(t.Context())
		d.approve(phone, p)
		if o := <-end; o.err != nil {
			t.Errorf("after the pause: %v", o.err)
		}
	})
}

func TestAReportPausesAtOnce(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		end := d.get(t.Context())
		d.Report(got[*link.Request](d, phone).ID)
		<-end
		if o := <-d.get(t.Context()); o.code() != api.Paused {
			t.Error(o.err)
		}
	})
}

func TestOnePromptAtATime(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		var ends []<-chan outcome
		for range maxQueue {
			ends = append(ends, d.get(t.Context()))
		}
		if o := <-d.get(t.Context()); o.code() != api.Busy {
			t.Errorf("one too many: %v", o.err)
		}
		var states []api.State
		for _, r := range d.Requests() {
			states = append(states, r.State)
		}
		if diff := cmp.Diff([]api.State{api.Waiting, api.Queued, api.Queued, api.Queued}, states); diff != "" {
			t.Error(diff)
		}
		for _, end := range ends {
			d.approve(phone, p)
			if o := <-end; o.err != nil {
				t.Error(o.err)
			}
		}
	})
}

func TestTheFirstPhoneWithTheRightNumberTakesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, a, b := newDesk(t), newTestPhone(t, desktopID), newTestPhone(t, desktopID)
		one, two := d.pair(a), d.pair(b)
		d.connect(one)
		d.connect(two)
		end := d.create(t.Context(), "alice@contoso.example")
		for _, phone := range []string{one, two} {
			d.from(phone, &link.Received{ID: got[*link.Request](d, phone).ID})
		}
		r := got[*link.Request](d, two)
		number := d.last().Number
		d.from(two, &link.Number{ID: r.ID, Number: number})
		if e := got[*link.Ended](d, one); e.Code != string(api.AnsweredElsewhere) {
			t.Errorf("the other phone hears %s", e.Code)
		}
		d.from(one, &link.Decline{ID: r.ID, Code: "declined"}) // too late to matter
		d.from(two, b.answer(r, number))
		if o := <-end; o.err != nil {
			t.Error(o.err)
		}
		if got := d.store.Registrations()[0].Phone; got != two {
			t.Errorf("registration is on %s, want %s", got, two)
		}
	})
}

func TestSeveralAccounts(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		time.Sleep(time.Minute) // so that Bob's is newer
		d.register(phone, p, "bob@contoso.example")
		end := d.get(t.Context())
		r := got[*link.Request](d, phone)
		if len(r.Accounts) != 2 || r.Accounts[0].Name != "bob@contoso.example" || d.last().Account != "" {
			t.Fatalf("accounts %v, the desktop shows %q", r.Accounts, d.last().Account)
		}
		d.from(phone, &link.Received{ID: r.ID})
		number := d.last().Number
		d.from(phone, &link.Number{ID: r.ID, Number: number, Credential: r.Accounts[0].Credential})
		if d.last().Account != "bob@contoso.example" {
			t.Errorf("the desktop shows %q", d.last().Account)
		}
		d.from(phone, p.answer(r, number))
		if o := <-end; o.err != nil || o.get.ID != r.Accounts[0].Credential {
			t.Error(o)
		}
	})
}

func TestWhatFallsThrough(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		const other = `{"challenge":"AAEC","allowCredentials":[{"type":"public-key","id":"ICEiIyQlJicoKSorLC0uLw"}]}`
		for _, test := range []struct {
			name, origin, options string
			want                  api.Code
		}{
			{"another website", "https://shop.example", `{"challenge":"AAEC"}`, api.NotOurs},
			{"a credential of someone else's", origin, other, api.NotOurs},
			{"an RP ID that is not the page's", "https://evil.example", `{"challenge":"AAEC","rpId":"login.contoso.example"}`, api.OriginMismatch},
			{"a public suffix", "https://login.contoso.example", `{"challenge":"AAEC","rpId":"example"}`, api.OriginMismatch},
			{"no challenge", origin, `{}`, api.OptionsInvalid},
			{"an empty challenge", origin, `{"challenge":""}`, api.OptionsInvalid},
			{"a challenge of 64 KiB", origin, `{"challenge":"` + strings.Repeat("AAAA", 16<<10) + `"}`, api.OptionsInvalid},
			{"not JSON", origin, `{`, api.OptionsInvalid},
		} {
			o := <-d.getFrom(t.Context(), test.origin, test.options)
			if o.code() != test.want || !o.code().Outcome().FallThrough {
				t.Errorf("%s: %v, want %s", test.name, o.err, test.want)
			}
		}
		before := len(d.shown)
		if d.last(); len(d.shown) != before {
			t.Error("something was shown")
		}
	})
}

// A phone that was never asked, or an old one, can say what it likes.
func TestStrangersChangeNothing(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		end := d.get(t.Context())
		r := got[*link.Request](d, phone)
		d.from(phone, &link.Received{ID: r.ID})
		number := d.last().Number
		d.there["someoneelse"] = true
		for _, m := range []link.Message{&link.Received{ID: r.ID}, &link.Number{ID: r.ID, Number: number}, p.answer(r, number),
			&link.Decline{ID: r.ID, Code: "declined"}} {
			d.from("someoneelse", m)
		}
		if s := d.last().State; s != api.Delivered {
			t.Fatalf("state %s", s)
		}
		d.from(phone, &link.Received{ID: "AAECAwQFBgcICQoLDA0ODw"})
		if e := got[*link.Ended](d, phone); e.Code != string(api.RequestUnknown) {
			t.Errorf("a request that never was: %s", e.Code)
		}
		d.Cancel(r.ID)
		<-end
	})
}
