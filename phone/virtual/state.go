package virtual

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tallykey/phone/link"
)

const (
	// stateVersion is what this build writes. Version 1 had a platform credential for each desktop and registrations that
	// only the desktop could use with which they were made.
	stateVersion = 2
	oldestState  = 1
	maxState     = 16 << 20 // bytes of a state file: more than 10,000 registrations
)

// Errors of opening a state file.
var (
	ErrInUse = errors.New("virtual: another phone uses this state")
	ErrState = errors.New("virtual: unusable state file")
)

// Desktop is a paired desktop.
type Desktop struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Port      uint16       `json:"port"`
	Addresses []netip.Addr `json:"addresses"`
	Phone     string       `json:"phone"` // what the desktop calls this phone
	Paired    time.Time    `json:"paired"`
	Removed   bool         `json:"removed,omitempty"` // the desktop does not take this phone any more
	// Ends is when the pairing does, as the desktop says; zero: never. Pair it again before.
	Ends time.Time `json:"ends,omitzero"`
	// Left is when the person removed the desktop here. It is kept, and asked for nothing, until it could be told.
	Left time.Time `json:"left,omitzero"`
}

// attended says whether requests of this desktop are answered.
func (d Desktop) attended() bool { return !d.Removed && d.Left.IsZero() }

// Registration is one account at one website.
type Registration struct {
	Credential  string    `json:"credential"` // base64url
	RPID        string    `json:"rpId"`
	Account     string    `json:"account"`
	DisplayName string    `json:"displayName,omitempty"`
	Desktop     string    `json:"desktop"` // id of the one it was made with
	Created     time.Time `json:"created"`
	// UserID is the website's handle of the person. Without it, as in a version 1 state, other desktops can't be told.
	UserID     link.Bytes         `json:"userId,omitempty"`
	Protection link.KeyProtection `json:"keyProtection,omitempty"` // Device where empty
	// Pending says that no desktop has confirmed it: the website may know the key or not.
	Pending bool `json:"pending,omitempty"`
}

// pairing is a desktop with what only this phone has.
type pairing struct {
	Desktop
	Certificate link.Bytes `json:"certificate"` // SHA-256
	Secret      link.Bytes `json:"secret"`
	DeviceKey   key        `json:"deviceKey"`
	Platform    platform   `json:"platform"` // which the desktop knows; later desktops get the phone's own
}

func (d pairing) places() []netip.AddrPort {
	out := make([]netip.AddrPort, len(d.Addresses))
	for i, a := range d.Addresses {
		out[i] = netip.AddrPortFrom(a, d.Port)
	}
	return out
}

// account is a registration with its keys.
type account struct {
	Registration
	Key siteKey    `json:"key"`
	PRF link.Bytes `json:"prf,omitempty"` // secret of the prf extension, prfBytes; version 1 had none
	// Unregister is the token by which a desktop has the website remove it; none where the website did not ask.
	Unregister link.Bytes `json:"unregister,omitempty"`
}

type state struct {
	Version  int       `json:"version"`
	Platform *platform `json:"platform,omitempty"` // the phone's own, from its first pairing on
	Pairings []pairing `json:"desktops"`
	Accounts []account `json:"registrations"`
	Removed  []removal `json:"removed,omitempty"` // oldest first
}

func (s state) clone() state {
	s.Pairings, s.Accounts, s.Removed = slices.Clone(s.Pairings), slices.Clone(s.Accounts), slices.Clone(s.Removed)
	return s
}

func (s state) desktops() []Desktop {
	out := make([]Desktop, len(s.Pairings))
	for i, d := range s.Pairings {
		out[i] = d.Desktop
	}
	return out
}

func (s state) registrations(rpID string) []Registration {
	var out []Registration
	for _, a := range s.Accounts {
		if rpID == "" || a.RPID == rpID {
			out = append(out, a.Registration)
		}
	}
	return out
}

func (s state) find(desktop string) (pairing, bool) {
	for _, d := range s.Pairings {
		if d.ID == desktop {
			return d, true
		}
	}
	return pairing{}, false
}

// put adds a pairing; an earlier one with the same desktop ends. Its platform credential is the phone's own from now on.
func (s *state) put(d pairing) {
	s.Pairings = slices.DeleteFunc(s.Pairings, func(other pairing) bool { return other.ID == d.ID })
	s.Pairings = append(s.Pairings, d)
	s.Platform = &d.Platform
}

