// Package invitation is how somebody who has no password comes to the first phone: a one-time pass of 100 random bits, as
// text to type, as a link and as a QR code. The pass stands in the link's fragment, which no server, proxy or log sees; the
// page puts it into a form field and the person sends it, so that a program that only looks at links uses nothing up.
//
// The tenant keeps the SHA-256 of the pass: with 100 random bits a slow hash would add nothing.
package invitation

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"rsc.io/qr"

	"tallykey/tenant/store"
)

const (
	// Life is how long an invitation is good if nobody says otherwise.
	Life = 24 * time.Hour
	// MaxLife is the longest.
	MaxLife = 7 * 24 * time.Hour
	// Path is the page on which a pass is used.
	Path = "/invite"

	passLength = 20
)

// New makes an invitation for a user, and its pass, which nobody can read again. A life that is not positive or too long
// is cut to what is allowed.
func New(userID, actor string, now time.Time, life time.Duration) (i store.Invitation, pass string) {
	if life <= 0 {
		life = Life
	}
	id := make([]byte, 16)
	rand.Read(id)
	t := strings.ToLower(rand.Text()[:passLength])
	pass = t[:5] + "-" + t[5:10] + "-" + t[10:15] + "-" + t[15:]
	now = now.UTC().Truncate(time.Millisecond)
	return store.Invitation{ID: hex.EncodeToString(id), UserID: userID, Secret: Hash(pass), Actor: actor, Created: now,
		Expires: now.Add(min(life, MaxLife))}, pass
}

// Hash is what the store keeps of a pass as somebody typed it: dashes, blanks and the case of letters do not count. What
// can't be a pass has the hash nil.
func Hash(typed string) []byte {
	if len(typed) > 4*passLength {
		return nil
	}
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '2' && r <= '7':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, typed)
	if len(clean) != passLength {
		return nil
	}
	sum := sha256.Sum256([]byte("tallykey/1 invitation " + clean))
	return sum[:]
}

// Link leads to the page with the pass in it.
func Link(issuer, pass string) string { return strings.TrimSuffix(issuer, "/") + Path + "#" + pass }

// quiet is the white edge that readers want, in modules.
const quiet = 4

// SVG draws the link as the path of an SVG whose viewBox is 0 0 size size.
func SVG(link string) (path string, size int, err error) {
	code, err := qr.Encode(link, qr.M)
	if err != nil {
		return "", 0, err
	}
	var b strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return b.String(), code.Size + 2*quiet, nil
}

// Text draws the link for a terminal, two modules in the height of one letter, dark on light whatever the colours are.
func Text(link string) (string, error) {
	code, err := qr.Encode(link, qr.L)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for y := -quiet / 2; y < code.Size+quiet/2; y += 2 {
		b.WriteString("\x1b[30;107m")
		for x := -quiet / 2; x < code.Size+quiet/2; x++ {
			upper, lower := code.Black(x, y), code.Black(x, y+1)
			b.WriteString([]string{" ", "▀", "▄", "█"}[index(upper)+2*index(lower)])
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String(), nil
}

func index(black bool) int {
	if black {
		return 1
	}
	return 0
}
