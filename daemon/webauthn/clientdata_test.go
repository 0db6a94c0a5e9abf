package webauthn

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

func TestClientData(t *testing.T) {
	for _, tt := range []struct {
		name   string
		kind   Kind
		origin string
		cross  bool
		top    string
		want   string
	}{
		{"create", Create, "https://contoso.example", false, "",
			`{"type":"webauthn.create","challenge":"-_8","origin":"https://contoso.example","crossOrigin":false}`},
		{"frame", Get, "https://contoso.example:8443", true, "https://shop.example",
			`{"type":"webauthn.get","challenge":"-_8","origin":"https://contoso.example:8443","crossOrigin":true,` +
				`"topOrigin":"https://shop.example"}`},
		{"frame of unknown page", Get, "https://contoso.example", true, "",
			`{"type":"webauthn.get","challenge":"-_8","origin":"https://contoso.example","crossOrigin":true}`},
		{"no frame", Get, "https://contoso.example", false, "https://contoso.example",
			`{"type":"webauthn.get","challenge":"-_8","origin":"https://contoso.example","crossOrigin":false}`},
		{"escapes", Get, "a\"b\\c\x00\x1f\n<>&\u2028\x7f\u00e9", false, "",
			`{"type":"webauthn.get","challenge":"-_8","origin":"a\"b\\c\u0000\u001f\u000a<>&` + "\u2028\x7f\u00e9" +
				`","crossOrigin":false}`},
	} {
		if got := ClientData(tt.kind, []byte{0xfb, 0xff}, tt.origin, tt.cross, tt.top); string(got) != tt.want {
			t.Errorf("%s: got\n%s, want\n%s", tt.name, got, tt.want)
		}
	}
}

func FuzzClientData(f *testing.F) {
	f.Add([]byte{1}, "https://contoso.example", true, "https://shop.example")
	f.Add([]byte{}, "\"\\\x00\u2028\xff", false, "}")
	f.Fuzz(func(t *testing.T, challenge []byte, origin string, cross bool, top string) {
		data := ClientData(Get, challenge, origin, cross, top)
		var got struct {
			Type, Challenge, Origin, TopOrigin string
			CrossOrigin                        bool
		}
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(&got); err != nil || !utf8.Valid(data) {
			t.Fatalf("%q: %v", data, err)
		}
		if !cross {
			top = ""
		}
		want := [...]string{"webauthn.get", b64.EncodeToString(challenge), valid(origin), valid(top)}
		if [...]string{got.Type, got.Challenge, got.Origin, got.TopOrigin} != want || got.CrossOrigin != cross {
			t.Errorf("%q reads as %+v, want %q", data, got, want)
		}
	})
}

// valid replaces each invalid byte, as a USVString does.
func valid(s string) string { return string([]rune(s)) }
