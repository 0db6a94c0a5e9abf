package discovery

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// Limits of a question in mDNS.
const (
	maxPacket    = 9000 // bytes, RFC 6762 section 17
	maxQuestions = 64
	maxKnown     = 64
)

// hostTTL is how long a phone may keep our address, in seconds. RFC 6762 section 10 proposes 120 for host names; but
// an address that is out of date costs a person the wait of a whole sign-in.
const hostTTL = 10

// topBit of a class: in a question "answer by unicast, please", in an answer "forget others of this name and type".
const topBit = 1 << 15

const (
	typeNSEC dnsmessage.Type = 47
	typeAny  dnsmessage.Type = 255
	classAny                 = 255
)

// question is what a packet asks of our host name.
type question struct {
	a, aaaa bool
	unicast bool // all askers of this packet want that
	known   []netip.Addr
	id      uint16                // for an asker that is no mDNS querier
	asked   []dnsmessage.Question // likewise
}

// parseQuestion reads a packet from the network. host is our name, lower-case, with its final dot. It says false for
// everything that needs no answer.
func parseQuestion(packet []byte, host string) (q question, ok bool) {
	if len(packet) > maxPacket {
		return q, false
	}
	var p dnsmessage.Parser
	head, err := p.Start(packet)
	if err != nil || head.Response || head.OpCode != 0 {
		return q, false
	}
	q.id, q.unicast = head.ID, true
	for range maxQuestions {
		one, err := p.Question()
		if err == dnsmessage.ErrSectionDone {
			break
		}
		if err != nil {
			return q, false
		}
		q.add(one, host)
	}
	if !q.a && !q.aaaa || p.SkipAllQuestions() != nil {
		return q, false
	}
	return q, q.readKnown(&p, host)
}

func (q *question) add(one dnsmessage.Question, host string) {
	class := one.Class &^ topBit
	if class != dnsmessage.ClassINET && class != classAny || strings.ToLower(one.Name.String()) != host {
		return
	}
	switch one.Type {
	case dnsmessage.TypeA:
		q.a = true
	case dnsmessage.TypeAAAA:
		q.aaaa = true
	case typeAny:
		q.a, q.aaaa = true, true
	default:
		return
	}
	q.unicast = q.unicast && one.Class&topBit != 0
	q.asked = append(q.asked, one)
}

// readKnown reads what the asker knows already, RFC 6762 section 7.1.
func (q *question) readKnown(p *dnsmessage.Parser, host string) bool {
	for range maxKnown {
		head, err := p.AnswerHeader()
		if err == dnsmessage.ErrSectionDone {
			return true
		}
		if err != nil {
			return false
		}
		mine := strings.ToLower(head.Name.String()) == host && head.TTL >= hostTTL/2
		switch {
		case mine && head.Type == dnsmessage.TypeA:
			var r dnsmessage.AResource
			if r, err = p.AResource(); err == nil {
				q.known = append(q.known, netip.AddrFrom4(r.A))
			}
		case mine && head.Type == dnsmessage.TypeAAAA:
			var r dnsmessage.AAAAResource
			if r, err = p.AAAAResource(); err == nil {
				q.known = append(q.known, netip.AddrFrom16(r.AAAA))
			}
		default:
			err = p.SkipAnswer()
		}
		if err != nil {
			return false
		}
	}
	return true
}

// answer is the message for a question that came in on a network where we have addrs. legacy askers are no mDNS
// queriers but ordinary resolvers (RFC 6762 section 6.7). It says false where there is nothing to say.
func (q question) answer(host dnsmessage.Name, addrs []netip.Addr, legacy bool) ([]byte, bool) {
	m := dnsmessage.Message{Header: dnsmessage.Header{Response: true, Authoritative: true}}
	class := dnsmessage.ClassINET | topBit
	if legacy {
		m.ID, m.Questions, class = q.id, q.asked, dnsmessage.ClassINET
	}
	four, six := false, false
	for _, a := range addrs {
		asked := a.Is4() && q.a || a.Is6() && q.aaaa
		four, six = four || a.Is4(), six || a.Is6()
		if !asked {
			m.Additionals = append(m.Additionals, record(host, class, a)) // saves the next question
		} else if !slices.Contains(q.known, a) {
			m.Answers = append(m.Answers, record(host, class, a))
		}
	}
	if len(addrs) > 0 && (q.a && !four || q.aaaa && !six) {
		m.Answers = append(m.Answers, none(host, class, four, six))
	}
	if len(m.Answers) == 0 {
		return nil, false
	}
	out, err := m.Pack()
	return out, err == nil
}

// announcement tells a network all our addresses there, unasked, so that phones drop what they knew.
func announcement(host dnsmessage.Name, addrs []netip.Addr) ([]byte, bool) {
	return question{a: true, aaaa: true}.answer(host, addrs, false)
}

func record(host dnsmessage.Name, class dnsmessage.Class, a netip.Addr) dnsmessage.Resource {
	head := dnsmessage.ResourceHeader{Name: host, Class: class, TTL: hostTTL}
	if a.Is4() {
		head.Type = dnsmessage.TypeA
		return dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: a.As4()}}
	}
	head.Type = dnsmessage.TypeAAAA
	return dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}}
}

// none says that there is no address of a family, so that nobody waits for one: NSEC, RFC 6762 section 6.1.
func none(host dnsmessage.Name, class dnsmessage.Class, four, six bool) dnsmessage.Resource {
	var bits [4]byte // of types 0 to 31, RFC 4034 section 4.1.2
	if four {
		bits[0] |= 0x80 >> dnsmessage.TypeA
	}
	if six {
		bits[3] |= 0x80 >> (dnsmessage.TypeAAAA - 24)
	}
	data := append(wireName(host), 0, byte(len(bits)))
	return dnsmessage.Resource{
		Header: dnsmessage.ResourceHeader{Name: host, Type: typeNSEC, Class: class, TTL: hostTTL},
		Body:   &dnsmessage.UnknownResource{Type: typeNSEC, Data: append(data, bits[:]...)}}
}

// wireName writes a name uncompressed.
func wireName(n dnsmessage.Name) []byte {
	var out []byte
	for _, label := range strings.Split(strings.TrimSuffix(n.String(), "."), ".") {
		out = append(append(out, byte(len(label))), label...)
	}
	return append(out, 0)
}
