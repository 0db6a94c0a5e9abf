package registration

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/phone/link"
)

func TestUpdate(t *testing.T) {
	for name, k := range memories() {
		t.Run(name, func(t *testing.T) {
			ctx, s := t.Context(), open(t, k)
			must(t, s.AddPhone(ctx, samplePhone(1)))
			r := sampleRegistration(1, samplePhone(1).ID)
			must(t, s.Add(ctx, r))
			must(t, s.Update(ctx, r.Credential, func(r *Registration) {
				r.Mode, r.Hidden, r.User.Name, r.User.DisplayName = link.Type, true, "bob@contoso.example", ""
			}))
			r.Mode, r.Hidden, r.User.Name, r.User.DisplayName = link.Type, true, "bob@contoso.example", ""
			if d := cmp.Diff([]Registration{r}, s.Registrations()); d != "" {
				t.Error(d)
			}
			sameAfterRestart(t, s, k)
		})
	}
}

func TestUpdateRefuses(t *testing.T) {
	k := &Memory{}
	ctx, s := t.Context(), open(t, k)
	must(t, s.AddPhone(ctx, samplePhone(1)))
	r := sampleRegistration(1, samplePhone(1).ID)
	must(t, s.Add(ctx, r))
	if err := s.Update(ctx, []byte("x"), func(*Registration) { t.Error("asked") }); !errors.Is(err, ErrRegistrationUnknown) {
		t.Error(err)
	}
	long := func(r *Registration) { r.User.Name = strings.Repeat("a", MaxItem) }
	if err := s.Update(ctx, r.Credential, long); !errors.Is(err, ErrFailed) {
		t.Error(err)
	}
	k.Before = func(a Access, _ string) error {
		if a == Set {
			return ErrLocked
		}
		return nil
	}
	if err := s.Update(ctx, r.Credential, func(r *Registration) { r.Hidden = true }); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	must(t, s.Update(ctx, r.Credential, func(*Registration) {})) // writes nothing
	sameAfterRestart(t, s, k)
	if s.Registrations()[0].Hidden {
		t.Error("hidden in memory and not in the keyring")
	}
}

// An item of a build that knew none of Mode, Hidden and Unregister reads as before, and is written as before.
func TestItemsWithoutModeStayAsTheyAre(t *testing.T) {
	value, err := encodeRegistration(sampleRegistration(1, "x"))
	must(t, err)
	if strings.Contains(value, "mode") || strings.Contains(value, "hidden") || strings.Contains(value, "unregister") {
		t.Error(value)
	}
}

func TestNotify(t *testing.T) {
	ctx, s := t.Context(), open(t, &Memory{})
	seen := []int{}
	s.Notify(func() { seen = append(seen, len(s.Registrations())) })
	must(t, s.AddPhone(ctx, samplePhone(1)))
	r := sampleRegistration(1, samplePhone(1).ID)
	must(t, s.Add(ctx, r))
	must(t, s.Update(ctx, r.Credential, func(r *Registration) { r.Hidden = true }))
	must(t, s.Update(ctx, r.Credential, func(*Registration) {}))
	must(t, s.Remove(ctx, r.Credential))
	if d := cmp.Diff([]int{0, 1, 1, 0}, seen); d != "" {
		t.Error(d)
	}
}
