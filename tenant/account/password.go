package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// MaxPassword is the longest password in bytes.
const MaxPassword = 256

const (
	saltLength = 16
	keyLength  = 32
)

// Cost is what one argon2id computation takes.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

// DefaultCost follows OWASP's Password Storage Cheat Sheet for argon2id: 19 MiB, 2 passes, 1 lane.
var DefaultCost = Cost{Memory: 19 * 1024, Passes: 2, Lanes: 1}

// Hasher turns passwords into PHC strings and checks them. It computes at most one per processor at a time: the rest
// wait, so that a flood of guesses can't take all memory.
type Hasher struct {
	cost  Cost
	slots chan struct{}
}

// NewHasher makes a Hasher. Tests use a small cost.
func NewHasher(c Cost) *Hasher { return &Hasher{c, make(chan struct{}, runtime.NumCPU())} }

// Hash makes the PHC string of a password with a new salt.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLength)
	rand.Read(salt)
	key, err := h.derive(ctx, password, salt, h.cost)
	if err != nil {
		return "", err
	}
	return h.prefix() + "$" + base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(key), nil
}

func (h *Hasher) prefix() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d", argon2.Version, h.cost.Memory, h.cost.Passes, h.cost.Lanes)
}

// Verify says whether the password belongs to the PHC string. An error means that nothing was compared.
func (h *Hasher) Verify(ctx context.Context, phc, password string) (bool, error) {
	cost, salt, want, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	got, err := h.derive(ctx, password, salt, cost)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// Outdated says that the PHC string was made at another cost and should be made anew.
func (h *Hasher) Outdated(phc string) bool { return !strings.HasPrefix(phc, h.prefix()+"$") }

func (h *Hasher) derive(ctx context.Context, password string, salt []byte, c Cost) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, c.Passes, c.Memory, c.Lanes, keyLength), nil
}

// parsePHC reads "$argon2id$v=19$m=…,t=…,p=…$salt$key". It comes from the tenant's own database; the limits guard against
// a damaged one.
func parsePHC(phc string) (c Cost, salt, key []byte, err error) {
	bad := fmt.Errorf("password hash is not an argon2id PHC string")
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, bad
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Passes, &c.Lanes); n != 3 || err != nil {
		return c, nil, nil, bad
	}
	if c.Memory > 1<<20 || c.Passes < 1 || c.Passes > 64 || c.Lanes < 1 {
		return c, nil, nil, bad
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(salt) < 8 {
		return c, nil, nil, bad
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) != keyLength {
		return c, nil, nil, bad
	}
	return c, salt, key, nil
}
