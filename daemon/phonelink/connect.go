package phonelink

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"tallykey/phone/link"
)

// maxIncoming is the size from which on a message closes the channel in the SCTP layer. It lies above link.MaxMessage so
// that a phone that is merely wrong hears so.
const maxIncoming = 2 * link.MaxMessage

// How long a phone's connectivity checks may be missing: browsers send one every two seconds or so.
const (
	weakAfter   = 6 * time.Second
	failedAfter = 20 * time.Second // more
)

// retransmitWithin is how long after a packet was lost it is sent again, each time. SCTP would wait twice as long with
// each loss, which is for a congested Internet; here it is a radio in the same house, and a person waits.
const retransmitWithin = time.Second

// handshakeAgain is when a handshake's packets are sent again that had no answer; each time after twice as long. The default
// of a second (RFC 6347 section 4.2.4.1) would be most of what a connection takes on a link that loses some; where the round
// trip is longer a few packets go out twice.
const handshakeAgain = 300 * time.Millisecond

// connect builds the WebRTC stack of a session. The phone made up our answer; here its offer is made up in turn, from
// the first packet.
func (l *Listener) connect(s *Session, p firstPacket, secret link.Secret) error {
	pc, err := l.newAPI(p, secret).NewPeerConnection(
		webrtc.Configuration{Certificates: []webrtc.Certificate{l.cfg.CertificateOf(s.peer)}})
	if err != nil {
		return fmt.Errorf("phonelink: %w", err)
	}
	yes, zero := true, uint16(0)
	dc, err := pc.CreateDataChannel("tallykey", &webrtc.DataChannelInit{Negotiated: &yes, ID: &zero})
	if err != nil {
		return errors.Join(err, pc.Close())
	}
	s.attach(pc, dc)
	if err := pc.SetRemoteDescription(offer(p)); err != nil {
		return fmt.Errorf("phonelink: offer: %w", err)
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return fmt.Errorf("phonelink: answer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(pc) // no network: the candidates are the socket we have
	if err := pc.SetLocalDescription(answer); err != nil {
		return fmt.Errorf("phonelink: answer: %w", err)
	}
	select {
	case <-gathered:
	case <-s.done:
	}
	return nil
}

func (l *Listener) newAPI(p firstPacket, secret link.Secret) *webrtc.API {
	var se webrtc.SettingEngine
	se.LoggerFactory = silent
	ufrag := p.ufrag.String()
	se.SetICECredentials(ufrag, secret.Password(ufrag))
	// Lite: we only answer checks. So we need not know the password of the phone's side, which a page can't choose.
	se.SetLite(true)
	se.SetICEUDPMux(wildcard{l.mux, l.conn.LocalAddr().(*net.UDPAddr)})
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	se.SetICETimeouts(weakAfter, failedAfter, 2*time.Second)
	se.SetSCTPRTOMax(retransmitWithin)
	if err := se.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		panic("phonelink: " + err.Error()) // a constant of the library
	}
	se.SetDTLSRetransmissionInterval(handshakeAgain)
	// The cookie exchange shows that the sender's address is no forgery. ICE has just shown that, with the secret.
	se.SetDTLSInsecureSkipHelloVerify(true)
	se.SetSCTPMaxMessageSize(maxIncoming)
	se.SetSCTPMaxReceiveBufferSize(4 * maxIncoming)
	return webrtc.NewAPI(webrtc.WithSettingEngine(se), webrtc.WithMediaEngine(&webrtc.MediaEngine{}),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{})) // no audio or video
}

// offer is what the phone would have sent. Its fingerprint comes out of the ufrag, which the first packet's integrity
// covers: the DTLS handshake fails with any other certificate.
func offer(p firstPacket) webrtc.SessionDescription {
	return webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: strings.Join([]string{
		"v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0",
		"m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:0",
		"a=ice-ufrag:" + p.remote,
		"a=ice-pwd:notusedbyaliteagent22", // at least 22 characters; a lite agent sends no checks
		"a=fingerprint:sha-256 " + colons(p.ufrag.Certificate[:]),
		"a=setup:actpass", "a=sctp-port:5000", fmt.Sprintf("a=max-message-size:%d", link.MaxMessage), ""}, "\r\n")}
}

// colons writes a hash as RFC 8122 section 5 has it.
func colons(hash []byte) string {
	return strings.ReplaceAll(strings.TrimSpace(fmt.Sprintf("% X", hash)), " ", ":")
}

// wildcard is the socket as ICE should see it: one candidate for each address family. Asked itself, the mux names every
// address of the machine, each of which would be the same socket again.
type wildcard struct {
	*ice.UDPMuxDefault
	local *net.UDPAddr
}

// GetListenAddresses implements ice.UDPMux.
func (w wildcard) GetListenAddresses() []net.Addr {
	if !w.local.IP.IsUnspecified() {
		return []net.Addr{w.local}
	}
	all := []net.Addr{&net.UDPAddr{IP: net.IPv4zero, Port: w.local.Port}}
	if w.local.IP.To4() == nil { // a socket on :: takes both families
		all = append(all, &net.UDPAddr{IP: net.IPv6zero, Port: w.local.Port})
	}
	return all
}
