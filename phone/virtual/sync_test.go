package virtual_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

// expect reads what the phone says until it has said each of the kinds once, in any order, and returns the last of each.
func (d *desk) expect(kinds ...string) map[string]link.Message {
	d.t.Helper()
	got := map[string]link.Message{}
	for range kinds {
		s := d.any()
		if !slices.Contains(kinds, s.what) || got[s.what] != nil {
			d.t.Fatalf("the phone: %s %+v, want %v", s.what, s.m, kinds)
		}
		got[s.what] = s.m
	}
	return got
}

// list reads what the phone says that it holds, to the last page.
func (d *desk) list() (items []link.Registration, kept []string) {
	d.t.Helper()
	for {
		m := d.next("registrations").m.(*link.Registrations)
		items, kept = append(items, m.Items...), append(kept, m.Kept...)
		if !m.More {
			return items, kept
		}
	}
}

// complete registers with what a website may ask for beyond the least.
func (d *desk) complete(phone string, change func(*link.Request)) (*link.Request, *link.Answer) {
	d.t.Helper()
	r := createRequest()
	r.Accounts[0].UserID = link.Bytes("alice's handle")
	change(r)
	d.send(phone, r)
	d.next("received")
	d.next("number")
	d.send(phone, &link.NumberRight{ID: r.ID})
	a := d.next("answer").m.(*link.Answer)
	d.verify(phone, r, "26", "alice@contoso.example", a)
	d.send(phone, &link.Ended{ID: r.ID, Code: "registered"})
	return r, a
}

func syncing(t *testing.T, id string) *desk {
	d := newDesk(t)
	d.id, d.sync = id, true
	return d
}

// twice is a phone that is paired with two desktops, with no registration yet.
type twice struct {
	first, second *desk
	one, two      string // the phone's ids there
	phone         *virtual.Phone
}

func pairedTwice(t *testing.T) (b twice) {
	t.Helper()
	b.first, b.second = syncing(t, desktopID), syncing(t, "zzzzzzzzzz234567")
	b.phone = newPerson().phone(t)
	run(t, b.phone)
	b.one, b.two = b.first.pair(b.phone), b.second.pair(b.phone)
	for _, d := range []*desk{b.first, b.second} {
		d.next("up")
		d.list()
	}
	return b
}

