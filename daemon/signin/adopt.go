package signin

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"tallykey/daemon/registration"
	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

// ErrAdopt means that a phone tells of a registration that this desktop could not have made with it: api code
// message_invalid.
var ErrAdopt = errors.New("signin: a registration that no phone can hold")

// Adopt reads the registrations that a phone says it holds. What a website would not let a browser register, a phone
// can't bring in: the RP ID must be a host name and no public suffix, the key one of ES256 or EdDSA. A lie about the rest
// wins nothing, for the website knows the credential with its key or does not.
func Adopt(phone string, items []link.Registration) ([]registration.Registration, error) {
	out := make([]registration.Registration, 0, len(items))
	for _, i := range items {
		r, err := adopt(phone, i)
		if err != nil {
			return nil, fmt.Errorf("%w: %.64q: %v", ErrAdopt, i.RPID, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func adopt(phone string, i link.Registration) (registration.Registration, error) {
	credential, err := link.B64.DecodeString(i.Credential)
	if err != nil {
		return registration.Registration{}, err
	}
	if err := checkRPID(i.RPID); err != nil {
		return registration.Registration{}, err
	}
	key, err := webauthn.ParseCOSE(i.PublicKey)
	if err != nil {
		return registration.Registration{}, err
	}
	if strings.ContainsFunc(i.Name+i.DisplayName, turnsText) {
		return registration.Registration{}, errors.New("the name turns text around")
	}
	return registration.Registration{Credential: credential, RPID: i.RPID, PublicKey: webauthn.EncodeCOSE(key),
		User:  webauthn.User{ID: i.UserID, Name: i.Name, DisplayName: i.DisplayName},
		Phone: phone, KeyProtection: i.KeyProtection, Created: time.UnixMilli(i.Created), Unregister: i.Unregister}, nil
}

// checkRPID asks as the page of that host would; the names of localhost have no https.
func checkRPID(id string) error {
	_, err := webauthn.EffectiveRPID("https://"+id, id)
	return err
}

// turnsText: names of an honest phone came through a desktop, which takes these characters out.
func turnsText(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }
