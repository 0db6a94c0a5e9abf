package virtual

import (
	"crypto/sha256"
	"encoding/json"
	"errors"

	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

// errKeyGone means that the key for a request is not on this phone.
var errKeyGone = errors.New("virtual: key is not on this phone")

// ceremony is what a request is about.
type ceremony interface {
	// accounts are those that can be chosen; one without a name for pairing.
	accounts() []link.Account
	// covers are the members of an approval that are this ceremony's own: Credential, Account, Payload.
	covers(link.Account) (link.Approval, error)
	// verify is the platform's ceremony, behind the screen lock.
	verify(challenge [sha256.Size]byte) (json.RawMessage, error)
	// key signs the approval.
	key() key
	// answer is the answer but for what all have.
	answer(link.Account) (*link.Answer, error)
	// settle hears the end once: a row of the code table, and link.Paired where that was it. sure is false where the
	// desktop's last word is missing.
	settle(code string, paired *link.Paired, sure bool) error
}

// websiteCeremony is what creation and sign-in have in common.
type websiteCeremony struct {
	phone   *Phone
	desktop pairing
	request *link.Request
	data    webauthn.AuthenticatorData
}

func newWebsiteCeremony(p *Phone, d pairing, r *link.Request) websiteCeremony {
	data := webauthn.AuthenticatorData{RPIDHash: sha256.Sum256([]byte(r.RPID)), Flags: webauthn.UP | webauthn.UV}
	return websiteCeremony{p, d, r, data}
}

func (c *websiteCeremony) key() key { return c.desktop.DeviceKey }

func (c *websiteCeremony) verify(challenge [sha256.Size]byte) (json.RawMessage, error) {
	return c.desktop.Platform.assert(challenge)
}

func (c *websiteCeremony) payload() []byte { return signed(c.data.Encode(), c.request.ClientData) }

// creating makes a registration. Its key is made first, so that the approval covers it.
type creating struct {
	websiteCeremony
	made account
}

func (p *Phone) creating(d pairing, r *link.Request) (ceremony, error) {
	c := &creating{websiteCeremony: newWebsiteCeremony(p, d, r)}
	k, err := newKey()
	if err != nil {
		return nil, err
	}
	id := make([]byte, 16)
	if err := p.random(id); err != nil {
		return nil, err
	}
	c.data.Attested = &webauthn.AttestedCredential{AAGUID: webauthn.AAGUID, ID: id, PublicKey: &k.PublicKey}
	a := r.Accounts[0]
	c.made = account{Key: k, Registration: Registration{Credential: link.B64.EncodeToString(id), RPID: r.RPID,
		Account: a.Name, DisplayName: a.DisplayName, Desktop: d.ID, Created: p.Now()}}
	return c, nil
}

func (c *creating) accounts() []link.Account { return c.request.Accounts }

func (c *creating) covers(a link.Account) (link.Approval, error) {
	return link.Approval{Credential: c.made.Credential, Account: a.Name, Payload: c.payload()}, nil
}

// answer keeps the key before the website can know it.
func (c *creating) answer(link.Account) (*link.Answer, error) {
	err := c.phone.change(func(s *state) { s.Accounts = append(s.Accounts, c.made) })
	return &link.Answer{Credential: c.made.Credential, AuthenticatorData: c.data.Encode(), KeyProtection: link.Device}, err
}

// settle drops a key that no website knows. Without the desktop's word the website may know it: then it stays.
func (c *creating) settle(code string, _ *link.Paired, sure bool) error {
	if code == "registered" || !sure {
		return nil
	}
	return c.phone.change(func(s *state) { s.drop(c.made.Credential) })
}

// signingIn signs in with a registration.
type signingIn struct {
	websiteCeremony
	held []link.Account // those whose key is here
}

func (p *Phone) signingIn(d pairing, r *link.Request) (ceremony, error) {
	c := &signingIn{websiteCeremony: newWebsiteCeremony(p, d, r)}
	for _, a := range r.Accounts {
		if _, ok := c.stored(a.Credential); ok {
			c.held = append(c.held, a)
		}
	}
	if len(c.held) == 0 {
		return nil, errKeyGone
	}
	return c, nil
}

// stored finds a key. It serves the relying party and the desktop that it was made for, whatever the request says.
func (c *signingIn) stored(credential string) (account, bool) {
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	for _, a := range c.phone.state.Accounts {
		if a.Credential == credential && a.RPID == c.request.RPID && a.Desktop == c.desktop.ID {
			return a, true
		}
	}
	return account{}, false
}

func (c *signingIn) accounts() []link.Account { return c.held }

func (c *signingIn) covers(a link.Account) (link.Approval, error) {
	return link.Approval{Credential: a.Credential, Account: a.Name, Payload: c.payload()}, nil
}

func (c *signingIn) answer(a link.Account) (*link.Answer, error) {
	stored, ok := c.stored(a.Credential)
	if !ok {
		return nil, errKeyGone // removed meanwhile
	}
	signature, err := stored.Key.sign(c.payload())
	return &link.Answer{Credential: a.Credential, AuthenticatorData: c.data.Encode(), Signature: signature}, err
}

func (c *signingIn) settle(string, *link.Paired, bool) error { return nil }

// pairingUp lets a desktop raise requests.
type pairingUp struct {
	phone *Phone
	made  pairing // but for what link.Paired brings
}

func (p *Phone) pairingUp(o link.Offer) (*pairingUp, error) {
	device, err := newKey()
	if err != nil {
		return nil, err
	}
	platform, err := p.newPlatform()
	return &pairingUp{p, pairing{DeviceKey: device, Platform: platform, Certificate: o.Certificate[:],
		Desktop: Desktop{ID: o.Desktop, Name: o.Name, Port: o.Port, Addresses: o.Addresses}}}, err
}

func (c *pairingUp) accounts() []link.Account { return []link.Account{{}} }
func (c *pairingUp) key() key                 { return c.made.DeviceKey }

func (c *pairingUp) covers(link.Account) (link.Approval, error) {
	spki, err := c.made.DeviceKey.spki()
	return link.Approval{Payload: spki}, err
}

func (c *pairingUp) verify(challenge [sha256.Size]byte) (json.RawMessage, error) {
	return c.made.Platform.register(challenge)
}

func (c *pairingUp) answer(link.Account) (*link.Answer, error) {
	spki, err := c.made.DeviceKey.spki()
	return &link.Answer{DeviceKey: spki, KeyProtection: link.Device}, err
}

func (c *pairingUp) settle(_ string, paired *link.Paired, _ bool) error {
	if paired == nil {
		return nil
	}
	c.made.Phone, c.made.Secret, c.made.Paired = paired.Phone, paired.Secret, c.phone.Now()
	return c.phone.change(func(s *state) { s.put(c.made) })
}
