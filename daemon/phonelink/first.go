package phonelink

import (
	"errors"
	"strings"

	"github.com/pion/stun/v4"

	"tallykey/phone/link"
)

// errNotFirst means that a packet is no STUN request of this protocol: the noise of the network.
var errNotFirst = errors.New("phonelink: not a first packet")

// firstPacket is the STUN binding request that begins a connection. Nothing in it is true before proves.
type firstPacket struct {
	raw    []byte
	ufrag  link.Ufrag // the desktop's side, chosen by the phone
	remote string     // user name fragment of the phone's side
	msg    *stun.Message
}

// parseFirst reads a packet of no known connection. It keeps no reference to data.
func parseFirst(data []byte) (firstPacket, error) {
	if len(data) > maxFirst || !stun.IsMessage(data) {
		return firstPacket{}, errNotFirst
	}
	msg := &stun.Message{Raw: append([]byte(nil), data...)}
	if msg.Decode() != nil || msg.Type != stun.BindingRequest {
		return firstPacket{}, errNotFirst
	}
	user, err := msg.Get(stun.AttrUsername)
	if err != nil {
		return firstPacket{}, errNotFirst
	}
	// RFC 8445 section 7.2.2: the receiver's fragment, a colon, the sender's.
	local, remote, _ := strings.Cut(string(user), ":")
	ufrag, err := link.ParseUfrag(local)
	if err != nil || !iceFragment(remote) {
		return firstPacket{}, errNotFirst
	}
	return firstPacket{raw: msg.Raw, ufrag: ufrag, remote: remote, msg: msg}, nil
}

// maxFirst bounds a first packet in bytes: a binding request with every attribute of RFC 8445 is under 300.
const maxFirst = 1500

// proves says whether the packet's MESSAGE-INTEGRITY was made with the secret. That is the moment from which on a
// sender is a phone and not a stranger.
func (p firstPacket) proves(s link.Secret) bool {
	return stun.NewShortTermIntegrity(s.Password(p.ufrag.String())).Check(p.msg) == nil
}

// iceFragment checks a user name fragment by RFC 8839 section 5.4. It goes into a session description, which a line
// break would extend.
func iceFragment(s string) bool {
	return len(s) >= 4 && len(s) <= 256 && strings.IndexFunc(s, notIceChar) < 0
}

func notIceChar(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && !(r >= '0' && r <= '9') && r != '+' && r != '/'
}
