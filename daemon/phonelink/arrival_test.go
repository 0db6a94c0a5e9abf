package phonelink

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

// What one phone does says nothing of another.
func TestArrivalsAreOfEachPhone(t *testing.T) {
	r := newRecorder()
	d := newDesk(t, r)
	d.dial(t, peers[0])
	r.next(t, "opened")
	late := noon.Add(link.MaxClockDifference + time.Second)
	d.unhandled(first(t, d.secrets[peers[1]], late, d.secrets[peers[1]]), stranger)
	d.unhandled(first(t, d.secrets[peers[2]], late, d.secrets[peers[1]]), stranger) // says who it is and can't prove it
	got := map[string]api.Arrival{}
	for _, p := range peers[:4] {
		got[p] = d.LastArrival(p)
	}
	want := map[string]api.Arrival{peers[0]: {Outcome: api.CameThrough, At: noon}, peers[1]: {Outcome: api.CameLate, At: noon}, peers[2]: {}, peers[3]: {}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("arrivals (-want +got):\n%s", diff)
	}
	if at := d.LastUnknown(); !at.IsZero() {
		t.Errorf("unknown at %v", at)
	}
}

func TestLastArrivalCounts(t *testing.T) {
	r := newRecorder()
	d := newDesk(t, r)
	d.dial(t, peers[0])
	r.next(t, "opened")
	d.unhandled(first(t, d.secrets[peers[0]], noon.Add(time.Hour), d.secrets[peers[0]]), stranger)
	if got := d.LastArrival(peers[0]); got.Outcome != api.CameLate {
		t.Errorf("%+v after a late packet", got)
	}
	d.Forget(peers[0])
	if got := d.LastArrival(peers[0]); got != (api.Arrival{}) {
		t.Errorf("%+v of a phone that is forgotten", got)
	}
	secret := link.Secret("a secret that nobody here has got")
	d.unhandled(first(t, secret, noon, secret), stranger)
	if at := d.LastUnknown(); !at.Equal(noon) {
		t.Errorf("unknown at %v, want %v", at, noon)
	}
}

// A flood of late packets costs no search for each; a while later one is looked into again.
func TestLateFloodIsNotLookedInto(t *testing.T) {
	var a arrivals
	looks := func(at time.Time) (n int) {
		for range 1000 {
			if a.look(at) {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, lateBurst}, {latePeriod - 1, 0}, {latePeriod, 1}, {3 * latePeriod, 2}, {time.Hour, lateBurst}, {0, lateBurst}} {
		if n := looks(noon.Add(c.after)); n != c.want {
			t.Errorf("after %v: %d looks, want %d", c.after, n, c.want)
		}
	}
}
