package oidc

import (
	"encoding/json"
	"net/http"
)

// Describe serves the discovery document: what this provider does, and nothing else.
func (p *Provider) Describe(w http.ResponseWriter, _ *http.Request) {
	secrets := []string{"client_secret_basic", "client_secret_post"}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{ // the app left: nobody to tell
		"issuer": p.issuer, "authorization_endpoint": p.issuer + Authorize, "token_endpoint": p.issuer + tokenPath,
		"userinfo_endpoint": p.issuer + userinfoPath, "jwks_uri": p.issuer + keysPath, "end_session_endpoint": p.issuer + EndSession,
		"revocation_endpoint": p.issuer + revokePath, "introspection_endpoint": p.issuer + introspectPath,
		"device_authorization_endpoint":                  p.issuer + devicePath,
		"scopes_supported":                               Scopes,
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"grant_types_supported":                          grants,
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          Algs,
		"token_endpoint_auth_methods_supported":          append([]string{"none"}, secrets...),
		"revocation_endpoint_auth_methods_supported":     append([]string{"none"}, secrets...),
		"introspection_endpoint_auth_methods_supported":  secrets[:1],
		"code_challenge_methods_supported":               []string{"S256"},
		"prompt_values_supported":                        Prompts,
		"display_values_supported":                       []string{"page"},
		"acr_values_supported":                           []string{PhishingResistant},
		"claim_types_supported":                          []string{"normal"},
		"claims_supported":                               []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "name", "preferred_username", "email"},
		"ui_locales_supported":                           []string{"en", "de"},
		"request_parameter_supported":                    false,
		"request_uri_parameter_supported":                false,
		"claims_parameter_supported":                     false,
		"authorization_response_iss_parameter_supported": true,
	})
}
