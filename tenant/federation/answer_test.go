package federation

import "testing"

func TestVerified(t *testing.T) {
	for _, c := range []struct {
		claims map[string]any
		want   bool
	}{
		{map[string]any{"email": "dora@fabrikam.example", "email_verified": true}, true},
		{map[string]any{"email": "dora@fabrikam.example", "email_verified": "true"}, true},
		{map[string]any{"email": "dora@fabrikam.example"}, false},
		{map[string]any{"email_verified": false}, false},
		{map[string]any{"email_verified": "false"}, false},
		{map[string]any{"email_verified": 1.0}, false},
		{nil, false},
	} {
		if got := verified(c.claims); got != c.want {
			t.Errorf("%v: %v", c.claims, got)
		}
	}
}
