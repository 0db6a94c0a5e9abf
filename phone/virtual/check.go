package virtual

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

// errSite means that a request names a website that does not fit what would be signed for it.
var errSite = errors.New("virtual: the request does not fit its website")

// check looks at a website's request before a person sees it. What is signed is clientDataJSON and the RP ID; what the
// person sees is the origin and the domain in it. A desktop that let them differ would have the person approve one
// website and sign for another.
func check(r *link.Request) error {
	if err := checkRPID(r); err != nil {
		return fmt.Errorf("%w: %v", errSite, err)
	}
	if _, domain := webauthn.Site(r.Origin); domain != r.Domain {
		return fmt.Errorf("%w: the domain of %q is %q", errSite, r.Origin, domain)
	}
	var c struct {
		Type, Challenge, Origin, TopOrigin string
		CrossOrigin                        bool
	}
	if err := json.Unmarshal(r.ClientData, &c); err != nil {
		return fmt.Errorf("%w: clientDataJSON: %v", errSite, err)
	}
	challenge, err := link.B64.DecodeString(c.Challenge)
	if err != nil || len(challenge) == 0 {
		return fmt.Errorf("%w: clientDataJSON has no challenge", errSite)
	}
	if c.Origin != r.Origin || c.Type != "webauthn."+string(r.Action) {
		return fmt.Errorf("%w: clientDataJSON is of %q for %q", errSite, c.Origin, c.Type)
	}
	// A member that stands there twice is read one way here and another way by the website. Written anew from what was
	// read, the text must be the same.
	again := webauthn.ClientData(webauthn.Kind(c.Type), challenge, c.Origin, c.CrossOrigin, c.TopOrigin)
	if !bytes.Equal(again, r.ClientData) {
		return fmt.Errorf("%w: clientDataJSON is not in its one form", errSite)
	}
	return nil
}

// checkRPID: a related origin need not fit the RP ID, but both must be what a browser would take on its own.
func checkRPID(r *link.Request) error {
	origin := r.Origin
	if r.Related {
		if _, err := webauthn.EffectiveRPID(r.Origin, ""); err != nil {
			return err
		}
		origin = "https://" + r.RPID
	}
	rpID, err := webauthn.EffectiveRPID(origin, r.RPID)
	if err == nil && rpID != r.RPID {
		err = errors.New("no RP ID")
	}
	return err
}

// offered says whether the person could choose a number on the screen.
func offered(r *link.Request, number string) bool {
	switch r.Mode {
	case link.Choose:
		return slices.Contains(r.Numbers, number)
	case link.Approve:
		return number == ""
	}
	digit := func(b byte) bool { return b >= '0' && b <= '9' }
	return len(number) == 2 && digit(number[0]) && digit(number[1])
}
