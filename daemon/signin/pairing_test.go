package signin

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

func TestPairingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		ended := make(chan error, 2)
		_, first, _, err := d.Pair(t.Context(), func(err error) { ended <- err })
		if err != nil {
			t.Fatal(err)
		}
		_, second, _, err := d.Pair(t.Context(), func(err error) { ended <- err })
		if err != nil {
			t.Fatal(err)
		}
		if o := (outcome{err: <-ended}); o.code() != api.CancelledOnDesktop {
			t.Errorf("the first pairing: %v", o.err)
		}
		if now, ok := d.Offer(); !ok || string(now) != string(second) || string(now) == string(first) {
			t.Error("the secret on the screen is not the second one")
		}
		time.Sleep(2 * time.Minute)
		if o := (outcome{err: <-ended}); o.code() != api.PairingExpired {
			t.Errorf("after two minutes: %v", o.err)
		}
		if _, ok := d.Offer(); ok {
			t.Error("the secret is still good")
		}
	})
}

// A phone app has one platform credential, which it shows to every desktop after the first.
func TestPairingByThePlatformCredentialThatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, p := newDesk(t), newTestPhone(t, desktopID)
		p.presents = true
		phone := d.pair(p)
		kept, _ := d.store.Phone(phone)
		if !bytes.Equal(kept.Platform.ID, p.handle) || !bytes.Equal(kept.Platform.PublicKey, webauthn.EncodeCOSE(&p.platform.PublicKey)) {
			t.Errorf("kept %+v", kept.Platform)
		}
		d.connect(phone)
		d.register(phone, p, "alice@contoso.example")
		end := d.get(t.Context())
		d.approve(phone, p)
		if o := <-end; o.err != nil {
			t.Error(o.err)
		}
	})
}

func TestPairingByAnotherKeyThanTheOneShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, p := newDesk(t), newTestPhone(t, desktopID)
		p.presents = true
		p.spoil = func(m *link.Answer) { m.PlatformKey = webauthn.EncodeCOSE(&newKey(t).PublicKey) }
		r, ended := d.mallory()
		number := d.last().Number
		d.from(OfferPeer, &link.Number{ID: r.ID, Number: number})
		d.from(OfferPeer, p.answer(r, number))
		if o := (outcome{err: <-ended}); o.code() != api.VerificationFailed || len(d.store.Phones()) != 0 {
			t.Errorf("%v, %d phones", o.err, len(d.store.Phones()))
		}
	})
}

func TestAWrongNumberEndsThePairing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		r, ended := d.mallory()
		d.from(OfferPeer, &link.Number{ID: r.ID, Number: wrongNumber(r, d.last().Number)})
		if o := (outcome{err: <-ended}); o.code() != api.WrongNumber {
			t.Error(o.err)
		}
		if _, ok := d.Offer(); ok || len(d.store.Phones()) != 0 {
			t.Error("the link still opens something, or a phone was let in")
		}
	})
}

// mallory comes by the pairing link, and is asked for the number.
func (d *desk) mallory() (*link.Request, <-chan error) {
	d.t.Helper()
	ended := make(chan error, 1)
	if _, _, _, err := d.Pair(d.t.Context(), func(err error) { ended <- err }); err != nil {
		d.t.Fatal(err)
	}
	d.connect(OfferPeer)
	d.from(OfferPeer, &link.PairWith{V: 1, Name: "Mallory", App: "x", Origin: phoneOrigin})
	r := got[*link.Request](d, OfferPeer)
	d.from(OfferPeer, &link.Received{ID: r.ID})
	return r, ended
}
