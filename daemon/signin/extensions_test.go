package signin

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

func algorithms(list ...int) map[string]any {
	params := []any{}
	for _, a := range list {
		params = append(params, map[string]any{"type": "public-key", "alg": a})
	}
	return map[string]any{"pubKeyCredParams": params}
}

func extended(extensions string) map[string]any {
	return map[string]any{"extensions": json.RawMessage(extensions)}
}

// getWith signs in with further options.
func (d *desk) getWith(more string) <-chan outcome {
	return d.getFrom(d.t.Context(), origin, `{"challenge":"AAECAwQFBgcICQoLDA0ODw",`+more+`}`)
}

func TestEdDSA(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		for _, tt := range []struct {
			website, phone []int
			want           int64
		}{
			{[]int{-8}, nil, webauthn.EdDSA},
			{[]int{-8, -7}, nil, webauthn.EdDSA},
			{[]int{-7, -8}, nil, webauthn.ES256},
			{[]int{-8, -7}, []int{-7}, webauthn.ES256},
			{[]int{-257, -8, -7}, []int{-8}, webauthn.EdDSA},
		} {
			p.can = nil
			for _, a := range tt.phone {
				p.can = append(p.can, int64(a))
			}
			end := d.createFrom(t.Context(), origin, "alice@contoso.example", algorithms(tt.website...))
			d.approve(phone, p)
			o := <-end
			if o.err != nil || o.create.Response.PublicKeyAlgorithm != tt.want {
				t.Fatalf("%+v: algorithm %d, %v", tt, o.create.Response.PublicKeyAlgorithm, o.err)
			}
			end = d.getWith(`"allowCredentials":[{"type":"public-key","id":"` + o.create.ID + `"}]`)
			d.approve(phone, p)
			if o := <-end; o.err != nil {
				t.Errorf("%+v: sign-in: %v", tt, o.err)
			}
		}
	})
}

func TestThePhoneIsAskedForWhatTheWebsiteTakes(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		end := d.createFrom(t.Context(), origin, "bob@contoso.example", algorithms(-257, -8, -7, -8))
		r := got[*link.Request](d, phone)
		if diff := cmp.Diff([]int64{-8, -7}, r.Algorithms); diff != "" || r.PRF || r.NumberMatch {
			t.Errorf("%s %+v", diff, r)
		}
		d.Cancel(r.ID)
		<-end
	})
}

func TestAnAlgorithmThatWasNotAskedForIsRefused(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		for asked, made := range map[int]int64{-8: webauthn.ES256, -7: webauthn.EdDSA} {
			end := d.createFrom(t.Context(), origin, "bob@contoso.example", algorithms(asked))
			r := got[*link.Request](d, phone)
			d.from(phone, &link.Received{ID: r.ID})
			number := d.last().Number
			d.from(phone, &link.Number{ID: r.ID, Number: number})
			r.Algorithms = []int64{made}
			d.from(phone, p.answer(r, number))
			if o := <-end; o.code() != api.SignatureInvalid || len(d.store.Registrations()) != 1 {
				t.Errorf("asked for %d, made %d: %v", asked, made, o.err)
			}
		}
	})
}

// The browser's own WebAuthn may have what the phone has not.
func TestAPhoneThatCanMakeNoneOfTheKeysDeclines(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		end := d.createFrom(t.Context(), origin, "bob@contoso.example", algorithms(-8))
		d.from(phone, &link.Decline{ID: got[*link.Request](d, phone).ID, Code: string(api.OptionsUnsupported)})
		if o := <-end; o.code() != api.OptionsUnsupported || !o.code().Outcome().FallThrough || o.code().Outcome().Bad {
			t.Error(o.err)
		}
	})
}

