package registration

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestMemoryConforms(t *testing.T) {
	for _, k := range memories() {
		conforms(t, k)
	}
}

// conforms is what the store relies on, of any keyring.
func conforms(t *testing.T, k Keyring) {
	t.Helper()
	ctx := t.Context()
	if _, err := k.Get(ctx, "absent"); !errors.Is(err, ErrNotFound) {
		t.Errorf("get of nothing: got %v, want ErrNotFound", err)
	}
	if err := k.Delete(ctx, "absent"); err != nil {
		t.Errorf("delete of nothing: %v", err)
	}
	want := map[string]string{"registration/a": "1", "registration/b": strings.Repeat("é", 1199),
		"identity": "{\"v\":1}\n\"'\\$(x) %s"}
	for name, value := range want {
		must(t, k.Set(ctx, name, "an earlier value"))
		must(t, k.Set(ctx, name, value))
	}
	must(t, k.Set(ctx, "phone/c", "short-lived"))
	must(t, k.Delete(ctx, "phone/c"))
	for name, value := range want {
		if got, err := k.Get(ctx, name); err != nil || got != value {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	if _, err := k.Get(ctx, "phone/c"); !errors.Is(err, ErrNotFound) {
		t.Errorf("get after delete: got %v, want ErrNotFound", err)
	}
	all, err := k.List(ctx)
	if !errors.Is(err, ErrNoList) && (err != nil || !maps.Equal(all, want)) {
		t.Errorf("list: got %q, %v", slices.Collect(maps.Keys(all)), err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := k.Set(cancelled, "phone/c", "x"); !errors.Is(err, ErrFailed) {
		t.Errorf("set without time: got %v, want ErrFailed", err)
	}
	for name := range want {
		must(t, k.Delete(ctx, name))
	}
}

// fails checks each of the accesses, to an item that is there (where one can be) and one that isn't.
func fails(t *testing.T, k Keyring, want error) {
	t.Helper()
	ctx := t.Context()
	_, get := k.Get(ctx, "identity")
	_, getNew := k.Get(ctx, "phone/new")
	_, list := k.List(ctx)
	_, opened := Open(ctx, k)
	for name, err := range map[string]error{"get": get, "list": list, "set": k.Set(ctx, "identity", "x"),
		"delete": k.Delete(ctx, "identity"), "open": opened, "get of nothing": getNew,
		"set of nothing yet": k.Set(ctx, "phone/new", "x"), "delete of nothing": k.Delete(ctx, "phone/new")} {
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
	}
}
