package phonelink

import (
	"encoding/binary"
	"time"

	"tallykey/phone/link"
)

// maxUsed bounds the fragments that are remembered of one peer. A phone that reconnects every second and a half for the
// whole time that a fragment is fresh stays below it.
const maxUsed = 1 << 10

// used remembers the nonces of user name fragments, so that each is good once. A nonce holds its own time and needs to
// be remembered only while that is fresh. Memory is bounded per peer: only who proved a peer's secret can fill it, and
// then locks out nobody else.
type used map[string]map[[12]byte]bool

// take reports whether u is new and marks it. It says false, too, where the peer has used too many.
func (all used) take(peer string, u link.Ufrag, now time.Time) bool {
	mine := all[peer]
	if mine == nil {
		mine = map[[12]byte]bool{}
		all[peer] = mine
	}
	if mine[u.Nonce] {
		return false
	}
	if len(mine) >= maxUsed {
		forget(mine, now)
	}
	if len(mine) >= maxUsed {
		return false
	}
	mine[u.Nonce] = true
	return true
}

// forget drops the nonces that would be refused for their age.
func forget(mine map[[12]byte]bool, now time.Time) {
	for nonce := range mine {
		made := time.Unix(int64(binary.BigEndian.Uint32(nonce[:])), 0)
		if now.Sub(made) > link.MaxClockDifference {
			delete(mine, nonce)
		}
	}
}
