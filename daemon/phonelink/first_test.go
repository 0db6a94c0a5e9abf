package phonelink

import (
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/stun/v4"

	"tallykey/phone/link"
)

// first makes the first packet of a connection.
func first(t testing.TB, s link.Secret, at time.Time, password link.Secret) []byte {
	t.Helper()
	var random [8]byte
	rand.Read(random[:])
	u := link.NewUfrag(s, at, random, sha256.Sum256(random[:]))
	return packetOf(t, u.String()+":abcd", password.Password(u.String()))
}

func packetOf(t testing.TB, user, password string) []byte {
	t.Helper()
	m, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername(user),
		stun.NewShortTermIntegrity(password), stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	return m.Raw
}

var stranger = netip.MustParseAddrPort("127.0.0.1:9")

func TestFirstPackets(t *testing.T) {
	for _, c := range []struct {
		name string
		data func(d *desk) []byte
		want Stats
	}{
		{"good", func(d *desk) []byte { return first(t, d.secrets[peers[0]], noon, d.secrets[peers[0]]) },
			Stats{Accepted: 1, HalfOpen: 1}},
		{"nobody's tag", func(d *desk) []byte { s := link.Secret("nobody"); return first(t, s, noon, s) }, Stats{Unknown: 1}},
		{"wrong password", func(d *desk) []byte { return first(t, d.secrets[peers[0]], noon, d.secrets[peers[1]]) },
			Stats{WrongPassword: 1}},
		{"too old", func(d *desk) []byte {
			s := d.secrets[peers[0]]
			return first(t, s, noon.Add(-link.MaxClockDifference-time.Second), s)
		}, Stats{Stale: 1}},
		{"from the future", func(d *desk) []byte {
			s := d.secrets[peers[0]]
			return first(t, s, noon.Add(link.MaxClockDifference+time.Second), s)
		}, Stats{Stale: 1}},
		{"another protocol's fragment", func(*desk) []byte { return packetOf(t, "abcd:efgh", "password") }, Stats{Noise: 1}},
		{"no phone's fragment", func(d *desk) []byte { return packetOf(t, goodUfrag(d)+":", "password") }, Stats{Noise: 1}},
		{"line break in the phone's fragment", func(d *desk) []byte {
			return packetOf(t, goodUfrag(d)+":abcd\r\na=setup:active", "password")
		}, Stats{Noise: 1}},
		{"over a packet", func(d *desk) []byte { return append(first(t, nil, noon, nil), make([]byte, maxFirst)...) },
			Stats{Noise: 1}},
		{"not STUN", func(*desk) []byte { return []byte("hello") }, Stats{Noise: 1}},
		{"empty", func(*desk) []byte { return nil }, Stats{Noise: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, newRecorder())
			d.unhandled(c.data(d), stranger)
			if diff := cmp.Diff(c.want, d.Stats()); diff != "" {
				t.Errorf("stats (-want +got):\n%s", diff)
			}
		})
	}
}

func goodUfrag(d *desk) string {
	return link.NewUfrag(d.secrets[peers[0]], noon, [8]byte{1}, sha256.Sum256(nil)).String()
}

func TestFirstPacketOnce(t *testing.T) {
	d := newDesk(t, newRecorder())
	s := d.secrets[peers[0]]
	data := first(t, s, noon, s)
	for range 3 {
		d.unhandled(data, stranger)
	}
	if diff := cmp.Diff(Stats{Accepted: 1, Used: 2, HalfOpen: 1}, d.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func TestHalfOpenLimits(t *testing.T) {
	r := newRecorder()
	d := newDesk(t, r)
	for range maxHalfOpenPerPeer + 2 {
		d.unhandled(first(t, d.secrets[peers[0]], noon, d.secrets[peers[0]]), stranger)
	}
	want := Stats{Accepted: maxHalfOpenPerPeer, Capped: 2, HalfOpen: maxHalfOpenPerPeer}
	if diff := cmp.Diff(want, d.Stats()); diff != "" {
		t.Errorf("one peer (-want +got):\n%s", diff)
	}
	d.dial(t, peers[1]) // another phone is not locked out
	r.next(t, "opened")
	for _, p := range peers[1:] {
		for range maxHalfOpenPerPeer {
			d.unhandled(first(t, d.secrets[p], noon, d.secrets[p]), stranger)
		}
	}
	if got := d.Stats().HalfOpen; got != maxHalfOpen {
		t.Errorf("%d half-open connections, want %d", got, maxHalfOpen)
	}
}

func TestUsedIsBounded(t *testing.T) {
	all, s := used{}, make(link.Secret, link.PhoneSecretBytes)
	at := func(i int, made time.Time) link.Ufrag {
		return link.NewUfrag(s, made, [8]byte{byte(i), byte(i >> 8)}, [32]byte{})
	}
	for i := range maxUsed {
		if !all.take("a", at(i, noon), noon) {
			t.Fatalf("fragment %d refused", i)
		}
	}
	if all.take("a", at(maxUsed, noon), noon) {
		t.Error("no limit")
	}
	if !all.take("b", at(0, noon), noon) {
		t.Error("another peer is locked out")
	}
	later := noon.Add(link.MaxClockDifference + time.Second)
	if !all.take("a", at(0, later), later) {
		t.Error("old fragments are not forgotten")
	}
	if got := len(all["a"]); got != 1 {
		t.Errorf("%d remembered", got)
	}
}

// Whatever a stranger sends: no panic, no state, no answer (which only a session could send).
func FuzzUnhandled(f *testing.F) {
	d := newDesk(f, newRecorder())
	known := d.secrets[peers[0]]
	f.Add(first(f, known, noon, nil))
	f.Add(first(f, known, noon.Add(time.Hour), nil))
	f.Add(first(f, nil, noon, nil))
	f.Add(packetOf(f, goodUfrag(d)+":ab", "x"))
	f.Add(packetOf(f, ":", "x"))
	f.Add([]byte("hello"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d.unhandled(data, stranger)
		if st := d.Stats(); st.Accepted != 0 || st.HalfOpen != 0 {
			t.Errorf("stats %+v", st)
		}
	})
}
