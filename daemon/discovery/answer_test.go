package discovery

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"
)

var (
	host = dnsmessage.MustNewName("tk-abcdefghij234567.local.")
	ours = []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}
)

func ask(name string, kind dnsmessage.Type, class dnsmessage.Class) dnsmessage.Question {
	return dnsmessage.Question{Name: dnsmessage.MustNewName(name), Type: kind, Class: class}
}

func pack(t testing.TB, m dnsmessage.Message) []byte {
	t.Helper()
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func asking(all ...dnsmessage.Question) dnsmessage.Message {
	return dnsmessage.Message{Header: dnsmessage.Header{ID: 7}, Questions: all}
}

// summary is a message as a line for each record: section, type, address, class, TTL.
func summary(t testing.TB, packet []byte) string {
	t.Helper()
	var m dnsmessage.Message
	if err := m.Unpack(packet); err != nil {
		t.Fatal(err)
	}
	var lines []string
	if len(m.Questions) > 0 {
		lines = append(lines, fmt.Sprintf("id %d, %d questions", m.ID, len(m.Questions)))
	}
	for _, section := range []struct {
		name string
		all  []dnsmessage.Resource
	}{{"answer", m.Answers}, {"additional", m.Additionals}} {
		for _, r := range section.all {
			lines = append(lines, section.name+" "+resource(r))
		}
	}
	return strings.Join(lines, "\n")
}

func resource(r dnsmessage.Resource) string {
	class := "keep"
	if r.Header.Class&topBit != 0 {
		class = "flush"
	}
	switch b := r.Body.(type) {
	case *dnsmessage.AResource:
		return fmt.Sprint("A ", netip.AddrFrom4(b.A), " ", class, " ", r.Header.TTL)
	case *dnsmessage.AAAAResource:
		return fmt.Sprint("AAAA ", netip.AddrFrom16(b.AAAA), " ", class, " ", r.Header.TTL)
	case *dnsmessage.UnknownResource:
		return fmt.Sprintf("%d %x %s %d", b.Type, b.Data[len(b.Data)-6:], class, r.Header.TTL)
	}
	return fmt.Sprint(r.Header.Type)
}

// answering is a question, what the host has, and what it says.
type answering struct {
	name    string
	message dnsmessage.Message
	addrs   []netip.Addr
	legacy  bool
	unicast bool
	want    string // empty: no answer
}

func questions() []answering {
	in, qu := dnsmessage.ClassINET, dnsmessage.ClassINET|topBit
	a, aaaa := dnsmessage.TypeA, dnsmessage.TypeAAAA
	me := host.String()
	return []answering{
		{"A", asking(ask(me, a, in)), ours, false, false,
			"answer A 192.0.2.1 flush 10\nadditional AAAA 2001:db8::1 flush 10"},
		{"AAAA", asking(ask(me, aaaa, in)), ours, false, false,
			"answer AAAA 2001:db8::1 flush 10\nadditional A 192.0.2.1 flush 10"},
		{"both", asking(ask(me, a, in), ask(me, aaaa, in)), ours, false, false,
			"answer A 192.0.2.1 flush 10\nanswer AAAA 2001:db8::1 flush 10"},
		{"any", asking(ask(me, typeAny, classAny)), ours, false, false,
			"answer A 192.0.2.1 flush 10\nanswer AAAA 2001:db8::1 flush 10"},
		{"by unicast", asking(ask(me, a, qu)), ours[:1], false, true, "answer A 192.0.2.1 flush 10"},
		{"one by unicast, one not", asking(ask(me, a, qu), ask(me, aaaa, in)), ours[:1], false, false,
			"answer A 192.0.2.1 flush 10\nanswer 47 000440000000 flush 10"},
		{"no IPv6 here", asking(ask(me, aaaa, in)), ours[:1], false, false,
			"answer 47 000440000000 flush 10\nadditional A 192.0.2.1 flush 10"},
		{"no IPv4 here", asking(ask(me, a, in)), ours[1:], false, false,
			"answer 47 000400000008 flush 10\nadditional AAAA 2001:db8::1 flush 10"},
		{"in capitals", asking(ask(strings.ToUpper(me), a, in)), ours[:1], false, false, "answer A 192.0.2.1 flush 10"},
		{"from a resolver", asking(ask(me, a, in)), ours[:1], true, false,
			"id 7, 1 questions\nanswer A 192.0.2.1 keep 10"},
		{"among others", asking(ask("printer.local.", a, in), ask(me, a, in)), ours[:1], false, false, "answer A 192.0.2.1 flush 10"},
		{"no address", asking(ask(me, a, in)), nil, false, false, ""},
		{"another host", asking(ask("tk-abcdefghij234568.local.", a, in)), ours, false, false, ""},
		{"below our name", asking(ask("a."+me, a, in)), ours, false, false, ""},
		{"PTR", asking(ask(me, dnsmessage.TypePTR, in)), ours, false, false, ""},
		{"another class", asking(ask(me, a, dnsmessage.ClassCHAOS)), ours, false, false, ""},
		{"an answer", dnsmessage.Message{Header: dnsmessage.Header{Response: true}, Questions: asking(ask(me, a, in)).Questions},
			ours, false, false, ""},
		{"another operation", dnsmessage.Message{Header: dnsmessage.Header{OpCode: 5}, Questions: asking(ask(me, a, in)).Questions},
			ours, false, false, ""},
		{"no question", dnsmessage.Message{}, ours, false, false, ""},
		{"knows it", knowing(asking(ask(me, a, in)), ours[0], 9), ours[:1], false, false, ""},
		{"knows it, not for long", knowing(asking(ask(me, a, in)), ours[0], 4), ours[:1], false, false,
			"answer A 192.0.2.1 flush 10"},
		{"knows another", knowing(asking(ask(me, a, in)), netip.MustParseAddr("192.0.2.9"), 9), ours[:1], false, false,
			"answer A 192.0.2.1 flush 10"},
		{"knows one of two", knowing(asking(ask(me, a, in), ask(me, aaaa, in)), ours[1], 9), ours, false, false,
			"answer A 192.0.2.1 flush 10"},
	}
}

func TestAnswer(t *testing.T) {
	me := host.String()
	for _, c := range questions() {
		t.Run(c.name, func(t *testing.T) {
			q, ok := parseQuestion(pack(t, c.message), me)
			var got string
			if ok {
				if q.unicast != c.unicast {
					t.Errorf("by unicast: %v", q.unicast)
				}
				if packet, ok := q.answer(host, c.addrs, c.legacy); ok {
					got = summary(t, packet)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func knowing(m dnsmessage.Message, a netip.Addr, ttl uint32) dnsmessage.Message {
	r := record(host, dnsmessage.ClassINET, a)
	r.Header.TTL = ttl
	m.Answers = append(m.Answers, r)
	return m
}

func TestParseQuestionLimits(t *testing.T) {
	me := host.String()
	if _, ok := parseQuestion(make([]byte, maxPacket+1), me); ok {
		t.Error("packet over the limit")
	}
	var many dnsmessage.Message
	for range maxQuestions {
		many.Questions = append(many.Questions, ask("printer.local.", dnsmessage.TypeA, dnsmessage.ClassINET))
	}
	many.Questions = append(many.Questions, ask(me, dnsmessage.TypeA, dnsmessage.ClassINET))
	if _, ok := parseQuestion(pack(t, many), me); ok {
		t.Error("question behind the limit")
	}
	good := pack(t, asking(ask(me, dnsmessage.TypeA, dnsmessage.ClassINET)))
	for n := range good {
		if _, ok := parseQuestion(good[:n], me); ok {
			t.Errorf("%d of %d bytes", n, len(good))
		}
	}
}

func TestAnnouncement(t *testing.T) {
	packet, ok := announcement(host, ours)
	if !ok {
		t.Fatal("nothing to announce")
	}
	if diff := cmp.Diff("answer A 192.0.2.1 flush 10\nanswer AAAA 2001:db8::1 flush 10", summary(t, packet)); diff != "" {
		t.Errorf("announcement (-want +got):\n%s", diff)
	}
	if _, ok := announcement(host, nil); ok {
		t.Error("announced no address")
	}
}

func TestBudget(t *testing.T) {
	var b budget
	now := time.Unix(1795000000, 0)
	for i := range answersAtOnce {
		if !b.take(now) {
			t.Fatalf("answer %d refused", i)
		}
	}
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{0, false}, {answerPeriod - 1, false}, {answerPeriod, true}, {answerPeriod, false}, {time.Hour, true}} {
		if got := b.take(now.Add(c.after)); got != c.want {
			t.Errorf("after %v: %v", c.after, got)
		}
	}
}

func FuzzResponder(f *testing.F) {
	in := dnsmessage.ClassINET
	f.Add(pack(f, asking(ask(host.String(), dnsmessage.TypeA, in))))
	f.Add(pack(f, asking(ask(host.String(), typeAny, in|topBit), ask("printer.local.", dnsmessage.TypePTR, in))))
	f.Add(pack(f, knowing(asking(ask(host.String(), dnsmessage.TypeAAAA, in)), ours[1], 9)))
	f.Add([]byte("hello"))
	f.Fuzz(func(t *testing.T, data []byte) {
		q, ok := parseQuestion(data, host.String())
		if !ok {
			return
		}
		if !q.a && !q.aaaa || len(q.asked) > maxQuestions || len(q.known) > maxKnown {
			t.Errorf("question %+v", q)
		}
		for _, legacy := range []bool{false, true} {
			packet, ok := q.answer(host, ours, legacy)
			if !ok {
				continue
			}
			var m dnsmessage.Message
			if err := m.Unpack(packet); err != nil || !m.Response || len(m.Answers)+len(m.Additionals) > 3 {
				t.Errorf("answer %+v, %v", m, err)
			}
		}
	})
}
