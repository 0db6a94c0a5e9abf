package registration

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/phone/link"
)

func samplePush(n int) link.PushSubscription {
	return link.PushSubscription{Endpoint: fmt.Sprintf("https://push.example/%d", n), P256DH: bytes.Repeat([]byte{4}, 65),
		Auth: bytes.Repeat([]byte{1}, 16), VAPID: bytes.Repeat([]byte{byte(n)}, 32)}
}

func TestPushSubscriptions(t *testing.T) {
	for kind, k := range memories() {
		s, one, two := open(t, k), samplePhone(1), samplePhone(2)
		ctx := t.Context()
		if err := s.SetPush(ctx, one.ID, samplePush(1)); !errors.Is(err, ErrPhoneUnknown) {
			t.Errorf("%s: got %v, want ErrPhoneUnknown", kind, err)
		}
		must(t, s.RemovePush(ctx, one.ID))
		must(t, s.AddPhone(ctx, one))
		must(t, s.AddPhone(ctx, two))
		must(t, s.SetPush(ctx, one.ID, samplePush(1)))
		must(t, s.SetPush(ctx, two.ID, samplePush(2)))
		must(t, s.SetPush(ctx, one.ID, samplePush(3)))
		for _, s := range []*Store{s, open(t, k)} {
			hasPush(t, s, one.ID, 3)
			hasPush(t, s, two.ID, 2)
		}
		must(t, s.RemovePush(ctx, two.ID))
		must(t, s.RemovePhone(ctx, one.ID))
		for _, s := range []*Store{s, open(t, k)} {
			hasPush(t, s, one.ID, 0)
			hasPush(t, s, two.ID, 0)
		}
		for name := range k.Items() {
			if strings.HasPrefix(name, pushPrefix) {
				t.Errorf("%s: %s is left", kind, name)
			}
		}
	}
}

// hasPush compares with samplePush(n); 0 is none.
func hasPush(t *testing.T, s *Store, phone string, n int) {
	t.Helper()
	got, ok := s.Push(phone)
	if ok != (n != 0) {
		t.Errorf("%s: subscription there: %t", phone, ok)
	} else if d := cmp.Diff(samplePush(n), got); ok && d != "" {
		t.Errorf("%s: %s", phone, d)
	}
}

func TestTheLongestSubscriptionFits(t *testing.T) {
	s := open(t, &Memory{})
	must(t, s.AddPhone(t.Context(), samplePhone(1)))
	sub := samplePush(1)
	sub.Endpoint = "https://" + strings.Repeat("é", (link.MaxEndpoint-8)/2)
	must(t, s.SetPush(t.Context(), samplePhone(1).ID, sub))
	sub.Endpoint = strings.Repeat("x", MaxItem)
	if err := s.SetPush(t.Context(), samplePhone(1).ID, sub); !errors.Is(err, ErrFailed) {
		t.Errorf("got %v, want ErrFailed", err)
	}
}

// Killed after any write, a phone has the old subscription or the new one, and no subscription is left without its
// phone once the next change was made.
func TestPushKilledAfterAnyWrite(t *testing.T) {
	for kind := range memories() {
		for writes := 0; pushKilledAfter(t, kind, writes); writes++ {
			if writes > 100 {
				t.Fatal("the history has no end")
			}
		}
	}
}

func pushKilledAfter(t *testing.T, kind string, writes int) bool {
	t.Helper()
	k, one, ctx := memories()[kind], samplePhone(1), t.Context()
	k.CrashAfter(writes)
	s := open(t, k)
	steps := []func() error{
		func() error { return s.AddPhone(ctx, one) },
		func() error { return s.SetPush(ctx, one.ID, samplePush(1)) },
		func() error { return s.SetPush(ctx, one.ID, samplePush(2)) },
		func() error { return s.RemovePhone(ctx, one.ID) },
	}
	crashed := false
	for _, step := range steps {
		if err := step(); err != nil && !errors.Is(err, ErrCrashed) {
			t.Fatal(err)
		} else if err != nil {
			crashed = true
			break
		}
	}
	if _, err := k.Get(ctx, identityName); errors.Is(err, ErrCrashed) {
		crashed = true
	}
	k.Restart()
	s = open(t, k)
	must(t, s.SetIdentity(ctx, sampleIdentity()))
	if _, paired := s.Phone(one.ID); !paired {
		if _, left := k.Items()[pushName(one.ID)]; left {
			t.Errorf("%s, killed after %d writes: a subscription without its phone", kind, writes)
		}
	}
	return crashed
}

// A subscription whose phone has gone is swept away, and one whose phone's item a later version wrote is not.
func TestSubscriptionsWithoutTheirPhone(t *testing.T) {
	k, ctx := &Memory{}, t.Context()
	s := open(t, k)
	for n := 1; n <= 2; n++ {
		must(t, s.AddPhone(ctx, samplePhone(n)))
		must(t, s.SetPush(ctx, samplePhone(n).ID, samplePush(n)))
	}
	must(t, k.Delete(ctx, phoneName(samplePhone(1).ID)))
	must(t, k.Set(ctx, phoneName(samplePhone(2).ID), `{"v":2}`))
	must(t, open(t, k).SetIdentity(ctx, sampleIdentity()))
	if _, ok := k.Items()[pushName(samplePhone(1).ID)]; ok {
		t.Error("it is still there")
	}
	if _, ok := k.Items()[pushName(samplePhone(2).ID)]; !ok {
		t.Error("a later version's is gone")
	}
}

func TestAFailedSubscriptionIsNone(t *testing.T) {
	for kind, k := range memories() {
		for _, applied := range []bool{false, true} {
			s, one := open(t, k), samplePhone(1)
			if _, ok := s.Phone(one.ID); !ok {
				must(t, s.AddPhone(t.Context(), one))
			}
			must(t, s.SetPush(t.Context(), one.ID, samplePush(1)))
			fault := func(a Access, name string) error {
				if a == Set && name == pushName(one.ID) {
					return ErrFailed
				}
				return nil
			}
			if applied {
				k.After = fault
			} else {
				k.Before = fault
			}
			if err := s.SetPush(t.Context(), one.ID, samplePush(2)); !errors.Is(err, ErrFailed) {
				t.Errorf("%s: got %v, want ErrFailed", kind, err)
			}
			k.Before, k.After = nil, nil
			hasPush(t, s, one.ID, 0)
			hasPush(t, open(t, k), one.ID, 0)
		}
	}
}

func TestTrialIsKept(t *testing.T) {
	for kind, k := range memories() {
		s := open(t, k)
		if _, ok := s.Trial(); ok {
			t.Errorf("%s: there is one before it was made", kind)
		}
		want := Trial{CertificatePEM: []byte("certificate\nkey\n"), Port: 47114}
		must(t, s.SetTrial(t.Context(), want))
		for _, s := range []*Store{s, open(t, k)} {
			if got, ok := s.Trial(); !ok || !cmp.Equal(want, got) {
				t.Errorf("%s: got %+v, %t", kind, got, ok)
			}
		}
	}
}

func FuzzDecodePush(f *testing.F) {
	f.Add(pushName("k3yqh5m2z7wabcd4"), `{"v":1,"phone":"k3yqh5m2z7wabcd4","endpoint":"https://push.example"}`)
	f.Fuzz(func(t *testing.T, name, value string) {
		if i, ok := decodePush(name, value); ok && (name != pushName(i.Phone) || i.Endpoint == "") {
			t.Errorf("%q from %q under %q", i.Phone, value, name)
		}
	})
}
