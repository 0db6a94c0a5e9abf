package webauthn

import "strings"

// Flags are the flags of authenticatorData, section 6.1.
type Flags byte

// The flags. The other two bits are reserved and refused.
const (
	UP Flags = 0x01 // user present
	UV Flags = 0x04 // user verified
	BE Flags = 0x08 // backup eligible: the key may be on several devices
	BS Flags = 0x10 // backed up now
	AT Flags = 0x40 // attested credential data follows
	ED Flags = 0x80 // extension data follows

	reserved Flags = 0x22
)

// Has says whether all flags of want are set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// String names the flags that are set: "UP|UV|AT".
func (f Flags) String() string {
	var set []string
	for i, name := range []string{"UP", "RFU1", "UV", "BE", "BS", "RFU2", "AT", "ED"} {
		if f&(1<<i) != 0 {
			set = append(set, name)
		}
	}
	return strings.Join(set, "|")
}

// check refuses what section 6.1.3 rules out: a key that is backed up without being eligible for it.
func (f Flags) check() error {
	if f&reserved != 0 {
		return badData("reserved flags in %s", f)
	}
	if f.Has(BS) && !f.Has(BE) {
		return badData("flags %s: backed up but not eligible", f)
	}
	return nil
}
