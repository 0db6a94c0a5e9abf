package registration

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"testing"
	"time"

	"tallykey/daemon/webauthn"
	"tallykey/daemon/webauthn/platform"
	"tallykey/phone/link"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func samplePhone(n int) Phone {
	origin := "https://phone.example"
	return Phone{ID: link.NewID([link.IDBytes]byte{byte(n)}), Name: fmt.Sprintf("Alice’s phone %d", n), App: "web/0.1.0",
		Origin: origin, Secret: bytes.Repeat([]byte{byte(n)}, link.PhoneSecretBytes), DeviceKey: make([]byte, 91),
		Platform: platform.Credential{ID: make([]byte, 32), PublicKey: make([]byte, 77), Origin: origin,
			RPID: "phone.example", Flags: webauthn.BE | webauthn.BS},
		KeyProtection: link.PRF, Paired: start.Add(time.Duration(n) * time.Hour)}
}

func sampleRegistration(n int, phone string) Registration {
	id := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return Registration{Credential: id[:], RPID: fmt.Sprintf("site%d.example", n%3), PublicKey: make([]byte, 77),
		User:  webauthn.User{ID: []byte{byte(n), 1}, Name: "alice@contoso.example", DisplayName: "Alice"},
		Phone: phone, KeyProtection: link.Device, Created: start.Add(time.Duration(n) * time.Minute)}
}

func sampleIdentity() Identity {
	return Identity{Desktop: link.NewID([link.IDBytes]byte{0xff}), CertificatePEM: []byte("certificate\nkey\n"), Port: 45678,
		Created: start}
}

// contents is everything that a store holds.
type contents struct {
	Identity      *Identity
	Phones        []Phone
	Registrations []Registration
}

func contentsOf(s *Store) contents {
	c := contents{Phones: s.Phones(), Registrations: s.Registrations()}
	if id, ok := s.Identity(); ok {
		c.Identity = &id
	}
	return c
}

func open(t testing.TB, k Keyring) *Store {
	t.Helper()
	s, err := Open(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same compares what a store holds in memory with what it is after a restart.
func sameAfterRestart(t testing.TB, s *Store, k Keyring) {
	t.Helper()
	if d := differ(contentsOf(s), contentsOf(open(t, k))); d != "" {
		t.Errorf("memory and keyring differ: %s", d)
	}
}

// inMemory is a folder that waits for no disk, where the system has such a place.
func inMemory(t testing.TB) string {
	t.Helper()
	parent := "/dev/shm"
	if info, err := os.Stat(parent); err != nil || !info.IsDir() {
		parent = ""
	}
	folder, err := os.MkdirTemp(parent, "tallykey-keyring-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}