func TestEffectiveMode(t *testing.T) {
	typed := registration.Registration{Mode: link.Type}
	for _, tt := range []struct {
		settings bool
		wish     link.Mode
		held     []registration.Registration
		want     link.Mode
	}{
		{false, "", nil, link.Choose},
		{false, link.Choose, nil, link.Choose},
		{false, link.Type, nil, link.Type},
		{false, link.Approve, nil, link.Approve},
		{false, link.Approve, []registration.Registration{{}, {}}, link.Approve},
		{false, "", []registration.Registration{{}, typed}, link.Type},
		{false, link.Choose, []registration.Registration{typed}, link.Type},
		{false, link.Approve, []registration.Registration{{}, typed}, link.Type},
		{true, "", nil, link.Type},
		{true, link.Choose, nil, link.Type},
		{true, link.Approve, []registration.Registration{{}}, link.Type},
	} {
		e := New(Config{TypeNumbers: func() bool { return tt.settings }})
		if got := e.strictest(tt.wish, tt.held...); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

// The website gets what was done under its own signature.
func TestNumberMatchOutput(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		for wish, want := range map[string]link.Mode{"choose": link.Choose, "type": link.Type, "approve": link.Approve} {
			end := d.getWith(`"extensions":{"numberMatch":{"mode":"` + wish + `"}}`)
			if m := got[*link.Request](d, phone).Mode; m != want {
				t.Errorf("%s: the phone is asked in mode %s", wish, m)
			}
			d.approve(phone, p)
			o := <-end
			if o.err != nil {
				t.Fatalf("%s: %v", wish, o.err)
			}
			data, err := link.B64.DecodeString(o.get.Response.AuthenticatorData)
			if err != nil {
				t.Fatal(err)
			}
			a, err := webauthn.ParseAuthenticatorData(data)
			if err != nil || cmp.Diff(link.NumberMatchOutput(want, link.Device), a.Extensions) != "" {
				t.Errorf("%s: %x, %v", wish, a.Extensions, err)
			}
		}
		end := d.createFrom(t.Context(), origin, "bob@contoso.example", extended(`{"numberMatch":{"mode":"approve"}}`))
		if r := got[*link.Request](d, phone); r.Mode != link.Choose || !r.NumberMatch {
			t.Errorf("a registration in mode %s", r.Mode)
		}
		d.approve(phone, p)
		if o := <-end; o.err != nil {
			t.Error(o.err)
		}
	})
}

func TestNumberMatchLies(t *testing.T) {
	more := func(in []byte, data []byte) []byte {
		a, err := webauthn.ParseAuthenticatorData(data)
		if err != nil {
			t.Fatal(err)
		}
		a.Extensions = in
		return a.Encode()
	}
	for name, extensions := range map[string][]byte{
		"nothing":         nil,
		"another mode":    link.NumberMatchOutput(link.Type, link.Device),
		"under a PIN":     link.NumberMatchOutput(link.Choose, link.PIN),
		"another order":   []byte("\xa1\x6bnumberMatch\xa2\x64mode\x66choose\x62uv\x68platform"),
		"and another one": []byte("\xa2\x6bnumberMatch\xa2\x62uv\x68platform\x64mode\x66choose\x63prf\xf5"),
	} {
		t.Run(name, func(t *testing.T) {
			withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
				p.spoil = func(m *link.Answer) { m.AuthenticatorData = more(extensions, m.AuthenticatorData) }
				end := d.getWith(`"extensions":{"numberMatch":{"mode":"choose"}}`)
				d.approve(phone, p)
				if o := <-end; o.code() != api.SignatureInvalid {
					t.Errorf("sign-in: %v", o.err)
				}
				end = d.createFrom(t.Context(), origin, "bob@contoso.example", extended(`{"numberMatch":{"mode":"choose"}}`))
				d.approve(phone, p)
				if o := <-end; o.code() != api.SignatureInvalid {
					t.Errorf("registration: %v", o.err)
				}
			})
		})
	}
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		p.spoil = func(m *link.Answer) {
			m.AuthenticatorData = more(link.NumberMatchOutput(link.Choose, link.Device), m.AuthenticatorData)
		}
		end := d.get(t.Context())
		d.approve(phone, p)
		if o := <-end; o.code() != api.SignatureInvalid {
			t.Errorf("where nobody asked: %v", o.err)
		}
	})
}

