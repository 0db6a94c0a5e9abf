package webauthn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tallykey/phone/link"
)

// creation is a sound request; the tests change one member of it.
func creation() map[string]any {
	return map[string]any{
		"rp":   map[string]any{"id": "contoso.example", "name": "Contoso"},
		"user": map[string]any{"id": "dXNlcg", "name": "alice@contoso.example", "displayName": "Alice"},
		"pubKeyCredParams": []any{
			map[string]any{"type": "public-key", "alg": -257}, map[string]any{"type": "public-key", "alg": -7},
		},
		"challenge":              "Y2hhbGxlbmdl",
		"timeout":                60000,
		"attestation":            "enterprise",
		"hints":                  []any{"hybrid", "a hint of next year"},
		"authenticatorSelection": map[string]any{"residentKey": "perhaps", "userVerification": "sometimes"},
		"extensions":             map[string]any{"credProps": true, "prf": map[string]any{}},
		"excludeCredentials": []any{
			map[string]any{"type": "public-key", "id": "AAEC", "transports": []any{"usb", "carrier pigeon"}},
			map[string]any{"type": "a type of next year", "id": "AwQF"},
		},
	}
}

func request() map[string]any {
	return map[string]any{
		"rpId":             "contoso.example",
		"challenge":        "Y2hhbGxlbmdl",
		"userVerification": "sometimes",
		"allowCredentials": []any{map[string]any{"type": "public-key", "id": "AAEC", "transports": []any{"usb"}}},
	}
}

// with sets a member, named by a path with dots; the value nil takes it away.
func with(options map[string]any, path string, value any) json.RawMessage {
	m := options
	names := strings.Split(path, ".")
	for _, n := range names[:len(names)-1] {
		inner := maps.Clone(m[n].(map[string]any))
		m[n] = inner
		m = inner
	}
	if m[names[len(names)-1]] = value; value == nil {
		delete(m, names[len(names)-1])
	}
	data, err := json.Marshal(options)
	if err != nil {
		panic(err)
	}
	return data
}

