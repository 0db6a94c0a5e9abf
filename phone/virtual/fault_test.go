package virtual_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

// What a desktop hears of each fault. It ends every request itself where the phone does not.
func TestFaults(t *testing.T) {
	d, x := newDesk(t), newPerson()
	x.answers = make(chan virtual.Decision)
	approve := func(f virtual.Fault) { x.answers <- virtual.Decision{Kind: virtual.Approve, Number: "26", Fault: f} }
	go func() {
		for range 2 { // to pair, to register
			approve(virtual.NoFault)
		}
	}()
	p := x.phone(t)
	phone := d.pair(p)
	run(t, p)
	d.next("up")
	credential := link.B64.EncodeToString(d.register(phone).ID)
	for _, c := range []struct {
		fault virtual.Fault
		says  []string // after received; the desktop says numberRight after the last number
	}{
		{virtual.NoFault, []string{"number", "answer"}},
		{virtual.EarlyAnswer, []string{"answer"}},
		{virtual.OtherNumber, []string{"number", "answer"}},
		{virtual.TwoNumbers, []string{"number", "number", "answer"}},
		{virtual.DoubleAnswer, []string{"number", "answer", "answer"}},
		{virtual.BadSignature, []string{"number", "answer"}},
		{virtual.Replay, []string{"number", "answer"}},
		{virtual.DropAnswer, []string{"number"}},
		{virtual.Reconnect, []string{"number?", "down", "up", "received", "number", "answer"}},
		{virtual.Malformed, []string{"number", "down", "up"}},
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			d.t = t
			r := getRequest(credential)
			d.send(phone, r)
			d.next("received")
			approve(c.fault)
			d.follow(phone, r, c.says)
			d.send(phone, &link.Ended{ID: r.ID, Code: "cancelled_on_desktop"})
			for e := x.until(t, virtual.Ended); e.ID != r.ID; e = x.until(t, virtual.Ended) {
			}
		})
	}
}

// follow hears what the phone is expected to say, and says what a desktop does: that the last number is right, and the
// request again on a new connection. What has a "?" may be lost: a connection broke right behind it.
func (d *desk) follow(phone string, r *link.Request, says []string) {
	d.t.Helper()
	for len(says) > 0 {
		what := d.any().what
		if want, mayBeLost := strings.CutSuffix(says[0], "?"); mayBeLost && what != want {
			says = says[1:]
		}
		if what != strings.TrimSuffix(says[0], "?") {
			d.t.Fatalf("the phone: %s, want %v", what, says)
		}
		says = says[1:]
		switch what {
		case "up":
			d.next("received") // the phone asks what became of the request
			d.send(phone, r)
		case "number":
			if !slices.Contains(says, "number") {
				d.send(phone, &link.NumberRight{ID: r.ID})
			}
		}
	}
}

// A phone that vanished says nothing at all, and is back when the request's time is over.
func TestVanish(t *testing.T) {
	d, x := newDesk(t), newPerson()
	x.answers = make(chan virtual.Decision, 1)
	x.answers <- virtual.Decision{Kind: virtual.Approve, Number: "26"}
	p := x.phone(t)
	phone := d.pair(p)
	run(t, p)
	d.next("up")
	x.answers <- virtual.Decision{Kind: virtual.Approve, Number: "26", Fault: virtual.Vanish}
	r := createRequest()
	r.SecondsLeft = 2
	d.send(phone, r)
	d.next("received")
	d.next("number")
	d.hub.Heartbeat(phone, 50*time.Millisecond, 200*time.Millisecond)
	d.next("down") // the pings have no answer
	d.hub.Heartbeat(phone, 0, 0)
	d.next("up")
}

func TestParseFault(t *testing.T) {
	for _, f := range virtual.Faults {
		if got, err := virtual.ParseFault(string(f)); got != f || err != nil {
			t.Errorf("%s: %q, %v", f, got, err)
		}
	}
	if _, err := virtual.ParseFault("no-fault"); err == nil {
		t.Error("no error")
	}
}