func TestSettingsAndRegistrationsWantNumbersTyped(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		asked := func(want link.Mode) {
			t.Helper()
			end := d.getWith(`"extensions":{"numberMatch":{"mode":"approve"}}`)
			if r := got[*link.Request](d, phone); r.Mode != want || d.last().Mode != string(want) {
				t.Errorf("mode %s on the phone, %s on the desktop, want %s", r.Mode, d.last().Mode, want)
			}
			d.approve(phone, p)
			if o := <-end; o.err != nil {
				t.Error(o.err)
			}
		}
		asked(link.Approve)
		set := func(m link.Mode) {
			if err := d.store.Update(t.Context(), d.store.Registrations()[0].Credential, func(r *registration.Registration) { r.Mode = m }); err != nil {
				t.Fatal(err)
			}
		}
		set(link.Type)
		asked(link.Type)
		set("")
		asked(link.Approve)
		d.typed = true
		asked(link.Type)
	})
}

// A hundred named credentials of others, and ours among them.
func TestAHundredAllowedCredentials(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		list := []string{}
		for range 99 {
			list = append(list, link.B64.EncodeToString(random(t, 64)))
		}
		list = slices.Insert(list, 57, link.B64.EncodeToString(d.store.Registrations()[0].Credential))
		descriptors := []any{}
		for _, id := range list {
			descriptors = append(descriptors, map[string]any{"type": "public-key", "id": id, "transports": []string{"usb"}})
		}
		j, err := json.Marshal(descriptors)
		if err != nil {
			t.Fatal(err)
		}
		end := d.getWith(`"userVerification":"discouraged","allowCredentials":` + string(j))
		d.approve(phone, p)
		if o := <-end; o.err != nil || o.get.ID != list[57] {
			t.Error(o.err)
		}
	})
}

// A website that asks for unregister gets the hash of a token, which the phone and the keyring have and the page never has;
// one that does not ask gets nothing, and no other call does.
func TestUnregisterToken(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		var tokens []string
		last := ""
		for in, asks := range map[string]bool{`{"unregister":true}`: true, `{"unregister":true,"a":1}`: true, `{}`: false, `{"unregister":false}`: false} {
			end := d.createFrom(t.Context(), origin, "bob@contoso.example", extended(in))
			token := got[*link.Request](d, phone).Unregister
			d.approve(phone, p)
			o := <-end
			if o.err != nil || asks != (len(token) == link.RemovalToken) {
				t.Fatalf("%s: token of %d bytes, %v", in, len(token), o.err)
			}
			hash, want := sha256.Sum256(token), `{}`
			if asks {
				want = `{"unregister":{"hash":"` + link.B64.EncodeToString(hash[:]) + `"}}`
				tokens = append(tokens, string(token))
			}
			if got := string(o.create.ClientExtensionResults); got != want {
				t.Errorf("%s: %s, want %s", in, got, want)
			}
			last = o.create.ID
			for _, r := range d.store.Registrations() {
				if link.B64.EncodeToString(r.Credential) == last && !bytes.Equal(r.Unregister, token) {
					t.Errorf("%s: the keyring has %x", in, r.Unregister)
				}
			}
		}
		if len(tokens) != 2 || tokens[0] == tokens[1] {
			t.Error("two registrations have one token")
		}
		end := d.getWith(`"allowCredentials":[{"type":"public-key","id":"` + last + `"}],"extensions":{"unregister":true}`)
		if token := got[*link.Request](d, phone).Unregister; token != nil {
			t.Error("a sign-in has a token")
		}
		d.approve(phone, p)
		if o := <-end; o.err != nil || string(o.get.ClientExtensionResults) != `{}` {
			t.Errorf("a sign-in: %s, %v", o.get.ClientExtensionResults, o.err)
		}
	})
}
