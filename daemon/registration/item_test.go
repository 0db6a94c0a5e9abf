package registration

import (
	"reflect"
	"strings"
	"testing"
)

func FuzzItem(f *testing.F) {
	phone, err := encodePhone(samplePhone(1))
	must(f, err)
	registration, err := encodeRegistration(sampleRegistration(1, samplePhone(1).ID))
	must(f, err)
	f.Add(phoneName(samplePhone(1).ID), phone)
	f.Add(nameOf(1), registration)
	f.Add(pageName(0), `{"v":1,"phones":["a"],"registrations":["b"]}`)
	f.Fuzz(func(t *testing.T, name, value string) {
		if p, ok := decodePhone(name, value); ok {
			if again, err := encodePhone(p); err == nil {
				if q, ok := decodePhone(name, again); !ok || !reflect.DeepEqual(p, q) {
					t.Errorf("%+v became %+v", p, q)
				}
			}
		}
		if r, ok := decodeRegistration(name, value); ok {
			if again, err := encodeRegistration(r); err == nil {
				if q, ok := decodeRegistration(name, again); !ok || !reflect.DeepEqual(r, q) {
					t.Errorf("%+v became %+v", r, q)
				}
			}
		}
		k := &Memory{NoList: true}
		must(t, k.Set(t.Context(), name, value))
		if s, err := Open(t.Context(), k); err == nil && len(s.Phones())+len(s.Registrations()) > 0 {
			t.Errorf("%q as %q is in the store without an index", value, name)
		}
	})
}

// What a person sees of their keyring without its password says nothing of where they have accounts.
func TestNamesSayNothing(t *testing.T) {
	name := nameOf(1)
	if strings.Contains(name, "example") || strings.Contains(name, "alice") || len(name) != len(registrationPrefix)+16 {
		t.Errorf("name %q", name)
	}
}
