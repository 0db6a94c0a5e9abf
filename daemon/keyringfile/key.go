package keyringfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"unicode/utf8"

	"filippo.io/age"
)

// MinPassphrase is the length of a passphrase in characters. Who gets hold of the file can try passphrases without end.
const MinPassphrase = 12

// MaxPassphrase is a passphrase's greatest length in bytes.
const MaxPassphrase = 1024

// Key opens items.age. It prints as nothing that helps anybody.
type Key struct{ identity *age.X25519Identity }

// String implements fmt.Stringer: never the key itself.
func (Key) String() string { return "(key)" }

// GoString implements fmt.GoStringer likewise.
func (k Key) GoString() string { return k.String() }

// Text is the key itself, to hand it to the program that runs.
func (k Key) Text() string { return k.identity.String() }

// ParseKey reads what Text gave; anything else is ErrDamaged.
func ParseKey(text string) (Key, error) {
	identity, err := age.ParseX25519Identity(text)
	if err != nil {
		return Key{}, fmt.Errorf("%w: not a key", ErrDamaged) // the cause could quote it
	}
	return Key{identity}, nil
}

func newKey() (Key, error) {
	identity, err := age.GenerateX25519Identity()
	return Key{identity}, err
}

// mark is how items name the key that they were written with. It tells nothing of the key.
func (k Key) mark() string {
	hash := sha256.Sum256([]byte("tallykey items.age, version 1\x00" + k.identity.String()))
	return base64.RawURLEncoding.EncodeToString(hash[:])
}

// keyContents is what key.age holds.
type keyContents struct {
	V   int    `json:"v"`
	Key string `json:"key"`
}

// maxKeyFile is far more than key.age takes, in bytes.
const maxKeyFile = 64 << 10

// OpenKey opens key.age of a folder. It takes the processor and the memory that a passphrase costs. The error wraps
// ErrMissing, ErrUnsafe, ErrPassphrase, ErrDamaged or ErrNewer.
func OpenKey(folder, passphrase string) (Key, error) {
	if err := checkFolder(folder); err != nil {
		return Key{}, err
	}
	sealed, err := readFile(filepath.Join(folder, keyName), maxKeyFile)
	if err != nil {
		return Key{}, err
	}
	return openKey(sealed, passphrase)
}

func openKey(sealed []byte, passphrase string) (Key, error) {
	if passphrase == "" || len(passphrase) > MaxPassphrase {
		return Key{}, ErrPassphrase
	}
	by, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return Key{}, ErrPassphrase
	}
	by.SetMaxWorkFactor(maxWorkFactor)
	plain, err := unseal(sealed, by)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return Key{}, ErrPassphrase
	}
	if err != nil {
		return Key{}, fmt.Errorf("%w: %s: %v", ErrDamaged, keyName, err)
	}
	var c keyContents
	if err := decode(plain, &c, &c.V); err != nil {
		return Key{}, fmt.Errorf("%s: %w", keyName, err)
	}
	return ParseKey(c.Key)
}

// CheckPassphrase says whether a new passphrase will do: ErrShort, or ErrPassphrase where it is longer than MaxPassphrase.
func CheckPassphrase(passphrase string) error {
	if utf8.RuneCountInString(passphrase) < MinPassphrase {
		return ErrShort
	}
	if len(passphrase) > MaxPassphrase {
		return fmt.Errorf("%w: more than %d bytes", ErrPassphrase, MaxPassphrase)
	}
	return nil
}

func sealKey(k Key, passphrase string, o Options) ([]byte, error) {
	if err := CheckPassphrase(passphrase); err != nil {
		return nil, err
	}
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	to.SetWorkFactor(o.workFactor())
	plain, err := json.Marshal(keyContents{version, k.Text()})
	if err != nil {
		return nil, err
	}
	return seal(plain, to)
}

func seal(plain []byte, to ...age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), err
}

func unseal(sealed []byte, by age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), by)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// decode reads the JSON of a file; v points to the version in what it is read into. The error is ErrDamaged or ErrNewer.
func decode(plain []byte, into any, v *int) error {
	var head struct {
		V int `json:"v"`
	}
	if json.Unmarshal(plain, &head) == nil && head.V > version {
		return fmt.Errorf("%w: version %d; this program reads up to %d", ErrNewer, head.V, version)
	}
	if err := json.Unmarshal(plain, into); err != nil || *v != version {
		return fmt.Errorf("%w: not of version %d", ErrDamaged, version)
	}
	return nil
}
