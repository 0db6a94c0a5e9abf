package phonelink

import (
	"testing"

	"tallykey/phone/link"
)

// testRequest is a request as a desktop makes it.
func testRequest() *link.Request {
	return &link.Request{ID: testID, Action: link.Pair, Mode: link.Choose, Numbers: []string{"26", "07", "91"}, SecondsLeft: 60}
}

func TestAllowance(t *testing.T) {
	for _, c := range []struct {
		name string
		sent []link.Message
		want int // messages that are taken beyond the burst, while the clock stands still
	}{
		{"nothing sent", nil, 0},
		{"a request", []link.Message{testRequest()}, requestAllowance},
		{"a welcome", []link.Message{&link.Welcome{}}, welcomeAllowance},
		{"what needs no answer", []link.Message{&link.NumberRight{}, &link.Refused{}, &link.Pong{}, &link.Ended{Code: "approved"}}, 0},
		{"a ping and a removal", []link.Message{&link.Ping{}, &link.Forget{}}, 2},
		{"a new registration", []link.Message{&link.Ended{Code: "registered"}}, welcomeAllowance},
		{"more than anybody has to answer", repeat(testRequest(), 1000), maxAllowance},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r rate
			for _, m := range c.sent {
				r.expect(m)
			}
			n := 0
			for ; n <= 10_000 && r.allow(noon); n++ {
			}
			if n -= messageBurst; n != c.want {
				t.Errorf("%d messages, want %d", n, c.want)
			}
		})
	}
}

func repeat(m link.Message, n int) []link.Message {
	all := make([]link.Message, n)
	for i := range all {
		all[i] = m
	}
	return all
}

// A program signs in as fast as the link carries it, which no limit may end; the flood after it still ends. The desk's
// clock stands still, so nothing is forgiven for the time that passes.
func TestFastSignInsAreNoFlood(t *testing.T) {
	d := newHubDesk(t)
	c := d.up(t, peers[0], "phone")
	for range 200 {
		if err := d.hub.Send(peers[0], testRequest()); err != nil {
			t.Fatal(err)
		}
		receive[*link.Request](t, c)
		send(t, c, &link.Received{ID: testID})
		send(t, c, &link.Number{ID: testID, Number: "26"})
		send(t, c, &link.Decline{ID: testID, Code: "declined"})
		d.want(t, "received "+peers[0], "number "+peers[0], "decline "+peers[0])
	}
	go func() {
		for range maxAllowance + messageBurst + 1 {
			if c.Send(&link.Ping{N: 1}) != nil {
				return
			}
		}
	}()
	d.want(t, "down "+peers[0])
}
