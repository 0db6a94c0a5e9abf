package webauthn

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/phone/link"
)

func TestParseSignal(t *testing.T) {
	for _, tt := range []struct {
		raw  string
		want Signal
	}{
		{`{"rpId":"contoso.example","credentialId":"AAEC"}`,
			Signal{Kind: UnknownCredential, RPID: "contoso.example", Credentials: [][]byte{{0, 1, 2}}}},
		{`{"rpId":"contoso.example","userId":"AQ","allAcceptedCredentialIds":["AAEC","AwQF"]}`,
			Signal{Kind: AllAcceptedCredentials, RPID: "contoso.example", UserID: []byte{1}, Credentials: [][]byte{{0, 1, 2}, {3, 4, 5}}}},
		{`{"rpId":"contoso.example","userId":"AQ","allAcceptedCredentialIds":[]}`,
			Signal{Kind: AllAcceptedCredentials, RPID: "contoso.example", UserID: []byte{1}}},
		{`{"rpId":"contoso.example","userId":"AQ","name":"bob\u202e","displayName":""}`,
			Signal{Kind: CurrentUserDetails, RPID: "contoso.example", UserID: []byte{1}, Name: "bob"}},
	} {
		got, err := ParseSignal(tt.want.Kind, json.RawMessage(tt.raw))
		if d := cmp.Diff(tt.want, got); d != "" || err != nil {
			t.Errorf("%s: %v %s", tt.raw, err, d)
		}
	}
}

func TestParseSignalRefuses(t *testing.T) {
	many := `"` + strings.Repeat(`AAEC","`, MaxAccepted) + `AAEC"`
	for _, tt := range []struct {
		kind SignalKind
		raw  string
	}{
		{UnknownCredential, `{"credentialId":"AAEC"}`},
		{UnknownCredential, `{"rpId":"","credentialId":"AAEC"}`},
		{UnknownCredential, `{"rpId":"contoso.example"}`},
		{UnknownCredential, `{"rpId":"contoso.example","credentialId":""}`},
		{UnknownCredential, `{"rpId":"contoso.example","credentialId":"AAE="}`},
		{UnknownCredential, `{"rpId":"contoso.example","credentialId":"` + encoded(1024) + `"}`},
		{AllAcceptedCredentials, `{"rpId":"contoso.example","userId":"AQ"}`},
		{AllAcceptedCredentials, `{"rpId":"contoso.example","allAcceptedCredentialIds":[]}`},
		{AllAcceptedCredentials, `{"rpId":"contoso.example","userId":"AQ","allAcceptedCredentialIds":["AAEC",""]}`},
		{AllAcceptedCredentials, `{"rpId":"contoso.example","userId":"AQ","allAcceptedCredentialIds":[` + many + `]}`},
		{CurrentUserDetails, `{"rpId":"contoso.example","userId":"AQ","name":"a"}`},
		{CurrentUserDetails, `{"rpId":"contoso.example","userId":"AQ","displayName":"a"}`},
		{CurrentUserDetails, `{"rpId":"contoso.example","userId":"` + encoded(65) + `","name":"a","displayName":"a"}`},
		{"", `{"rpId":"contoso.example","credentialId":"AAEC"}`},
		{"of next year", `{"rpId":"contoso.example","credentialId":"AAEC"}`},
		{UnknownCredential, `[]`}, {UnknownCredential, ``}, {UnknownCredential, `null`},
	} {
		if got, err := ParseSignal(tt.kind, json.RawMessage(tt.raw)); !errors.Is(err, ErrOptions) || cmp.Diff(Signal{}, got) != "" {
			t.Errorf("%s %.80s: %+v, %v", tt.kind, tt.raw, got, err)
		}
	}
}

func FuzzSignal(f *testing.F) {
	f.Add("unknownCredential", `{"rpId":"contoso.example","credentialId":"AAEC"}`)
	f.Add("allAcceptedCredentials", `{"rpId":"contoso.example","userId":"AQ","allAcceptedCredentialIds":["AAEC"]}`)
	f.Add("currentUserDetails", `{"rpId":"contoso.example","userId":"AQ","name":"a","displayName":"b"}`)
	f.Fuzz(func(t *testing.T, kind, raw string) {
		s, err := ParseSignal(SignalKind(kind), json.RawMessage(raw))
		if err == nil {
			err = soundSignal(s)
		} else if errors.Is(err, ErrOptions) {
			return
		}
		if err != nil {
			t.Errorf("%s %q: %v", kind, raw, err)
		}
	})
}

func soundSignal(s Signal) error {
	long := func(id []byte) bool { return len(id) == 0 || len(id) > MaxCredentialID }
	switch {
	case s.RPID == "" || len(s.RPID) > MaxRPID || len(s.Credentials) > MaxAccepted || slices.ContainsFunc(s.Credentials, long):
		return fmt.Errorf("over a limit: %+v", s)
	case s.Kind == UnknownCredential && len(s.Credentials) != 1:
		return fmt.Errorf("%d credentials", len(s.Credentials))
	case s.Kind != UnknownCredential && (len(s.UserID) == 0 || len(s.UserID) > MaxUserID):
		return fmt.Errorf("user id of %d bytes", len(s.UserID))
	case !link.Printable(s.Name, link.MaxText) || !link.Printable(s.DisplayName, link.MaxText):
		return fmt.Errorf("names %q, %q can't be shown", s.Name, s.DisplayName)
	}
	return nil
}
