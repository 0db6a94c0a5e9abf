package oidc

import (
	"slices"

	"tallykey/tenant/store"
)

// PhishingResistant is the authentication context class of every sign-in with a phone or a passkey: the key answers to the
// tenant's origin only (OpenID Connect Extended Authentication Profile ACR Values 1.0).
const PhishingResistant = "phr"

// numberMatched is the one value of amr that RFC 8176 does not register: the person found the number of the desktop on the
// phone. It has the name of the WebAuthn extension in whose signed output the phone says so.
const numberMatched = "numberMatch"

// references are the authentication method references and context class of a sign-in. Nothing is claimed that the tenant
// did not verify, and of a method that it does not know nothing is claimed at all.
func references(a store.Authentication) (amr []string, acr string) {
	switch a.Method {
	case "phone":
		return append([]string{"swk", "user", "mfa"}, told(a)...), PhishingResistant
	case "passkey":
		return []string{"pop", "user", "mfa"}, PhishingResistant
	case "password+phone":
		return append([]string{"pwd", "pop", "user", "mfa"}, told(a)...), PhishingResistant
	case "federated+phone":
		return append([]string{"pop", "user", "mfa"}, told(a)...), PhishingResistant
	case "invitation":
		return []string{"otp"}, ""
	case "password":
		return []string{"pwd"}, ""
	}
	return nil, ""
}

// told is what the phone says under its signature: that its own PIN was typed, and how the number was matched. Approve or
// deny matches none.
func told(a store.Authentication) (amr []string) {
	if a.UV == "pin" {
		amr = append(amr, "pin")
	}
	if a.Number == "choose" || a.Number == "type" {
		amr = append(amr, numberMatched)
	}
	return amr
}

// meets says whether a sign-in has one of the context classes that an app asks for. Classes that this provider does not
// have are not asked for: the app wished in vain, which OpenID Connect lets it.
func meets(asked []string, a store.Authentication) bool {
	_, acr := references(a)
	return !slices.Contains(asked, PhishingResistant) || acr == PhishingResistant
}
