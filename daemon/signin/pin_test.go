package signin

import (
	"testing"
	"testing/synctest"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/phone/link"
)

// underPIN makes the test's phone one whose app was opened at an address and verifies by its own PIN.
func underPIN(p *testPhone) *testPhone {
	p.origin, p.rpID, p.keeps = "https://192.0.2.7:47114", "192.0.2.7", link.PIN
	return p
}

func TestAPhoneUnderAPINPairsRegistersAndSignsIn(t *testing.T) {
	for _, presents := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			d, p := newDesk(t), underPIN(newTestPhone(t, desktopID))
			p.presents = presents
			phone := d.pair(p)
			d.connect(phone)
			kept, ok := d.store.Phone(phone)
			if !ok || kept.KeyProtection != link.PIN || kept.Platform.RPID != "192.0.2.7" || d.Proved(phone) != presents {
				t.Errorf("kept: %s by %s, proved: %t", kept.KeyProtection, kept.Platform.RPID, d.Proved(phone))
			}
			d.register(phone, p, "alice@contoso.example")
			if r := d.store.Registrations(); len(r) != 1 || r[0].KeyProtection != link.PIN {
				t.Errorf("registrations: %+v", r)
			}
			end := d.get(t.Context())
			d.approve(phone, p)
			if o := <-end; o.err != nil {
				t.Error(o.err)
			}
		})
	}
}

func TestAPhoneUnderAPINCanNotClaimMore(t *testing.T) {
	for _, claim := range []link.KeyProtection{link.PRF, link.Device, ""} {
		synctest.Test(t, func(t *testing.T) {
			d, p := newDesk(t), underPIN(newTestPhone(t, desktopID))
			phone := d.pair(p)
			d.connect(phone)
			p.keeps = claim
			p.spoil = func(m *link.Answer) { m.KeyProtection = claim }
			end := d.create(t.Context(), "alice@contoso.example")
			d.approve(phone, p)
			if o := <-end; o.code() != api.SignatureInvalid {
				t.Errorf("%q: got %v", claim, o.err)
			}
			if n := len(d.store.Registrations()); n != 0 {
				t.Errorf("%q: %d registrations", claim, n)
			}
		})
	}
}

func TestAnAppAtAnAddressPairsUnderAPINOnly(t *testing.T) {
	for _, claim := range []link.KeyProtection{link.PRF, link.Device} {
		for _, presents := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				d, p := newDesk(t), underPIN(newTestPhone(t, desktopID))
				p.keeps, p.presents = claim, presents
				if code := d.pairingEnd(p); code != api.VerificationFailed {
					t.Errorf("%s: the pairing ended with %q", claim, code)
				}
				if n := len(d.store.Phones()); n != 0 {
					t.Errorf("%s: %d phones", claim, n)
				}
			})
		}
	}
}

// pairingEnd lets a phone pair and returns the code of the end.
func (d *desk) pairingEnd(p *testPhone) api.Code {
	d.t.Helper()
	ended := make(chan error, 1)
	if _, _, _, err := d.Pair(d.t.Context(), func(err error) { ended <- err }); err != nil {
		d.t.Fatal(err)
	}
	d.connect(OfferPeer)
	d.from(OfferPeer, &link.PairWith{V: link.Version, Name: "Alice’s phone", App: "test/1", Origin: p.origin})
	r := got[*link.Request](d, OfferPeer)
	d.from(OfferPeer, &link.Received{ID: r.ID})
	number := d.last().Number
	d.from(OfferPeer, &link.Number{ID: r.ID, Number: number})
	d.from(OfferPeer, p.answer(r, number))
	return outcome{err: <-ended}.code()
}

func TestWhatIsBelievedOfKeys(t *testing.T) {
	for _, tt := range []struct {
		phone, claim link.KeyProtection
		ok           bool
	}{
		{link.PIN, link.PIN, true}, {link.PIN, link.PRF, false}, {link.PIN, link.Device, false}, {link.PIN, "", false},
		{link.PRF, link.PIN, true}, {link.PRF, link.PRF, true}, {link.PRF, link.Device, true}, {link.Device, link.PRF, true},
	} {
		if err := CheckProtection(registration.Phone{KeyProtection: tt.phone}, tt.claim); (err == nil) != tt.ok {
			t.Errorf("%q on a phone under %q: %v", tt.claim, tt.phone, err)
		}
	}
}
