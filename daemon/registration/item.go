package registration

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tallykey/daemon/webauthn"
	"tallykey/daemon/webauthn/platform"
	"tallykey/phone/link"
)

// Names of items. The keyring shows names without its password, so a registration's says nothing of website or account.
const (
	identityName       = "identity"
	phonePrefix        = "phone/"
	registrationPrefix = "registration/"
)

func phoneName(id string) string { return phonePrefix + id }

func registrationName(credential []byte) string {
	hash := sha256.Sum256(credential)
	return registrationPrefix + base64.RawURLEncoding.EncodeToString(hash[:12])
}

// itemVersion is the version of every item's form. An item of a later version is left alone.
const itemVersion = 1

type identityItem struct {
	V           int       `json:"v"`
	Desktop     string    `json:"desktop"`
	Certificate string    `json:"certificate"`
	Port        uint16    `json:"port"`
	Created     time.Time `json:"created"`
	Former      string    `json:"former,omitempty"`
	Renewed     time.Time `json:"renewed,omitzero"`
}

type phoneItem struct {
	V             int                `json:"v"`
	ID            string             `json:"id"`
	Name          string             `json:"name"`
	App           string             `json:"app"`
	Origin        string             `json:"origin"`
	Secret        link.Bytes         `json:"secret"`
	DeviceKey     link.Bytes         `json:"deviceKey"`
	Platform      platformItem       `json:"platform"`
	KeyProtection link.KeyProtection `json:"keyProtection"`
	Paired        time.Time          `json:"paired"`
}

type platformItem struct {
	ID        link.Bytes     `json:"id"`
	PublicKey link.Bytes     `json:"publicKey"`
	Origin    string         `json:"origin"`
	RPID      string         `json:"rpId"`
	Flags     webauthn.Flags `json:"flags"`
}

type registrationItem struct {
	V             int                `json:"v"`
	Credential    link.Bytes         `json:"credential"`
	RPID          string             `json:"rpId"`
	User          userItem           `json:"user"`
	PublicKey     link.Bytes         `json:"publicKey"`
	Phone         string             `json:"phone"`
	KeyProtection link.KeyProtection `json:"keyProtection"`
	Created       time.Time          `json:"created"`
	Mode          link.Mode          `json:"mode,omitempty"`
	Hidden        bool               `json:"hidden,omitempty"`
	Unregister    link.Bytes         `json:"unregister,omitempty"`
}

type userItem struct {
	ID          link.Bytes `json:"id"`
	Name        string     `json:"name"`
	DisplayName string     `json:"displayName"`
}

func (i Identity) item() identityItem {
	return identityItem{itemVersion, i.Desktop, string(i.CertificatePEM), i.Port, i.Created, string(i.FormerPEM), i.Renewed}
}

func (i identityItem) identity() Identity {
	id := Identity{i.Desktop, []byte(i.Certificate), i.Port, i.Created, nil, i.Renewed}
	if i.Former != "" {
		id.FormerPEM = []byte(i.Former)
	}
	return id
}

func (p Phone) item() phoneItem {
	c := p.Platform
	return phoneItem{itemVersion, p.ID, p.Name, p.App, p.Origin, link.Bytes(p.Secret), p.DeviceKey,
		platformItem{c.ID, c.PublicKey, c.Origin, c.RPID, c.Flags}, p.KeyProtection, p.Paired}
}

func (i phoneItem) phone() Phone {
	c := i.Platform
	return Phone{i.ID, i.Name, i.App, i.Origin, link.Secret(i.Secret), i.DeviceKey,
		platform.Credential{ID: c.ID, PublicKey: c.PublicKey, Origin: c.Origin, RPID: c.RPID, Flags: c.Flags},
		i.KeyProtection, i.Paired}
}

func (r Registration) item() registrationItem {
	return registrationItem{itemVersion, r.Credential, r.RPID, userItem{r.User.ID, r.User.Name, r.User.DisplayName},
		r.PublicKey, r.Phone, r.KeyProtection, r.Created, r.Mode, r.Hidden, r.Unregister}
}

func (i registrationItem) registration() Registration {
	return Registration{i.Credential, i.RPID, webauthn.User{ID: i.User.ID, Name: i.User.Name,
		DisplayName: i.User.DisplayName}, i.PublicKey, i.Phone, i.KeyProtection, i.Created, i.Mode, i.Hidden, i.Unregister}
}

// encodeItem writes an item. The error wraps ErrFailed: one that doesn't fit is refused here and not by the one keyring
// in three that has the limit.
func encodeItem(name string, item any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // nobody reads it as HTML, and < would take six bytes
	if err := e.Encode(item); err != nil {
		return "", fmt.Errorf("%w: %s: %v", ErrFailed, name, err)
	}
	if b.Len() > MaxItem {
		return "", fmt.Errorf("%w: %s would take %d bytes", ErrFailed, name, b.Len())
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// decodeItem reads an item of the version that this build writes.
func decodeItem(value string, into any) bool {
	return versionOf(value) == itemVersion && json.Unmarshal([]byte(value), into) == nil
}

// versionOf is 0 for what is no item.
func versionOf(value string) int {
	var head struct {
		V int `json:"v"`
	}
	if json.Unmarshal([]byte(value), &head) != nil {
		return 0
	}
	return head.V
}

// unreadable is the error for an item that must be read and can't: of a later version, or damaged.
func unreadable(name, value string) error {
	if v := versionOf(value); v > itemVersion {
		return fmt.Errorf("%w: %w: %s is of version %d, this program reads up to %d", ErrFailed, ErrNewer, name, v, itemVersion)
	}
	return fmt.Errorf("%w: %s can't be read", ErrFailed, name)
}

// encodePhone and encodeRegistration write only what can be read again. The error wraps ErrFailed.
func encodePhone(p Phone) (string, error) {
	name := phoneName(p.ID)
	value, err := encodeItem(name, p.item())
	if _, ok := decodePhone(name, value); err == nil && !ok {
		err = fmt.Errorf("%w: phone %q is not complete", ErrFailed, p.ID)
	}
	return value, err
}

func encodeRegistration(r Registration) (string, error) {
	name := registrationName(r.Credential)
	value, err := encodeItem(name, r.item())
	if _, ok := decodeRegistration(name, value); err == nil && !ok {
		err = fmt.Errorf("%w: registration at %q is not complete", ErrFailed, r.RPID)
	}
	return value, err
}

// decodePhone and decodeRegistration also compare the item with its name: a copy under another name would come back
// after it was removed.
func decodePhone(name, value string) (Phone, bool) {
	var i phoneItem
	ok := decodeItem(value, &i) && name == phoneName(i.ID) && link.ValidID(i.ID) && len(i.Secret) == link.PhoneSecretBytes
	return i.phone(), ok
}

func decodeRegistration(name, value string) (Registration, bool) {
	var i registrationItem
	ok := decodeItem(value, &i) && name == registrationName(i.Credential) && i.RPID != "" &&
		len(i.Credential) > 0 && len(i.Credential) <= link.MaxCredential
	return i.registration(), ok
}
