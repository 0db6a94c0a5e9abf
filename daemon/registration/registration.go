// Package registration keeps what the desktop must not forget: who it is, which phones are paired with it, and which
// registrations at websites have their key on which phone. All of it stands in the keyring of the operating system, one
// item each, and in memory.
//
// The private keys of registrations are on the phone only. What is here lets a thief raise prompts on the phone, and
// answer none of them.
//
// An item is written in one piece or not at all, and a set of items never is. So every state in which the program can
// be killed is a sound one: adding and removing a registration each is one item, a phone is added before its
// registrations and removed after them. Where the keyring can't be listed, an index names the items; an entry is there
// before its item and leaves after it, so that an entry may lack its item and an item never its entry.
package registration

import (
	"errors"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/keyringfile"
	"tallykey/daemon/webauthn"
	"tallykey/daemon/webauthn/platform"
	"tallykey/phone/link"
)

// Service is the keyring's name for the program whose items these are.
const Service = "tallykey"

// MaxItem is the size in bytes that an item stays below, as Windows and macOS take no more.
const MaxItem = 2400

var (
	// ErrLocked means that the keyring is there and locked: keyring_locked. Nothing asks for its password.
	ErrLocked = errors.New("registration: the keyring is locked")
	// ErrMissing means that there is no keyring: keyring_missing.
	ErrMissing = errors.New("registration: there is no keyring")
	// ErrFailed means that the keyring is there and did not do it: it was too slow, refused, or returned something
	// unreadable: keyring_failed. After it a write may still take effect later; the store then repairs that.
	ErrFailed = errors.New("registration: the keyring did not answer")
	// ErrPhoneUnknown means that no paired phone has this id: phone_unknown.
	ErrPhoneUnknown = errors.New("registration: no such phone")
	// ErrRegistrationUnknown means that there is no registration of this credential: registration_unknown.
	ErrRegistrationUnknown = errors.New("registration: no such registration")
	// ErrExists means that this credential or phone is there already: registration_exists.
	ErrExists = errors.New("registration: exists already")
	// ErrNewer means that a later version of this program wrote what must be read, and that it was left alone: state_newer.
	ErrNewer = errors.New("registration: of a later version")
)

// Code is the row of the code table for an error of this package, keyring_failed for any other, and empty for nil.
func Code(err error) api.Code {
	if code := keyringfile.Code(err); code != "" {
		return code
	}
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrNewer):
		return api.StateNewer
	case errors.Is(err, ErrLocked):
		return api.KeyringLocked
	case errors.Is(err, ErrMissing):
		return api.KeyringMissing
	case errors.Is(err, ErrPhoneUnknown):
		return api.PhoneUnknown
	case errors.Is(err, ErrRegistrationUnknown):
		return api.RegistrationUnknown
	case errors.Is(err, ErrExists):
		return api.RegistrationExists
	default:
		return api.KeyringFailed
	}
}

// Identity is this desktop towards its phones. Losing it ends every pairing.
type Identity struct {
	Desktop        string // id, see link.NewID
	CertificatePEM []byte // certificate and private key of the phone link
	Port           uint16 // UDP
	Created        time.Time
	FormerPEM      []byte    // certificate and key that phones know which were paired before Renewed; nil: none
	Renewed        time.Time // zero: never
}

// Phone is a paired phone.
type Phone struct {
	ID            string // see link.NewID
	Name          string // as it calls itself
	App           string // product and version
	Origin        string // of the phone app
	Secret        link.Secret
	DeviceKey     []byte // SubjectPublicKeyInfo, P-256
	Platform      platform.Credential
	KeyProtection link.KeyProtection // what it uses for new registrations
	Paired        time.Time
}

// Registration is one account at one website whose key is on a phone.
type Registration struct {
	Credential    []byte // ID, at most link.MaxCredential bytes
	RPID          string
	User          webauthn.User
	PublicKey     []byte // COSE_Key
	Phone         string // id
	KeyProtection link.KeyProtection
	Created       time.Time
	Mode          link.Mode // link.Type: the number must be typed; empty: three to choose from
	// Hidden: the website said that it does not take it any more (WebAuthn section 5.1.10). It is not offered, and answers
	// where the website names it all the same.
	Hidden bool
	// Unregister is the token of link.RemovalToken bytes by which the website is told that the person removed the
	// registration; nil where it did not ask for one.
	Unregister []byte
}
