package webauthn

import (
	"crypto/x509"
	"encoding/json"
)

// transports are how a phone is reached: "internal" because the registration lives on the person's own device and
// websites hide a sign-in they take for a security key's, "hybrid" because it is a phone.
var transports = []string{"internal", "hybrid"}

// NewRegistrationResponse is the website's answer to create(): authData must hold a new credential, else the error wraps
// ErrData. Every credential of a phone is discoverable; credProps says so where it was asked for. Results of further
// extensions are for the caller to set, by ExtensionResults.
func NewRegistrationResponse(clientDataJSON, authData []byte, credProps bool) (RegistrationResponse, error) {
	a, err := ParseAuthenticatorData(authData)
	if err != nil {
		return RegistrationResponse{}, err
	}
	if a.Attested == nil {
		return RegistrationResponse{}, badData("no credential in it")
	}
	spki, err := x509.MarshalPKIXPublicKey(a.Attested.PublicKey)
	if err != nil {
		return RegistrationResponse{}, badData("public key")
	}
	id := b64.EncodeToString(a.Attested.ID)
	return RegistrationResponse{ID: id, RawID: id, Type: publicKey, AuthenticatorAttachment: "platform",
		ClientExtensionResults: ExtensionResults{CredProps: credProps}.JSON(),
		Response: AttestationResponse{
			ClientDataJSON:     b64.EncodeToString(clientDataJSON),
			AuthenticatorData:  b64.EncodeToString(authData),
			Transports:         append([]string(nil), transports...),
			PublicKey:          b64.EncodeToString(spki),
			PublicKeyAlgorithm: Algorithm(a.Attested.PublicKey),
			AttestationObject:  b64.EncodeToString(AttestationObject(authData)),
		}}, nil
}

// NewAuthenticationResponse is the website's answer to get(), without extension results. signature is in the form that
// VerifySignature takes; userHandle is the registration's user.id.
func NewAuthenticationResponse(credentialID, clientDataJSON, authData, signature, userHandle []byte) AuthenticationResponse {
	id := b64.EncodeToString(credentialID)
	return AuthenticationResponse{ID: id, RawID: id, Type: publicKey, AuthenticatorAttachment: "platform",
		ClientExtensionResults: json.RawMessage(`{}`),
		Response: AssertionResponse{
			ClientDataJSON:    b64.EncodeToString(clientDataJSON),
			AuthenticatorData: b64.EncodeToString(authData),
			Signature:         b64.EncodeToString(signature),
			UserHandle:        b64.EncodeToString(userHandle),
		}}
}
