package main

import (
	"encoding/json"
	"runtime/debug"

	"tallykey/daemon/api"
	"tallykey/daemon/keyringfile"
)

// Passphrase is what a person typed to open the encrypted file. It prints as nothing that helps anybody, and reading it
// never fails: Wails logs a call whose arguments it can't read, with the arguments.
type Passphrase struct{ text string }

// UnmarshalJSON takes a string; anything else is an empty passphrase, which opens nothing.
func (p *Passphrase) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &p.text) != nil {
		p.text = ""
	}
	return nil
}

// String implements fmt.Stringer: never the passphrase itself.
func (Passphrase) String() string { return "(passphrase)" }

// GoString implements fmt.GoStringer likewise.
func (p Passphrase) GoString() string { return p.String() }

// Keyring says where phones and registrations are kept.
func (b *Bridge) Keyring() (k api.Keyring, err error) {
	err = b.call(api.MethodKeyring, nil, &k)
	return k, err
}

// UnlockKeyring opens the encrypted file. The passphrase ends here: the daemon gets the key that it opens, and only for
// the file that the daemon itself named. The error is a row of the code table, keyring_passphrase_wrong first of all.
func (b *Bridge) UnlockKeyring(p Passphrase) error {
	k, err := b.Keyring()
	if err == nil && k.Kind != api.KeyringInFile {
		err = api.Errorf(api.KeyringNotFile, "")
	}
	if err != nil {
		return err
	}
	key, err := openKey(k.Folder, p)
	if err != nil {
		return err
	}
	return b.change(api.MethodUnlockKeyring, api.KeyringKey{Key: key.Text()}, nil)
}

// openKey takes a second and 256 MB, which it gives back: the window may stay open all day.
func openKey(folder string, p Passphrase) (keyringfile.Key, error) {
	defer debug.FreeOSMemory()
	key, err := keyringfile.OpenKey(folder, p.text)
	if code := keyringfile.Code(err); code != "" {
		err = api.Errorf(code, "%v", err)
	}
	return key, err
}

// LockKeyring makes the daemon forget the encrypted file's key and what it read there.
func (b *Bridge) LockKeyring() error { return b.change(api.MethodLockKeyring, nil, nil) }
