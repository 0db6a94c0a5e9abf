// Package keyringfile keeps small texts by name in an encrypted file, for machines without a keyring of their own. It is
// used only where the person chose it: nothing here is a fallback.
//
// A folder of its own holds two files in the age format (https://age-encryption.org/v1):
//
//   - key.age: a key (an X25519 identity), encrypted under the person's passphrase with scrypt;
//   - items.age: all items, encrypted to that key.
//
// So the passphrase is asked for once, and a change of items needs only the key, which the program that runs keeps in
// memory. Both files are replaced whole: a kill or a power cut at any instant leaves the old one or the new one.
//
// What an age file holds isn't signed: who knows the key's public half could write one. That half is never written down
// but inside key.age, and the items name the key they were written with by a hash of its private half, so that only who
// had the passphrase can have written them. An old items.age put back is not noticed: see docs/keyring.md.
package keyringfile

import (
	"errors"

	"tallykey/daemon/api"
)

var (
	// ErrLocked means that the files are there and the key was not given: keyring_file_locked.
	ErrLocked = errors.New("keyring file: it is locked")
	// ErrMissing means that there is no key.age: keyring_file_missing.
	ErrMissing = errors.New("keyring file: there is none")
	// ErrExists means that there are files already, which Create never replaces: keyring_file_exists.
	ErrExists = errors.New("keyring file: there is one already")
	// ErrPassphrase means that key.age does not open with this passphrase: keyring_passphrase_wrong.
	ErrPassphrase = errors.New("keyring file: wrong passphrase")
	// ErrShort means that a new passphrase is shorter than MinPassphrase: keyring_passphrase_short.
	ErrShort = errors.New("keyring file: the passphrase is too short")
	// ErrDamaged means that a file is truncated, was changed, or belongs to another key: keyring_file_damaged.
	ErrDamaged = errors.New("keyring file: damaged")
	// ErrNewer means that a later version of this program wrote a file: state_newer.
	ErrNewer = errors.New("keyring file: of a later version")
	// ErrUnsafe means that others may read or change a file, that it is no file but a link or a device, or that it is
	// another user's: keyring_file_unsafe.
	ErrUnsafe = errors.New("keyring file: open to others")
	// ErrInUse means that another program has the file open: keyring_file_in_use.
	ErrInUse = errors.New("keyring file: in use by another program")
	// ErrNotWritten means that a change could not be written, for want of room or rights: keyring_failed.
	ErrNotWritten = errors.New("keyring file: not written")
)

var codes = []struct {
	err  error
	code api.Code
}{
	{ErrLocked, api.KeyringFileLocked}, {ErrMissing, api.KeyringFileMissing}, {ErrExists, api.KeyringFileExists},
	{ErrPassphrase, api.KeyringPassphraseWrong}, {ErrShort, api.KeyringPassphraseShort},
	{ErrDamaged, api.KeyringFileDamaged}, {ErrNewer, api.StateNewer}, {ErrUnsafe, api.KeyringFileUnsafe},
	{ErrInUse, api.KeyringFileInUse}, {ErrNotWritten, api.KeyringFailed},
}

// Code is the row of the code table for an error of this package, and empty for any other and for nil.
func Code(err error) api.Code {
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	return ""
}

// version is that of both files' contents. Later ones are left alone.
const version = 1

// The files in the folder.
const (
	keyName   = "key.age"
	itemsName = "items.age"
	lockName  = "lock"
)

// Step is a moment of replacing a file, in their order.
type Step string

// The steps: after each of them the program may be killed.
const (
	Created     Step = "created" // beside the file that it shall replace
	Written     Step = "written"
	Synced      Step = "synced"
	Renamed     Step = "renamed"
	FolderSaved Step = "folder saved"
)

// String implements fmt.Stringer.
func (s Step) String() string { return string(s) }

// Options are for tests; the zero value is what a program uses.
type Options struct {
	WorkFactor int        // of scrypt, as a power of two; 0: DefaultWorkFactor
	Step       func(Step) // called after each step of replacing a file; nil: nothing is
}

// DefaultWorkFactor takes about a second and 256 MB of whoever tries a passphrase.
const DefaultWorkFactor = 18

// maxWorkFactor bounds what a file can make a program do: 4 seconds and 1 GB.
const maxWorkFactor = 20

func (o Options) workFactor() int {
	if o.WorkFactor == 0 {
		return DefaultWorkFactor
	}
	return o.WorkFactor
}

func (o Options) did(s Step) {
	if o.Step != nil {
		o.Step(s)
	}
}
