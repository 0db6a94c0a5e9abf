package signin

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"math/big"
	"slices"

	"tallykey/daemon/registration"
	"tallykey/phone/link"
)

// challenge is the number on the desktop and the three on the phone.
type challenge struct {
	right   string
	numbers []string // for link.Choose: three in random order, right among them; else none
}

// newChallenge draws distinct two-digit numbers, and the place of the right one, evenly from random. In mode link.Approve
// there is no number: it is empty, everywhere.
func newChallenge(random io.Reader, mode link.Mode) (challenge, error) {
	if mode == link.Approve {
		return challenge{}, nil
	}
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
	c := challenge{right: numbers[i.Int64()]}
	if mode == link.Choose {
		c.numbers = numbers
	}
	return c, nil
}

// strictest is how the number is asked for: in the strictest way that the person's settings, one of the registrations
// that may answer, or the website want. A website alone can't do without a number where one of the others wants one typed.
func (e *Engine) strictest(wish link.Mode, held ...registration.Registration) link.Mode {
	typed := func(r registration.Registration) bool { return r.Mode == link.Type }
	switch {
	case wish == link.Type || e.cfg.TypeNumbers() || slices.ContainsFunc(held, typed):
		return link.Type
	case wish == link.Approve:
		return link.Approve
	}
	return link.Choose
}

// matches compares in constant time; with one try a request that is no defence anyone needs, but it costs nothing.
func (c challenge) matches(number string) bool {
	return subtle.ConstantTimeCompare([]byte(c.right), []byte(number)) == 1
}
