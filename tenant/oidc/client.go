package oidc

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	std "github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tallykey/tenant/store"
)

// CheckRedirect says whether a redirect URI can be registered: https, or http on this machine for apps that run there,
// and for native apps also a scheme of their own that is a domain name in reverse (RFC 8252 section 7.1).
func CheckRedirect(uri string, native bool) error {
	u, err := url.Parse(uri)
	if err != nil {
		return fmt.Errorf("%q is no URI", uri)
	}
	local := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	switch {
	case u.Fragment != "" || u.User != nil || strings.ContainsAny(uri, "*#"):
		return fmt.Errorf("%q has a part that a redirect URI must not have: fragment, user or *", uri)
	case u.Scheme == "https" && u.Host != "", u.Scheme == "http" && local:
		return nil
	case native && strings.Contains(u.Scheme, "."):
		return nil
	}
	return fmt.Errorf("%q is neither https nor http on this machine", uri)
}

// client is an app as the library wants to see one.
type client struct{ store.App }

func (c client) GetID() string                       { return c.ID }
func (c client) RedirectURIs() []string              { return c.Redirects }
func (c client) PostLogoutRedirectURIs() []string    { return c.Logouts }
func (c client) ResponseTypes() []std.ResponseType   { return []std.ResponseType{std.ResponseTypeCode} }
func (c client) LoginURL(id string) string           { return Continue + "?" + url.Values{"id": {id}}.Encode() }
func (c client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeBearer }
func (c client) IDTokenLifetime() time.Duration      { return idLife }
func (c client) IsScopeAllowed(string) bool          { return false }
func (c client) ClockSkew() time.Duration            { return 0 }

// DevMode lets the library take http redirects: those that are registered are on this machine, see CheckRedirect.
func (c client) DevMode() bool { return true }

// IDTokenUserinfoClaimsAssertion puts no profile into the ID token: apps get it from /userinfo.
func (c client) IDTokenUserinfoClaimsAssertion() bool { return false }

func (c client) GrantTypes() []std.GrantType {
	list := []std.GrantType{std.GrantTypeCode, std.GrantTypeRefreshToken}
	if c.Native { // others have a browser to send somewhere
		list = append(list, std.GrantTypeDeviceCode)
	}
	return list
}

func (c client) ApplicationType() op.ApplicationType {
	if c.Native {
		return op.ApplicationTypeNative
	}
	return op.ApplicationTypeWeb
}

func (c client) AuthMethod() std.AuthMethod {
	if c.Secret == nil {
		return std.AuthMethodNone
	}
	return std.AuthMethodBasic
}

func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return func(s []string) []string { return s }
}

func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return func(s []string) []string { return s }
}

// redirects says whether the app may be sent to uri. The library has checked it too; for a native app's loopback it
// compares no host names.
func (c client) redirects(uri string) bool {
	if slices.Contains(c.Redirects, uri) {
		return true
	}
	asked, err := url.Parse(uri)
	if !c.Native || err != nil || asked.Scheme != "http" {
		return false
	}
	return slices.ContainsFunc(c.Redirects, func(registered string) bool {
		u, err := url.Parse(registered)
		return err == nil && u.Scheme == "http" && u.Hostname() == asked.Hostname() && u.Path == asked.Path && u.RawQuery == asked.RawQuery &&
			asked.User == nil && asked.Fragment == ""
	})
}
