package federation

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Whoever could change the keys or the claims on the way could sign in anybody: each address of an issuer has to be https,
// or on this machine.
func TestEachAddressOfAnIssuerIsSecure(t *testing.T) {
	for changed, value := range map[string]string{"": "", "authorization_endpoint": "http://sts.fabrikam.example/a", "token_endpoint": "http://sts.fabrikam.example/t",
		"jwks_uri": "http://sts.fabrikam.example/k", "userinfo_endpoint": "http://sts.fabrikam.example/u", "no jwks_uri": ""} {
		t.Run(changed, func(t *testing.T) {
			said := map[string]any{}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(said) }))
			t.Cleanup(server.Close)
			issuer := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
			for name, path := range map[string]string{"issuer": "", "authorization_endpoint": "/a", "token_endpoint": "/t", "jwks_uri": "/k", "userinfo_endpoint": "/u"} {
				said[name] = issuer + path
			}
			if _, there := said[changed]; there {
				said[changed] = value
			} else if changed != "" {
				delete(said, strings.TrimPrefix(changed, "no "))
			}
			if err := Check(t.Context(), server.Client(), issuer); (err == nil) != (changed == "") {
				t.Error(err)
			}
		})
	}
}
