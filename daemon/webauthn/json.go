package webauthn

import "encoding/json"

// The JSON forms of WebAuthn Level 3, section 5.1.8 to 5.1.10, as a browser's PublicKeyCredential.toJSON() gives them
// and parse…OptionsFromJSON() reads them. Bytes are base64url without padding.

// RegistrationResponse is RegistrationResponseJSON.
type RegistrationResponse struct {
	ID                      string              `json:"id"`
	RawID                   string              `json:"rawId"`
	Response                AttestationResponse `json:"response"`
	AuthenticatorAttachment string              `json:"authenticatorAttachment"`
	ClientExtensionResults  json.RawMessage     `json:"clientExtensionResults"`
	Type                    string              `json:"type"`
}

// AttestationResponse is AuthenticatorAttestationResponseJSON.
type AttestationResponse struct {
	ClientDataJSON     string   `json:"clientDataJSON"`
	AuthenticatorData  string   `json:"authenticatorData"`
	Transports         []string `json:"transports"`
	PublicKey          string   `json:"publicKey"` // SubjectPublicKeyInfo
	PublicKeyAlgorithm int64    `json:"publicKeyAlgorithm"`
	AttestationObject  string   `json:"attestationObject"`
}

// AuthenticationResponse is AuthenticationResponseJSON.
type AuthenticationResponse struct {
	ID                      string            `json:"id"`
	RawID                   string            `json:"rawId"`
	Response                AssertionResponse `json:"response"`
	AuthenticatorAttachment string            `json:"authenticatorAttachment"`
	ClientExtensionResults  json.RawMessage   `json:"clientExtensionResults"`
	Type                    string            `json:"type"`
}

// AssertionResponse is AuthenticatorAssertionResponseJSON.
type AssertionResponse struct {
	ClientDataJSON    string `json:"clientDataJSON"`
	AuthenticatorData string `json:"authenticatorData"`
	Signature         string `json:"signature"`
	UserHandle        string `json:"userHandle,omitempty"`
}