// One phone, two desktops: the second learns what was made with the first, can ask for it at once, and each removal is
// told on. The second pairing shows the platform credential of the first.
func TestManyDesktops(t *testing.T) {
	first, second, x := syncing(t, desktopID), syncing(t, "zzzzzzzzzz234567"), newPerson()
	p := x.phone(t)
	run(t, p)
	one := first.pair(p)
	first.next("up")
	if items, kept := first.list(); len(items)+len(kept) != 0 {
		t.Errorf("a new phone holds %v and %v", items, kept)
	}
	_, made := first.complete(one, func(*link.Request) {})
	items, kept := first.list()
	want := []link.Registration{{Credential: made.Credential, RPID: rpID, UserID: link.Bytes("alice's handle"),
		Name: "alice@contoso.example", DisplayName: "Alice", KeyProtection: link.Device}}
	got := slices.Clone(items)
	for i := range got {
		got[i].PublicKey, got[i].Created = nil, 0
	}
	if diff := cmp.Diff(want, got); diff != "" || kept != nil {
		t.Errorf("told (-want +got):\n%s\nkept %v", diff, kept)
	}
	two := second.pair(p)
	if first.platform(one).Same(second.platform(two)) != true {
		t.Error("the second desktop knows another platform credential")
	}
	second.next("up")
	told, _ := second.list()
	if diff := cmp.Diff(items, told); diff != "" {
		t.Errorf("the second desktop is told (-first +second):\n%s", diff)
	}
	key, err := webauthn.ParseCOSE(told[0].PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	id, err := link.B64.DecodeString(told[0].Credential)
	if err != nil {
		t.Fatal(err)
	}
	second.signIn(two, &webauthn.AttestedCredential{ID: id, PublicKey: key})
	second.send(two, &link.Forget{Credential: made.Credential})
	for _, d := range []*desk{first, second} {
		if m := d.next("forget").m.(*link.Forget); m.Credential != made.Credential {
			t.Errorf("forgets %s", m.Credential)
		}
	}
	if e := x.until(t, virtual.Forgotten); e.Credential != made.Credential {
		t.Errorf("event %+v", e)
	}
	if left := p.Registrations(""); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	second.send(two, &link.Forget{Credential: made.Credential}) // repeated until it is confirmed, which it is
	second.next("forget")
}

func TestForgetOnThePhone(t *testing.T) {
	d, x := syncing(t, desktopID), newPerson()
	p := x.phone(t)
	run(t, p)
	phone := d.pair(p)
	d.next("up")
	d.list()
	_, made := d.complete(phone, func(*link.Request) {})
	d.list()
	if err := p.Forget(made.Credential); err != nil {
		t.Fatal(err)
	}
	if m := d.next("forget").m.(*link.Forget); m.Credential != made.Credential {
		t.Errorf("forgets %s", m.Credential)
	}
	if err := p.Forget(made.Credential); !errors.Is(err, virtual.ErrRegistrationUnknown) {
		t.Errorf("forgets twice: %v", err)
	}
}

// A desktop that was away hears of a removal before the list, at each contact, and with the list the tokens of what is left.
func TestARemovalIsSaidToADesktopThatWasAway(t *testing.T) {
	both := pairedTwice(t)
	first, second, one, two, p := both.first, both.second, both.one, both.two, both.phone
	_, gone := first.complete(one, func(*link.Request) {})
	first.list()
	second.list()
	token := link.Bytes("a token of 16 by")
	_, stays := first.complete(one, func(r *link.Request) { r.Unregister = token })
	first.list()
	items, _ := second.list()
	for _, i := range items {
		if want := i.Credential == stays.Credential; want != (string(i.Unregister) == string(token)) {
			t.Errorf("%s is told with token %q", i.Credential, i.Unregister)
		}
	}
	if err := p.Forget(gone.Credential); err != nil {
		t.Fatal(err)
	}
	first.next("forget")
	second.next("forget")
	for range 2 {
		second.again(two)
		if m := second.next("forget").m.(*link.Forget); m.Credential != gone.Credential {
			t.Errorf("forgets %s", m.Credential)
		}
		if items, _ := second.list(); len(items) != 1 {
			t.Errorf("holds %v", items)
		}
	}
}

// What no desktop has confirmed is kept where it was made and told to nobody else.
func TestUnconfirmedIsKept(t *testing.T) {
	both := pairedTwice(t)
	first, second, one, two := both.first, both.second, both.one, both.two
	r := createRequest()
	first.send(one, r)
	first.next("received")
	first.next("number")
	first.send(one, &link.NumberRight{ID: r.ID})
	made := first.next("answer").m.(*link.Answer)
	first.again(one)
	if items, kept := first.list(); len(items) != 0 || !slices.Equal(kept, []string{made.Credential}) {
		t.Errorf("the first desktop is told %v and %v", items, kept)
	}
	second.again(two)
	if items, kept := second.list(); len(items)+len(kept) != 0 {
		t.Errorf("the second desktop is told %v and %v", items, kept)
	}
}

// again has the phone connect anew.
func (d *desk) again(phone string) {
	d.t.Helper()
	d.hub.Drop(phone, "busy")
	d.next("down")
	d.next("up")
}

func TestGoodbye(t *testing.T) {
	d, x := syncing(t, desktopID), newPerson()
	p := x.phone(t)
	stop := run(t, p)
	phone := d.pair(p)
	d.next("up")
	d.list()
	_, made := d.complete(phone, func(*link.Request) {})
	d.list()
	x.until(t, virtual.Connected)
	stop() // the desktop is away when the person removes it
	d.next("down")
	if err := p.Leave(desktopID); err != nil {
		t.Fatal(err)
	}
	if err := p.Leave(desktopID); !errors.Is(err, virtual.ErrDesktopUnknown) {
		t.Errorf("leaves twice: %v", err)
	}
	run(t, p)
	got := d.expect("up", "goodbye")
	if got["goodbye"] == nil {
		t.Error("no goodbye")
	}
	d.send(phone, createRequest()) // must not be answered
	d.hub.Drop(phone, "phone_removed")
	d.next("down")
	x.until(t, virtual.Left)
	if len(p.Desktops()) != 0 {
		t.Errorf("desktops %+v", p.Desktops())
	}
	if all := p.Registrations(""); len(all) != 1 || all[0].Credential != made.Credential {
		t.Errorf("the phone's own registrations went with the desktop: %v", all)
	}
}

// A desktop of an early version would not understand.
func TestLeaveWithoutSync(t *testing.T) {
	d, x := newDesk(t), newPerson()
	p := x.phone(t)
	run(t, p)
	d.pair(p)
	d.next("up")
	x.until(t, virtual.Connected)
	if err := p.Leave(desktopID); err != nil {
		t.Fatal(err)
	}
	d.next("down")
	if len(p.Desktops()) != 0 {
		t.Errorf("desktops %+v", p.Desktops())
	}
}

// What a website may ask for beyond the least, and what the phone then says.
func TestExtensionsAndAlgorithms(t *testing.T) {
	d, x := syncing(t, desktopID), newPerson()
	p := x.phone(t, func(o *virtual.Options) { o.KeyProtection = link.PIN })
	run(t, p)
	phone := d.pair(p)
	d.next("up")
	d.list()
	salt := link.Bytes(strings.Repeat("s", 32))
	_, a := d.complete(phone, func(r *link.Request) {
		r.Algorithms, r.NumberMatch, r.PRF = []int64{-257, -8, -7}, true, true
		r.Accounts[0].PRF = []link.Bytes{salt}
	})
	output := link.NumberMatchOutput(link.Choose, link.PIN)
	point := ed25519Of(t, a.AuthenticatorData, output)
	if a.KeyProtection != link.PIN || a.PRF == nil || len(a.PRF.Results) != 1 {
		t.Fatalf("answer %+v", a)
	}
	items, _ := d.list()
	if want := append([]byte{0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 0x20}, point...); !slices.Equal(items[0].PublicKey, want) {
		t.Errorf("told key %x", items[0].PublicKey)
	}
	other := link.Bytes(strings.Repeat("t", 32))
	r, get := d.approveOnly(phone, a.Credential, x, func(r *link.Request) {
		r.PRF, r.Accounts[0].PRF = true, []link.Bytes{salt, other}
	})
	want := link.NumberMatchOutput(link.Approve, link.PIN)
	hash := sha256.Sum256([]byte(rpID))
	if data := append(append(hash[:], byte(webauthn.UP|webauthn.UV|webauthn.ED), 0, 0, 0, 0), want...); !slices.Equal(get.AuthenticatorData, data) {
		t.Errorf("authenticatorData %x, want %x", get.AuthenticatorData, data)
	}
	client := sha256.Sum256(r.ClientData)
	if !ed25519.Verify(point, append(slices.Clone(get.AuthenticatorData), client[:]...), get.Signature) {
		t.Error("the website's signature is wrong")
	}
	if get.PRF == nil || len(get.PRF.Results) != 2 || !hmac.Equal(get.PRF.Results[0], a.PRF.Results[0]) ||
		hmac.Equal(get.PRF.Results[0], get.PRF.Results[1]) {
		t.Errorf("prf %+v, at creation %+v", get.PRF, a.PRF)
	}
}

// ed25519Of reads the key of authenticatorData that ends with an extension's output.
func ed25519Of(t *testing.T, data, output []byte) ed25519.PublicKey {
	t.Helper()
	rest, ok := strings.CutSuffix(string(data), string(output))
	if !ok || webauthn.Flags(data[32]) != webauthn.UP|webauthn.UV|webauthn.AT|webauthn.ED {
		t.Fatalf("authenticatorData %x", data)
	}
	return ed25519.PublicKey(rest[len(rest)-32:])
}

// approveOnly signs in without a number.
func (d *desk) approveOnly(phone, credential string, x *person, change func(*link.Request)) (*link.Request, *link.Answer) {
	d.t.Helper()
	r := getRequest(credential)
	r.Mode, r.Numbers, r.NumberMatch = link.Approve, nil, true
	change(r)
	d.send(phone, r)
	d.next("received")
	a := d.next("answer").m.(*link.Answer) // no number
	d.verify(phone, r, "", "alice@contoso.example", a)
	d.send(phone, &link.Ended{ID: r.ID, Code: "approved"})
	return r, a
}

func TestPushSubscription(t *testing.T) {
	push := &link.PushSubscription{Endpoint: "https://push.example/abc", P256DH: make(link.Bytes, 65),
		Auth: make(link.Bytes, 16), VAPID: make(link.Bytes, 32)}
	d, x := syncing(t, desktopID), newPerson()
	d.push = true
	p := x.phone(t, func(o *virtual.Options) { o.Push = push })
	run(t, p)
	d.pair(p)
	got := d.expect("up", "registrations", "pushSubscription")
	if diff := cmp.Diff(link.Message(push), got["pushSubscription"]); diff != "" {
		t.Errorf("subscription (-want +got):\n%s", diff)
	}
}

// A desktop that asks for a hundred things at once gets the person's answer to a few.
func TestTooManyRequests(t *testing.T) {
	d, x := newDesk(t), newPerson()
	x.answers = make(chan virtual.Decision, 1)
	x.answers <- virtual.Decision{Kind: virtual.Approve, Number: "26"} // to pair
	p := x.phone(t)
	run(t, p)
	phone := d.pair(p)
	d.next("up")
	refused := map[string]bool{}
	for range 100 {
		d.send(phone, createRequest())
	}
	for len(refused) < 100-8 {
		if m, ok := d.any().m.(*link.Decline); ok {
			if refused[m.ID] || m.Code != "declined" {
				t.Fatalf("declined twice, or with %q", m.Code)
			}
			refused[m.ID] = true
		}
	}
	if n := len(x.asked); n > 2 { // to pair, and one that is on the screen
		t.Errorf("the person is asked %d things", n)
	}
}

func ExampleParseFault() {
	fault, err := virtual.ParseFault("double-answer")
	fmt.Println(fault, err)
	// Output: double-answer <nil>
}
