package signin

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

const shop = "https://contoso-shop.example"

// A website of another name uses the RP ID that lists it, and signs in with what was registered there.
func TestARelatedOriginSignsIn(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		d.lists = map[string][]string{"login.contoso.example": {shop}}
		end := d.getFrom(t.Context(), shop, `{"challenge":"AAEC","rpId":"login.contoso.example"}`)
		r := got[*link.Request](d, phone)
		if !r.Related || r.Origin != shop || r.Domain != "contoso-shop.example" || r.RPID != "login.contoso.example" {
			t.Errorf("the phone is asked %+v", r)
		}
		if s := d.last(); s.Host != "contoso-shop.example" || s.RPID != "login.contoso.example" {
			t.Errorf("the desktop shows %+v", s)
		}
		d.approve(phone, p)
		if o := <-end; o.err != nil {
			t.Error(o.err)
		}
		end = d.createFrom(t.Context(), shop, "bob@contoso.example",
			map[string]any{"rp": map[string]any{"id": "login.contoso.example", "name": "Contoso"}})
		d.approve(phone, p)
		if o := <-end; o.err != nil || len(d.store.ByRPID("login.contoso.example")) != 2 {
			t.Error(o.err)
		}
	})
}

func TestTheListIsReadOnlyWhereItCanMatter(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		for _, tt := range []struct {
			name, origin, rpID string
			read               bool
		}{
			{"not on the list", shop, "login.contoso.example", true},
			{"an RP ID without a registration here", shop, "fabrikam.example", false},
			{"a public suffix", shop, "example", false},
			{"an address", shop, "192.0.2.7", false},
			{"an origin that is not secure", "http://contoso-shop.example", "login.contoso.example", false},
			{"no origin", "null", "login.contoso.example", false},
		} {
			d.asks = nil
			o := <-d.getFrom(t.Context(), tt.origin, `{"challenge":"AAEC","rpId":"`+tt.rpID+`"}`)
			if o.code() != api.OriginMismatch || !o.code().Outcome().FallThrough {
				t.Errorf("%s: %v", tt.name, o.err)
			}
			if read := len(d.asks) > 0; read != tt.read {
				t.Errorf("%s: read %v", tt.name, d.asks)
			}
		}
		d.asks = nil
		end := d.get(t.Context())
		d.approve(phone, p)
		if o := <-end; o.err != nil || len(d.asks) != 0 {
			t.Errorf("the own origin: %v, read %v", o.err, d.asks)
		}
		if diff := cmp.Diff([]string(nil), d.asks); diff != "" {
			t.Error(diff)
		}
	})
}