func TestParseCreationOptions(t *testing.T) {
	want := CreationOptions{RPID: "contoso.example", Challenge: []byte("challenge"), CredProps: true, PRF: &PRFInput{},
		Algorithms: []int64{ES256},
		User:       User{ID: []byte("user"), Name: "alice@contoso.example", DisplayName: "Alice"},
		Exclude:    [][]byte{{0, 1, 2}}}
	got, err := ParseCreationOptions(with(creation(), "timeout", 1))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestParseCreationOptionsAccepts(t *testing.T) {
	alg := func(a any) []any { return []any{map[string]any{"type": "public-key", "alg": a}} }
	for _, tt := range []struct {
		path  string
		value any
	}{
		{"rp.id", nil},
		{"rp.name", ""},
		{"user.name", ""},
		{"user.displayName", ""},
		{"user.id", encoded(1)},
		{"user.id", encoded(64)},
		{"challenge", encoded(1)},
		{"challenge", encoded(4096)},
		{"pubKeyCredParams", []any{}},
		{"pubKeyCredParams", alg("-7")},
		{"excludeCredentials", nil},
		{"excludeCredentials", descriptors(100, 1023)},
		{"extensions", nil},
		{"extensions.credProps", false},
		{"authenticatorSelection", nil},
		{"authenticatorSelection.authenticatorAttachment", "platform"},
		{"authenticatorSelection.authenticatorAttachment", "implant"},
		{"a member of next year", map[string]any{}},
	} {
		if _, err := ParseCreationOptions(with(creation(), tt.path, tt.value)); err != nil {
			t.Errorf("%s as %.40v: %v", tt.path, tt.value, err)
		}
	}
}

func TestParseCreationOptionsRefuses(t *testing.T) {
	type param = map[string]any
	for _, tt := range []struct {
		path  string
		value any
		want  error
	}{
		{"rp", nil, ErrOptions},
		{"rp.name", nil, ErrOptions},
		{"rp.id", "", ErrOptions},
		{"rp.id", 7, ErrOptions},
		{"rp.id", strings.Repeat("a", 254), ErrOptions},
		{"user", nil, ErrOptions},
		{"user.id", nil, ErrOptions},
		{"user.id", "", ErrOptions},
		{"user.id", encoded(65), ErrOptions},
		{"user.id", "dXNlcg==", ErrOptions},
		{"user.id", "dXNlch", ErrOptions}, // bits after the end
		{"user.name", nil, ErrOptions},
		{"user.displayName", nil, ErrOptions},
		{"challenge", nil, ErrOptions},
		{"challenge", "", ErrOptions},
		{"challenge", "+/+/", ErrOptions},
		{"challenge", encoded(4097), ErrOptions},
		{"challenge", encoded(64 << 10), ErrOptions},
		{"pubKeyCredParams", nil, ErrOptions},
		{"pubKeyCredParams", []any{param{"type": "public-key", "alg": "es256"}}, ErrOptions},
		{"pubKeyCredParams", make([]param, 101), ErrOptions},
		{"pubKeyCredParams", []any{param{"type": "public-key", "alg": -257}}, ErrUnsupported},
		{"pubKeyCredParams", []any{param{"type": "public-key"}}, ErrUnsupported},
		{"pubKeyCredParams", []any{param{"type": "a type of next year", "alg": -7}}, ErrUnsupported},
		{"authenticatorSelection.authenticatorAttachment", "cross-platform", ErrUnsupported},
		{"excludeCredentials", []any{param{"type": "public-key"}}, ErrOptions},
		{"excludeCredentials", descriptors(1, 0), ErrOptions},
		{"excludeCredentials", descriptors(1, 1024), ErrOptions},
		{"excludeCredentials", descriptors(101, 16), ErrOptions},
		{"excludeCredentials", "AAEC", ErrOptions},
		{"filler", strings.Repeat("a", MaxOptions), ErrOptions},
	} {
		got, err := ParseCreationOptions(with(creation(), tt.path, tt.value))
		if !errors.Is(err, tt.want) || cmp.Diff(CreationOptions{}, got) != "" {
			t.Errorf("%s as %.40v: got %+v, %v; want %v", tt.path, tt.value, got, err, tt.want)
		}
	}
}

func TestParseRequestOptions(t *testing.T) {
	type d = map[string]any
	for _, tt := range []struct {
		path  string
		value any
		want  RequestOptions
	}{
		{"timeout", 1, RequestOptions{RPID: "contoso.example", Allow: [][]byte{{0, 1, 2}}}},
		{"rpId", nil, RequestOptions{Allow: [][]byte{{0, 1, 2}}}},
		{"allowCredentials", nil, RequestOptions{RPID: "contoso.example", Discoverable: true}},
		{"allowCredentials", []any{}, RequestOptions{RPID: "contoso.example", Discoverable: true}},
		// Named credentials of an unknown kind are not the same as none: no account may be offered for them.
		{"allowCredentials", []any{d{"type": "of next year", "id": "AAEC"}}, RequestOptions{RPID: "contoso.example"}},
	} {
		tt.want.Challenge = []byte("challenge")
		got, err := ParseRequestOptions(with(request(), tt.path, tt.value))
		if err != nil {
			t.Errorf("%s as %v: %v", tt.path, tt.value, err)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s as %v: %s", tt.path, tt.value, d)
		}
	}
}

func TestParseRequestOptionsRefuses(t *testing.T) {
	for _, tt := range []struct {
		path  string
		value any
	}{
		{"challenge", nil}, {"challenge", ""}, {"challenge", encoded(4097)}, {"challenge", 1}, {"rpId", ""},
		{"rpId", strings.Repeat("a", 254)}, {"allowCredentials", descriptors(101, 16)},
		{"allowCredentials", descriptors(1, 1024)}, {"filler", strings.Repeat("a", MaxOptions)},
	} {
		if _, err := ParseRequestOptions(with(request(), tt.path, tt.value)); !errors.Is(err, ErrOptions) {
			t.Errorf("%s as %.40v: got %v, want ErrOptions", tt.path, tt.value, err)
		}
	}
	for _, raw := range []string{"", "null", "[]", `"{}"`, "{", "{}{}", "{} x", "\xff"} {
		if _, err := ParseRequestOptions(json.RawMessage(raw)); !errors.Is(err, ErrOptions) {
			t.Errorf("%q: got %v, want ErrOptions", raw, err)
		}
		if _, err := ParseCreationOptions(json.RawMessage(raw)); !errors.Is(err, ErrOptions) {
			t.Errorf("%q for creation: got %v, want ErrOptions", raw, err)
		}
	}
}

func TestShownNames(t *testing.T) {
	for name, want := range map[string]string{
		"Alice":                              "Alice",
		"":                                   "",
		"Zoë 🦊 中文":                           "Zoë 🦊 中文",
		"line\nbreak\ttab\x00":               "linebreaktab",
		"alice\u202eelpmaxe":                 "aliceelpmaxe",
		"\u2066a\u2069\u200eb\u200fc\u061cd": "abcd",
		"👩\u200d🚀":                           "👩\u200d🚀",
		"a\u0085b\u2028c":                    "abc",
		strings.Repeat("a", 300):             strings.Repeat("a", 256),
		strings.Repeat("é", 200):             strings.Repeat("é", 128),
		"a" + strings.Repeat("é", 200):       "a" + strings.Repeat("é", 127),
		strings.Repeat("a", 255) + "中":       strings.Repeat("a", 255),
	} {
		got, err := ParseCreationOptions(with(creation(), "user.name", name))
		if err != nil || got.User.Name != want {
			t.Errorf("%q: got %q, %v; want %q", name, got.User.Name, err, want)
		}
		if got, err = ParseCreationOptions(with(creation(), "user.displayName", name)); got.User.DisplayName != want {
			t.Errorf("display name %q: got %q, %v; want %q", name, got.User.DisplayName, err, want)
		}
	}
}

func encoded(n int) string { return b64.EncodeToString(make([]byte, n)) }

func descriptors(n, size int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = map[string]any{"type": "public-key", "id": encoded(size)}
	}
	return list
}

