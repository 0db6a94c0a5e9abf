package signin

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/registration"
	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

func told(t *testing.T) link.Registration {
	return link.Registration{Credential: "ICEiIyQlJicoKSorLC0uLw", RPID: "login.contoso.example", UserID: []byte{1, 2, 3},
		Name: "alice@contoso.example", DisplayName: "Alice", PublicKey: webauthn.EncodeCOSE(&newKey(t).PublicKey),
		KeyProtection: link.PRF, Created: 1795412400000, Unregister: make([]byte, link.RemovalToken)}
}

func TestAdopt(t *testing.T) {
	item := told(t)
	got, err := Adopt("k3yqh5m2z7wabcd4", []link.Registration{item})
	if err != nil {
		t.Fatal(err)
	}
	credential, _ := link.B64.DecodeString(item.Credential)
	want := []registration.Registration{{Credential: credential, RPID: item.RPID, PublicKey: item.PublicKey,
		User:  webauthn.User{ID: []byte{1, 2, 3}, Name: "alice@contoso.example", DisplayName: "Alice"},
		Phone: "k3yqh5m2z7wabcd4", KeyProtection: link.PRF, Created: time.UnixMilli(item.Created), Unregister: item.Unregister}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAdoptRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*link.Registration){
		"a public suffix":           func(r *link.Registration) { r.RPID = "co.uk" },
		"a private public suffix":   func(r *link.Registration) { r.RPID = "github.io" },
		"a top-level domain":        func(r *link.Registration) { r.RPID = "com" },
		"an address":                func(r *link.Registration) { r.RPID = "192.0.2.7" },
		"an origin":                 func(r *link.Registration) { r.RPID = "https://contoso.example" },
		"a port":                    func(r *link.Registration) { r.RPID = "contoso.example:443" },
		"capitals":                  func(r *link.Registration) { r.RPID = "Contoso.example" },
		"another kind of key":       func(r *link.Registration) { r.PublicKey = []byte{0xa0} },
		"a point off the curve":     func(r *link.Registration) { r.PublicKey[20] ^= 1 },
		"a name from right to left": func(r *link.Registration) { r.Name = "a\u202elice" },
		"a display name, isolated":  func(r *link.Registration) { r.DisplayName = "\u2066Alice" },
	} {
		item := told(t)
		spoil(&item)
		if got, err := Adopt("k3yqh5m2z7wabcd4", []link.Registration{told(t), item}); !errors.Is(err, ErrAdopt) || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
