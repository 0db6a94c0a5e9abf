package keyringfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"filippo.io/age"
)

// maxItemsFile bounds what is read: some 20,000 items of the greatest size.
const maxItemsFile = 64 << 20

// itemsContents is what items.age holds.
type itemsContents struct {
	V     int               `json:"v"`
	Keys  []string          `json:"keys"` // marks of the keys that it is encrypted to
	Items map[string]string `json:"items"`
}

// openItems reads items.age. The error is ErrDamaged or ErrNewer.
func openItems(sealed []byte, k Key) (map[string]string, error) {
	plain, err := unseal(sealed, k.identity)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, fmt.Errorf("%w: %s belongs to another key", ErrDamaged, itemsName)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrDamaged, itemsName, err)
	}
	return parseItems(plain, k.mark())
}

func parseItems(plain []byte, mark string) (map[string]string, error) {
	var c itemsContents
	if err := decode(plain, &c, &c.V); err != nil {
		return nil, fmt.Errorf("%s: %w", itemsName, err)
	}
	if !slices.Contains(c.Keys, mark) {
		return nil, fmt.Errorf("%w: %s was not written with this key", ErrDamaged, itemsName)
	}
	if c.Items == nil {
		return nil, fmt.Errorf("%w: %s has no items", ErrDamaged, itemsName)
	}
	return c.Items, nil
}

func sealItems(items map[string]string, keys ...Key) ([]byte, error) {
	c := itemsContents{V: version, Items: items}
	var to []age.Recipient
	for _, k := range keys {
		c.Keys = append(c.Keys, k.mark())
		to = append(to, k.identity.Recipient())
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return seal(plain, to...)
}
