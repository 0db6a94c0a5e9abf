package signin

import (
	"errors"

	"tallykey/daemon/registration"
	"tallykey/phone/link"
)

// errStrength: everything that a phone holds under its app's PIN is as strong as that PIN.
var errStrength = errors.New("a phone that verifies by its app's PIN can't keep a key any better")

// CheckProtection refuses what a phone says of how it keeps a registration's key where it can't be so. The weakest claim
// is always believed.
func CheckProtection(p registration.Phone, claimed link.KeyProtection) error {
	if p.KeyProtection == link.PIN && claimed != link.PIN {
		return errStrength
	}
	return nil
}