// leave forgets a pairing. Registrations stay: they are the phone's and not the desktop's.
func (s *state) leave(phone string) {
	s.Pairings = slices.DeleteFunc(s.Pairings, func(d pairing) bool { return d.Phone == phone })
}

// drop forgets a key and says whether it was here.
func (s *state) drop(credential string) bool {
	n := len(s.Accounts)
	s.Accounts = slices.DeleteFunc(s.Accounts, func(a account) bool { return a.Credential == credential })
	return len(s.Accounts) < n
}

// confirm notes that the website has a registration.
func (s *state) confirm(credential string) {
	for i := range s.Accounts {
		if s.Accounts[i].Credential == credential {
			s.Accounts[i].Pending = false
		}
	}
}

// account finds a key.
func (s state) account(credential string) (account, bool) {
	i := slices.IndexFunc(s.Accounts, func(a account) bool { return a.Credential == credential })
	if i < 0 {
		return account{}, false
	}
	return s.Accounts[i], true
}

// alter changes what is known of a desktop.
func (s *state) alter(desktop string, f func(*Desktop)) {
	for i := range s.Pairings {
		if s.Pairings[i].ID == desktop {
			f(&s.Pairings[i].Desktop)
		}
	}
}

func load(path string) (state, error) {
	s := state{Version: stateVersion}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrState, err)
	}
	if info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		return s, fmt.Errorf("%w: others may read %s, which holds private keys; chmod 600 it", ErrState, path)
	}
	if info.Size() > maxState {
		return s, fmt.Errorf("%w: %s has %d bytes", ErrState, path, info.Size())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrState, err)
	}
	return parseState(data)
}

func parseState(data []byte) (state, error) {
	var s state
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields() // a later version's, which this one would lose
	if err := d.Decode(&s); err != nil {
		return state{}, fmt.Errorf("%w: %w", ErrState, err)
	}
	if s.Version < oldestState || s.Version > stateVersion {
		return state{}, fmt.Errorf("%w: version %d", ErrState, s.Version)
	}
	if err := s.check(); err != nil {
		return state{}, err
	}
	s.migrate()
	return s, nil
}

func (s *state) check() error {
	for _, p := range s.Pairings {
		if !link.ValidID(p.ID) || !link.ValidID(p.Phone) || len(p.Secret) != link.PhoneSecretBytes || len(p.Certificate) != 32 ||
			p.DeviceKey.PrivateKey == nil || p.Platform.Key.PrivateKey == nil {
			return fmt.Errorf("%w: desktop %.32q", ErrState, p.ID)
		}
	}
	for _, a := range s.Accounts {
		if a.Key.Signer == nil {
			return fmt.Errorf("%w: registration %.64q", ErrState, a.Credential)
		}
	}
	if s.Platform != nil && s.Platform.Key.PrivateKey == nil {
		return fmt.Errorf("%w: platform credential", ErrState)
	}
	return nil
}

// migrate makes the present form of an earlier one: the newest pairing's platform credential becomes the phone's own. The
// file is written in the new form with the next change.
func (s *state) migrate() {
	if n := len(s.Pairings); s.Version == 1 && n > 0 {
		s.Platform = &s.Pairings[n-1].Platform
	}
	s.Version = stateVersion
}

// save replaces the file in one step: whoever reads it, after a crash too, finds the old or the new state.
func (s state) save(path string) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("virtual: state: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("virtual: state: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".state-*") // mode 0600
	if err != nil {
		return fmt.Errorf("virtual: state: %w", err)
	}
	_, err = f.Write(append(data, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("virtual: state: %w", err)
	}
	return nil
}

// key is a P-256 key; its text form is PKCS #8 in base64url.
type key struct{ *ecdsa.PrivateKey }

func newKey() (key, error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return key{k}, err
}

// MarshalText implements encoding.TextMarshaler.
func (k key) MarshalText() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.PrivateKey)
	return []byte(link.B64.EncodeToString(der)), err
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *key) UnmarshalText(text []byte) error {
	der, err := link.B64.DecodeString(string(text))
	if err != nil {
		return err
	}
	any, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return err
	}
	ec, ok := any.(*ecdsa.PrivateKey)
	if !ok || ec.Curve != elliptic.P256() {
		return errors.New("not a P-256 key")
	}
	k.PrivateKey = ec
	return nil
}

// spki is the public key as SubjectPublicKeyInfo.
func (k key) spki() ([]byte, error) { return x509.MarshalPKIXPublicKey(&k.PublicKey) }
