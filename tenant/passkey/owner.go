package passkey

import (
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tallykey/tenant/store"
)

// owner is a user as go-webauthn wants to see one.
type owner struct {
	user store.User
	has  []store.Registration
}

func (o owner) WebAuthnID() []byte          { return o.user.Handle }
func (o owner) WebAuthnName() string        { return o.user.UPN }
func (o owner) WebAuthnDisplayName() string { return o.user.Name }

func (o owner) WebAuthnCredentials() []webauthn.Credential {
	list := make([]webauthn.Credential, 0, len(o.has))
	for _, r := range o.has {
		list = append(list, credential(r))
	}
	return list
}

func (o owner) descriptors() []protocol.CredentialDescriptor {
	return webauthn.Credentials(o.WebAuthnCredentials()).CredentialDescriptors()
}

func credential(r store.Registration) webauthn.Credential {
	c := webauthn.Credential{
		ID: r.ID, PublicKey: r.PublicKey, Flags: webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(r.Flags)),
		Authenticator: webauthn.Authenticator{AAGUID: r.AAGUID, SignCount: r.SignCount},
	}
	for t := range strings.SplitSeq(r.Transports, ",") {
		if t != "" {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
		}
	}
	return c
}

// registration is a new credential as the store keeps it.
func registration(c *webauthn.Credential) store.Registration {
	var transports []string
	for _, t := range c.Transport {
		if s := string(t); len(transports) < 8 && len(s) <= 32 && !strings.Contains(s, ",") {
			transports = append(transports, s) // hints for the browser, and the browser's word
		}
	}
	return store.Registration{ID: c.ID, PublicKey: c.PublicKey, SignCount: c.Authenticator.SignCount, AAGUID: c.Authenticator.AAGUID,
		Flags: byte(c.Flags.ProtocolValue()), Transports: strings.Join(transports, ",")}
}