func FuzzOptions(f *testing.F) {
	f.Add([]byte(with(creation(), "timeout", 1)))
	f.Add([]byte(with(request(), "timeout", 1)))
	f.Add([]byte(`{"challenge":"AA","allowCredentials":[null]}`))
	f.Add([]byte(`{"challenge":"AA","allowCredentials":[{"type":"public-key","id":"AAEC"}],"extensions":{"numberMatch":
		{"mode":"approve"},"prf":{"eval":{"first":"AA","second":""},"evalByCredential":{"AAEC":{"first":"AQ"}}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if o, err := ParseCreationOptions(data); err == nil {
			if err := soundCreation(o); err != nil {
				t.Errorf("%q: %v", data, err)
			}
		} else if !errors.Is(err, ErrOptions) && !errors.Is(err, ErrUnsupported) {
			t.Errorf("creation: %v", err)
		}
		if o, err := ParseRequestOptions(data); err == nil {
			if err := soundRequest(o); err != nil {
				t.Errorf("%q: %v", data, err)
			}
		} else if !errors.Is(err, ErrOptions) {
			t.Errorf("request: %v", err)
		}
	})
}

func soundRequest(o RequestOptions) error {
	if len(o.Challenge) == 0 || len(o.Challenge) > MaxChallenge || len(o.Allow) > MaxList || len(o.RPID) > MaxRPID ||
		o.Discoverable && len(o.Allow) > 0 {
		return fmt.Errorf("%+v", o)
	}
	for _, id := range append(o.Allow, []byte("another")) {
		if o.PRF != nil && !soundSalts(o.PRF.Salts(id)) {
			return fmt.Errorf("salts of %x: %x", id, o.PRF.Salts(id))
		}
	}
	return nil
}

func soundSalts(list [][]byte) bool {
	return len(list) <= MaxSalts && !slices.ContainsFunc(list, func(b []byte) bool { return len(b) != 32 })
}

func soundCreation(o CreationOptions) error {
	switch {
	case len(o.Algorithms) == 0 || len(o.Algorithms) > 2 || o.NumberMatch == link.Approve:
		return fmt.Errorf("algorithms %v, mode %q", o.Algorithms, o.NumberMatch)
	case o.PRF != nil && (!soundSalts(o.PRF.Eval) || len(o.PRF.ByCredential) > 0):
		return fmt.Errorf("prf %+v", o.PRF)
	case len(o.Challenge) == 0 || len(o.Challenge) > MaxChallenge || len(o.RPID) > MaxRPID || len(o.Exclude) > MaxList:
		return fmt.Errorf("over a limit: %+v", o)
	case len(o.User.ID) == 0 || len(o.User.ID) > MaxUserID:
		return fmt.Errorf("user.id of %d bytes", len(o.User.ID))
	case !link.Printable(o.User.Name, link.MaxText) || !link.Printable(o.User.DisplayName, link.MaxText):
		return fmt.Errorf("names %q, %q can't be shown", o.User.Name, o.User.DisplayName)
	case !utf8.ValidString(o.User.Name) || bytes.ContainsRune([]byte(o.User.Name), 0x202e):
		return fmt.Errorf("name %q", o.User.Name)
	}
	return nil
}
