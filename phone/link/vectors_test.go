package link

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// vectors is testdata/vectors.json: values that were computed by another program from the descriptions in this package.
// The phone app's tests read the same file.
type vectors struct {
	Ufrag []struct {
		Name                        string
		Secret, Random, Certificate Bytes
		Time                        int64
		Ufrag, Password             string
		Tag, HelloProof             Bytes
	}
	BadUfrag []struct{ Name, Ufrag string }
	Offer    []struct {
		Name, App, Link string
		Offer           struct {
			Desktop, Name       string
			Port                uint16
			Addresses           []netip.Addr
			Certificate, Secret Bytes
		}
	}
	BadOffer []struct{ Name, Link string }
	Approval []struct {
		Name     string
		Approval struct {
			Request, Desktop, Origin, RPID, Credential, Account, Number string
			Action                                                      Action
			Payload                                                     Bytes
		}
		Challenge Bytes
	}
	ID []struct {
		Name         string
		Random       Bytes
		ID, Hostname string
	}
	NumberMatch []struct {
		Name          string
		Mode          Mode
		KeyProtection KeyProtection
		Output        Bytes
	}
}

func readVectors(t testing.TB) (v vectors) {
	t.Helper()
	readJSON(t, "vectors.json", &v)
	return v
}

func readJSON(t testing.TB, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

func TestUfragVectors(t *testing.T) {
	for _, v := range readVectors(t).Ufrag {
		t.Run(v.Name, func(t *testing.T) {
			s, now := Secret(v.Secret), time.Unix(v.Time, 0)
			u := NewUfrag(s, now, [8]byte(v.Random), [sha256.Size]byte(v.Certificate))
			if diff := cmp.Diff(v.Ufrag, u.String()); diff != "" {
				t.Errorf("user name fragment (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]byte(v.Tag), u.Tag[:]); diff != "" {
				t.Errorf("tag (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(v.Password, s.Password(v.Ufrag)); diff != "" {
				t.Errorf("password (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]byte(v.HelloProof), HelloProof(u)); diff != "" {
				t.Errorf("proof of hello (-want +got):\n%s", diff)
			}
			parsed, err := ParseUfrag(v.Ufrag)
			if err != nil || parsed != u {
				t.Errorf("ParseUfrag: %v, %v", parsed, err)
			}
			if !parsed.Time().Equal(now) {
				t.Errorf("time %v, want %v", parsed.Time(), now)
			}
		})
	}
}

func TestOwns(t *testing.T) {
	all := readVectors(t).Ufrag
	for _, v := range all {
		u, err := ParseUfrag(v.Ufrag)
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range all {
			if got, want := Secret(other.Secret).Owns(u), other.Name == v.Name; got != want {
				t.Errorf("secret of %q owns fragment of %q: %v", other.Name, v.Name, got)
			}
		}
	}
}

func TestFresh(t *testing.T) {
	made := time.Unix(1795000000, 0)
	u := NewUfrag(make(Secret, PhoneSecretBytes), made, [8]byte{}, [sha256.Size]byte{})
	for _, c := range []struct {
		name  string
		after time.Duration
		want  bool
	}{
		{"same second", 0, true},
		{"the phone's clock is late, in bounds", MaxClockDifference, true},
		{"the phone's clock is late", MaxClockDifference + time.Second, false},
		{"the phone's clock is early, in bounds", -MaxClockDifference, true},
		{"the phone's clock is early", -MaxClockDifference - time.Second, false},
		{"years", 1 << 62, false},
	} {
		if got := u.Fresh(made.Add(c.after)); got != c.want {
			t.Errorf("%s: fresh is %v", c.name, got)
		}
	}
}

func TestBadUfrag(t *testing.T) {
	for _, v := range readVectors(t).BadUfrag {
		if u, err := ParseUfrag(v.Ufrag); !errors.Is(err, ErrUfrag) || u != (Ufrag{}) {
			t.Errorf("%s: %v, %v", v.Name, u, err)
		}
	}
}

func TestOfferVectors(t *testing.T) {
	for _, v := range readVectors(t).Offer {
		t.Run(v.Name, func(t *testing.T) {
			want := Offer{Desktop: v.Offer.Desktop, Name: v.Offer.Name, Port: v.Offer.Port, Addresses: v.Offer.Addresses,
				Certificate: [sha256.Size]byte(v.Offer.Certificate), Secret: Secret(v.Offer.Secret)}
			app, err := url.Parse(v.App)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(v.Link, want.Link(app)); diff != "" {
				t.Errorf("link (-want +got):\n%s", diff)
			}
			fragment := v.Link[len(v.App)+1:]
			for _, text := range []string{v.Link, fragment, "#" + fragment} {
				got, err := ParseOffer(text)
				if err != nil {
					t.Fatalf("ParseOffer: %v", err)
				}
				if diff := cmp.Diff(want, got, compareAddr, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("offer (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestLinkReplacesFragment(t *testing.T) {
	v := readVectors(t).Offer[0]
	o, err := ParseOffer(v.Link)
	if err != nil {
		t.Fatal(err)
	}
	app, _ := url.Parse(v.App + "#old=1")
	if diff := cmp.Diff(v.Link, o.Link(app)); diff != "" {
		t.Errorf("link (-want +got):\n%s", diff)
	}
}

func TestBadOffer(t *testing.T) {
	for _, v := range readVectors(t).BadOffer {
		if _, err := ParseOffer(v.Link); !errors.Is(err, ErrOffer) {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
}

func TestApprovalVectors(t *testing.T) {
	for _, v := range readVectors(t).Approval {
		a := v.Approval
		got := Approval{Request: a.Request, Action: a.Action, Desktop: a.Desktop, Origin: a.Origin, RPID: a.RPID,
			Credential: a.Credential, Account: a.Account, Number: a.Number, Payload: a.Payload}.Challenge()
		if diff := cmp.Diff([]byte(v.Challenge), got[:]); diff != "" {
			t.Errorf("%s: challenge (-want +got):\n%s", v.Name, diff)
		}
	}
}

func TestIDVectors(t *testing.T) {
	for _, v := range readVectors(t).ID {
		if got := NewID([IDBytes]byte(v.Random)); got != v.ID || !ValidID(got) {
			t.Errorf("%s: id %q, want %q", v.Name, got, v.ID)
		}
		if got := Hostname(v.ID); got != v.Hostname {
			t.Errorf("%s: host name %q, want %q", v.Name, got, v.Hostname)
		}
	}
}

var compareAddr = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

func FuzzParseUfrag(f *testing.F) {
	v := readVectors(f)
	for _, u := range v.Ufrag {
		f.Add(u.Ufrag)
	}
	for _, u := range v.BadUfrag {
		f.Add(u.Ufrag)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseUfrag(s)
		if err == nil && u.String() != s {
			t.Errorf("%q reads as %q: a fragment has one spelling", s, u)
		}
		if err != nil && !errors.Is(err, ErrUfrag) {
			t.Errorf("error %v", err)
		}
	})
}

func FuzzParseOffer(f *testing.F) {
	v := readVectors(f)
	for _, o := range v.Offer {
		f.Add(o.Link)
	}
	for _, o := range v.BadOffer {
		f.Add(o.Link)
	}
	app := &url.URL{Scheme: "https", Host: "phone.contoso.example", Path: "/"}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := ParseOffer(s)
		if err != nil {
			if !errors.Is(err, ErrOffer) {
				t.Errorf("error %v", err)
			}
			return
		}
		again, err := ParseOffer(o.Link(app))
		if err != nil {
			t.Fatalf("own link %q: %v", o.Link(app), err)
		}
		if diff := cmp.Diff(o, again, compareAddr); diff != "" {
			t.Errorf("after a round trip (-want +got):\n%s", diff)
		}
	})
}

func TestNumberMatchOutput(t *testing.T) {
	all := readVectors(t).NumberMatch
	if len(all) < 4 {
		t.Fatalf("%d vectors", len(all))
	}
	for _, v := range all {
		if diff := cmp.Diff([]byte(v.Output), NumberMatchOutput(v.Mode, v.KeyProtection)); diff != "" {
			t.Errorf("%s:\n%s", v.Name, diff)
		}
	}
}
