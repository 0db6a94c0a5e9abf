package virtual

import (
	"crypto/sha256"
	"encoding/json"
	"errors"

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
	data    []byte // authenticatorData
}

func (c *websiteCeremony) key() key { return c.desktop.DeviceKey }

func (c *websiteCeremony) verify(challenge [sha256.Size]byte) (json.RawMessage, error) {
	return c.desktop.Platform.assert(challenge)
}

func (c *websiteCeremony) payload() []byte { return signed(c.data, c.request.ClientData) }

// creating makes a registration. Its key is made first, so that the approval covers it.
type creating struct {
	websiteCeremony
	made account
}

func (p *Phone) creating(d pairing, r *link.Request) (ceremony, error) {
	c := &creating{websiteCeremony: websiteCeremony{phone: p, desktop: d, request: r}}
	if err := c.make(p, r.Accounts[0]); err != nil {
		return nil, err
	}
	id, err := link.B64.DecodeString(c.made.Credential)
	c.data = authenticatorData{r.RPID, id, c.made.Key.cose(), extensions(r, p.KeyProtection)}.encode()
	return c, err
}

func (c *creating) make(p *Phone, a link.Account) error {
	algorithm, err := chooseAlgorithm(c.request.Algorithms)
	if err != nil {
		return err
	}
	k, err := newSiteKey(algorithm)
	if err != nil {
		return err
	}
	random := make([]byte, 16+prfBytes)
	if err := p.random(random); err != nil {
		return err
	}
	c.made = account{Key: k, PRF: random[16:], Unregister: c.request.Unregister, Registration: Registration{Credential: link.B64.EncodeToString(random[:16]),
		RPID: c.request.RPID, Account: a.Name, DisplayName: a.DisplayName, UserID: a.UserID, Desktop: c.desktop.ID,
		Created: p.Now(), Protection: p.KeyProtection, Pending: true}}
	return nil
}

func (c *creating) accounts() []link.Account { return c.request.Accounts }

func (c *creating) covers(a link.Account) (link.Approval, error) {
	return link.Approval{Credential: c.made.Credential, Account: a.Name, Payload: c.payload()}, nil
}

// answer keeps the key before the website can know it.
func (c *creating) answer(a link.Account) (*link.Answer, error) {
	err := c.phone.change(func(s *state) { s.Accounts = append(s.Accounts, c.made) })
	return &link.Answer{Credential: c.made.Credential, AuthenticatorData: c.data, KeyProtection: c.made.Protection,
		PRF: c.made.prf(c.request.PRF, a.PRF)}, err
}

// settle drops a key that no website knows. Without the desktop's word the website may know it: then it stays. What is
// registered is told to the other desktops.
func (c *creating) settle(code string, _ *link.Paired, sure bool) error {
	if code == "registered" {
		defer c.phone.share()
		return c.phone.change(func(s *state) { s.confirm(c.made.Credential) })
	}
	if !sure {
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
	c := &signingIn{websiteCeremony: websiteCeremony{phone: p, desktop: d, request: r}}
	c.data = authenticatorData{rpID: r.RPID, extensions: extensions(r, p.KeyProtection)}.encode()
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

// stored finds a key. It serves every desktop, and the relying party alone that it was made for, whatever the request
// says.
func (c *signingIn) stored(credential string) (account, bool) {
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	a, ok := c.phone.state.account(credential)
	return a, ok && a.RPID == c.request.RPID
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
	if err == nil && stored.Pending { // the website asks for it, so it knows it
		err = c.phone.change(func(s *state) { s.confirm(a.Credential) })
	}
	return &link.Answer{Credential: a.Credential, AuthenticatorData: c.data, Signature: signature,
		PRF: stored.prf(c.request.PRF, a.PRF)}, err
}

func (c *signingIn) settle(string, *link.Paired, bool) error { return nil }

// pairingUp lets a desktop raise requests. The first pairing makes the phone's platform credential; later ones show it.
type pairingUp struct {
	phone *Phone
	made  pairing // but for what link.Paired brings
	known bool    // the platform credential is of an earlier pairing
}

func (p *Phone) pairingUp(o link.Offer) (*pairingUp, error) {
	device, err := newKey()
	if err != nil {
		return nil, err
	}
	c := &pairingUp{phone: p, made: pairing{DeviceKey: device, Certificate: o.Certificate[:],
		Desktop: Desktop{ID: o.Desktop, Name: o.Name, Port: o.Port, Addresses: o.Addresses}}}
	p.mu.Lock()
	own := p.state.Platform
	p.mu.Unlock()
	if own != nil && own.Origin == p.Origin { // another origin's credentials are out of reach
		c.made.Platform, c.known = *own, true
		return c, nil
	}
	c.made.Platform, err = p.newPlatform()
	return c, err
}

func (c *pairingUp) accounts() []link.Account { return []link.Account{{}} }
func (c *pairingUp) key() key                 { return c.made.DeviceKey }

func (c *pairingUp) covers(link.Account) (link.Approval, error) {
	spki, err := c.made.DeviceKey.spki()
	return link.Approval{Payload: spki}, err
}

func (c *pairingUp) verify(challenge [sha256.Size]byte) (json.RawMessage, error) {
	if c.known {
		return c.made.Platform.assert(challenge)
	}
	return c.made.Platform.register(challenge)
}

func (c *pairingUp) answer(link.Account) (*link.Answer, error) {
	spki, err := c.made.DeviceKey.spki()
	answer := &link.Answer{DeviceKey: spki, KeyProtection: c.phone.KeyProtection}
	if c.known {
		answer.PlatformKey = c.made.Platform.cose()
	}
	return answer, err
}

func (c *pairingUp) settle(_ string, paired *link.Paired, _ bool) error {
	if paired == nil {
		return nil
	}
	c.made.Phone, c.made.Secret, c.made.Paired = paired.Phone, paired.Secret, c.phone.Now()
	return c.phone.change(func(s *state) { s.put(c.made) })
}
