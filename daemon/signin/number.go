package signin

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"math/big"

	"tallykey/phone/link"
)

// challenge is the number on the desktop and the three on the phone.
type challenge struct {
	right   string
	numbers []string // for link.Choose: three in random order, right among them
}

// newChallenge draws distinct two-digit numbers, and the place of the right one, evenly from random.
func newChallenge(random io.Reader) (challenge, error) {
	var numbers []string
	for seen := map[int64]bool{}; len(numbers) < 3; {
		n, err := rand.Int(random, big.NewInt(100))
		if err != nil {
			return challenge{}, err
		}
		if !seen[n.Int64()] {
			seen[n.Int64()] = true
			numbers = append(numbers, fmt.Sprintf("%02d", n.Int64()))
		}
	}
	// The three are independent and even, so which of them is right can be drawn last.
	i, err := rand.Int(random, big.NewInt(3))
	if err != nil {
		return challenge{}, err
	}
	return challenge{right: numbers[i.Int64()], numbers: numbers}, nil
}

// matches compares in constant time; with one try a request that is no defence anyone needs, but it costs nothing.
func (c challenge) matches(number string) bool {
	return subtle.ConstantTimeCompare([]byte(c.right), []byte(number)) == 1
}

func (c challenge) forPhone(mode link.Mode) []string {
	if mode == link.Type {
		return nil
	}
	return c.numbers
}
