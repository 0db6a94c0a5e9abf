package passkey

import (
	"crypto/sha256"
	"encoding/base64"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// toHear asks for the unregister extension. Other authenticators ignore it.
func toHear() webauthn.ExtensionOption { return webauthn.WithExtension("unregister", true) }

// unregisterHash reads the extension's output, SHA-256 of a token. Nothing signs it, as nothing signs the key of a
// registration: both are the word of the browser of somebody who has just confirmed who they are. What is not as
// docs/protocol.md says counts as none.
func unregisterHash(results protocol.AuthenticationExtensionsClientOutputs) []byte {
	out, _ := results.Extra["unregister"].(map[string]any)
	text, _ := out["hash"].(string)
	hash, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(hash) != sha256.Size || len(text) != base64.RawURLEncoding.EncodedLen(sha256.Size) {
		return nil
	}
	return hash
}
