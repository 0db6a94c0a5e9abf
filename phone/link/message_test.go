package link

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sample is a row of testdata/messages.json. A message that is a JSON string there is the text on the wire as it stands.
type sample struct {
	Name    string
	Valid   bool
	Type    string
	Message json.RawMessage
}

func (s sample) wire(t testing.TB) []byte {
	t.Helper()
	if s.Message[0] != '"' {
		return s.Message
	}
	var text string
	if err := json.Unmarshal(s.Message, &text); err != nil {
		t.Fatal(err)
	}
	return []byte(text)
}

func samples(t testing.TB) (all []sample) {
	t.Helper()
	readJSON(t, "messages.json", &all)
	return all
}

func TestMessageSamples(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range samples(t) {
		if seen[s.Name] {
			t.Errorf("two samples are called %q", s.Name)
		}
		seen[s.Name] = true
		t.Run(s.Name, func(t *testing.T) {
			m, err := Decode(s.wire(t))
			if !s.Valid {
				if !errors.Is(err, ErrMessage) || m != nil {
					t.Errorf("got %v, %v; want ErrMessage", m, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if m.Type() != s.Type {
				t.Errorf("type %q, want %q", m.Type(), s.Type)
			}
			roundTrip(t, m)
		})
	}
}

func roundTrip(t *testing.T, m Message) {
	t.Helper()
	wire, err := Encode(m)
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	again, err := Decode(wire)
	if err != nil {
		t.Fatalf("Decode of %s: %v", wire, err)
	}
	if diff := cmp.Diff(m, again, compareAddr, compareJSON, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("after a round trip (-want +got):\n%s", diff)
	}
}

// compareJSON compares values: Encode may drop white space.
var compareJSON = cmp.Transformer("JSON", func(raw json.RawMessage) (v any) {
	if json.Unmarshal(raw, &v) != nil {
		return string(raw)
	}
	return v
})

func TestSamplesCoverEveryType(t *testing.T) {
	good := map[string]bool{}
	for _, s := range samples(t) {
		good[s.Type] = good[s.Type] || s.Valid
	}
	for _, name := range []string{"hello", "pairWith", "received", "number", "answer", "decline", "welcome", "request",
		"numberRight", "ended", "paired", "refused", "ping", "pong", "registrations",
		"forget", "goodbye"} {
		if !good[name] || blank(name) == nil {
			t.Errorf("no good sample of %q", name)
		}
	}
}

func TestEncodeBeginsWithType(t *testing.T) {
	got, err := Encode(&Ping{N: 7})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"type":"ping","n":7}`, string(got)); diff != "" {
		t.Errorf("wire (-want +got):\n%s", diff)
	}
}

func TestEncodeRefusesWhatDecodeRefuses(t *testing.T) {
	for _, m := range []Message{&Hello{}, &Number{ID: "AAECAwQFBgcICQoLDA0ODw", Number: "7"}, &Request{}, &Refused{},
		&Answer{ID: "AAECAwQFBgcICQoLDA0ODw", Verification: json.RawMessage(`[]`)}} {
		if _, err := Encode(m); !errors.Is(err, ErrMessage) {
			t.Errorf("%s: %v, want ErrMessage", m.Type(), err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range samples(f) {
		if wire := s.wire(f); len(wire) < 4096 {
			f.Add(wire)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(data)
		if err != nil {
			if !errors.Is(err, ErrMessage) || m != nil {
				t.Errorf("%v, %v", m, err)
			}
			return
		}
		wire, err := Encode(m)
		if err != nil {
			// Escaping may lengthen a message that was just short enough; nothing else may fail.
			if len(data) < MaxMessage/8 {
				t.Fatalf("Encode: %v", err)
			}
			return
		}
		again, err := Decode(wire)
		if err != nil {
			t.Fatalf("Decode of own text %q: %v", wire, err)
		}
		if diff := cmp.Diff(m, again, compareAddr, compareJSON, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("after a round trip (-want +got):\n%s", diff)
		}
	})
}
