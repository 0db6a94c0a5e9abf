package registration

import (
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
			stable(t, p, encodePhone, func(value string) (Phone, bool) { return decodePhone(name, value) })
		}
		if r, ok := decodeRegistration(name, value); ok {
			stable(t, r, encodeRegistration, func(value string) (Registration, bool) { return decodeRegistration(name, value) })
		}
		k := &Memory{NoList: true}
		must(t, k.Set(t.Context(), name, value))
		if s, err := Open(t.Context(), k); err == nil && len(s.Phones())+len(s.Registrations()) > 0 {
			t.Errorf("%q as %q is in the store without an index", value, name)
		}
	})
}

// stable: what was read once is written and read again as the same.
func stable[T any](t *testing.T, v T, encode func(T) (string, error), decode func(string) (T, bool)) {
	t.Helper()
	first, err := encode(v)
	if err != nil {
		return // read from a form that takes less room than ours
	}
	again, ok := decode(first)
	second, err := encode(again)
	if !ok || err != nil || first != second {
		t.Errorf("%q became %q, %v", first, second, err)
	}
}

// What a person sees of their keyring without its password says nothing of where they have accounts.
func TestNamesSayNothing(t *testing.T) {
	name := nameOf(1)
	if strings.Contains(name, "example") || strings.Contains(name, "alice") || len(name) != len(registrationPrefix)+16 {
		t.Errorf("name %q", name)
	}
}
