package signin

import (
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

func output(secret []byte, input byte) string {
	h := hmac.New(sha256.New, secret)
	h.Write(webauthn.PRFSalt([]byte{input}))
	return link.B64.EncodeToString(h.Sum(nil))
}

func TestPRF(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		end := d.createFrom(t.Context(), origin, "bob@contoso.example",
			extended(`{"credProps":true,"prf":{"eval":{"first":"AQ","second":"Ag"}},"minPinLength":true,"of next year":{}}`))
		d.approve(phone, p)
		made := (<-end).create
		secret := p.secrets[made.ID]
		want := `{"credProps":{"rk":true},"prf":{"enabled":true,"results":{"first":"` + output(secret, 1) + `","second":"` + output(secret, 2) + `"}}}`
		if got := string(made.ClientExtensionResults); got != want {
			t.Errorf("on creation: %s, want %s", got, want)
		}
		allow := `"allowCredentials":[{"type":"public-key","id":"` + made.ID + `"}],`
		for in, want := range map[string]string{
			`{}`:                              `{}`,
			`{"prf":{"eval":{"first":"AQ"}}}`: `{"prf":{"results":{"first":"` + output(secret, 1) + `"}}}`,
			`{"prf":{"eval":{"first":"AQ"},"evalByCredential":{"` + made.ID + `":{"first":"Aw"}}}}`: `{"prf":{"results":{"first":"` + output(secret, 3) + `"}}}`,
			`{"prf":{}}`: `{"prf":{}}`,
		} {
			end := d.getWith(allow + `"extensions":` + in)
			d.approve(phone, p)
			if o := <-end; o.err != nil || string(o.get.ClientExtensionResults) != want {
				t.Errorf("%s: %s, %v; want %s", in, o.get.ClientExtensionResults, o.err, want)
			}
		}
	})
}

func TestPRFWithoutASecret(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		p.without = true
		end := d.createFrom(t.Context(), origin, "bob@contoso.example", extended(`{"prf":{"eval":{"first":"AQ"}}}`))
		d.approve(phone, p)
		made := (<-end).create
		if got := string(made.ClientExtensionResults); got != `{"prf":{"enabled":false}}` {
			t.Errorf("on creation: %s", got)
		}
		end = d.getWith(`"allowCredentials":[{"type":"public-key","id":"` + made.ID + `"}],"extensions":{"prf":{"eval":{"first":"AQ"}}}`)
		d.approve(phone, p)
		if o := <-end; o.err != nil || string(o.get.ClientExtensionResults) != `{"prf":{}}` {
			t.Errorf("sign-in: %s, %v", o.get.ClientExtensionResults, o.err)
		}
	})
}

// Inputs by credential reach the phone for their credential only.
func TestPRFByCredentialAmongSeveralAccounts(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		bob := d.register(phone, p, "bob@contoso.example")
		all := []string{}
		for _, r := range d.store.Registrations() {
			all = append(all, `{"type":"public-key","id":"`+link.B64.EncodeToString(r.Credential)+`"}`)
		}
		end := d.getWith(`"allowCredentials":[` + all[0] + `,` + all[1] + `],"extensions":{"prf":{"evalByCredential":{"` + bob.ID + `":{"first":"AQ"}}}}`)
		for _, a := range got[*link.Request](d, phone).Accounts {
			want := []link.Bytes(nil)
			if a.Credential == bob.ID {
				want = []link.Bytes{webauthn.PRFSalt([]byte{1})}
			}
			if diff := cmp.Diff(want, a.PRF); diff != "" {
				t.Errorf("%s: %s", a.Name, diff)
			}
		}
		d.Cancel(d.last().ID)
		<-end
	})
}

func TestPRFLies(t *testing.T) {
	result := link.Bytes(make([]byte, 32))
	for name, tt := range map[string]struct {
		extensions string
		lie        *link.PRFOutput
	}{
		"too few":             {`{"prf":{"eval":{"first":"AQ","second":"Ag"}}}`, &link.PRFOutput{Results: []link.Bytes{result}}},
		"too many":            {`{"prf":{"eval":{"first":"AQ"}}}`, &link.PRFOutput{Results: []link.Bytes{result, result}}},
		"without an input":    {`{"prf":{}}`, &link.PRFOutput{Results: []link.Bytes{result}}},
		"where nobody asked":  {`{}`, &link.PRFOutput{}},
		"none where it could": {`{"prf":{"eval":{"first":"AQ"}}}`, &link.PRFOutput{}},
	} {
		t.Run(name, func(t *testing.T) {
			withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
				p.spoil = func(m *link.Answer) { m.PRF = tt.lie }
				end := d.getWith(`"extensions":` + tt.extensions)
				d.approve(phone, p)
				if o := <-end; o.code() != api.SignatureInvalid {
					t.Errorf("sign-in: %v", o.err)
				}
				end = d.createFrom(t.Context(), origin, "bob@contoso.example", extended(tt.extensions))
				d.approve(phone, p)
				if o := <-end; o.code() != api.SignatureInvalid {
					t.Errorf("registration: %v", o.err)
				}
			})
		})
	}
}
