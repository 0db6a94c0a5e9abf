package link

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
)

// Action is what a request asks the person for.
type Action string

// The actions.
const (
	Pair   Action = "pair"   // let this desktop raise requests on this phone
	Create Action = "create" // make a registration with a website: WebAuthn create()
	Get    Action = "get"    // sign in to a website: WebAuthn get()
)

// Mode is how the person shows that they see the desktop's number.
type Mode string

// The modes.
const (
	Choose Mode = "choose" // tap one of three
	Type   Mode = "type"   // type two digits
	// Approve shows no number: approve or deny, as a second factor after a password. For Get only, and only where the
	// website asked for it.
	Approve Mode = "approve"
)

// KeyProtection is how the phone keeps a registration's private key.
type KeyProtection string

// The ways of keeping a key.
const (
	PRF    KeyProtection = "prf"    // stored encrypted; only the platform credential's PRF output opens it
	Device KeyProtection = "device" // stored as a key that can't be exported; user verification is checked by the desktop
	// PIN is for a phone app that has no platform credential, because its page is not from a trusted host: keys are stored
	// encrypted under a key derived from the app's own PIN, which is also what verifies the person.
	PIN KeyProtection = "pin"
)

// Bytes travel as base64url without padding.
type Bytes []byte

// MarshalText implements encoding.TextMarshaler.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(B64.EncodeToString(b)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Bytes) UnmarshalText(t []byte) (err error) {
	*b, err = decode64(string(t))
	return err
}

// Message is one message of either side.
type Message interface {
	// Type is the message's name on the wire.
	Type() string
	check() error
}

// Messages of the phone.
type (
	// Hello opens a session of a paired phone. Signature is the device key's over HelloProof, as r and s of 32 bytes each.
	Hello struct {
		V         int    `json:"v"`
		Phone     string `json:"phone"`
		Name      string `json:"name"`
		App       string `json:"app"` // product and version: "web/0.1.0"
		Signature Bytes  `json:"signature"`
	}
	// PairWith opens a session on a pairing link. Origin is the phone app's: the platform credential is bound to it.
	PairWith struct {
		V      int    `json:"v"`
		Name   string `json:"name"`
		App    string `json:"app"`
		Origin string `json:"origin"`
	}
	// Received says that the phone has a request and shows it. The desktop shows the number only then.
	Received struct {
		ID string `json:"id"`
	}
	// Number is the person's choice. The first one counts.
	Number struct {
		ID         string `json:"id"`
		Number     string `json:"number"`
		Credential string `json:"credential,omitempty"` // Get: which of the accounts
	}
	// PRFOutput answers a request with PRF for a credential that can: one result for each salt, 32 bytes each, none where
	// the request had no salts. WebAuthn section 10.1.4.
	PRFOutput struct {
		Results []Bytes `json:"results,omitempty"`
	}
	// Answer is the person's approval. Verification is the platform credential's answer as WebAuthn JSON
	// (AuthenticationResponseJSON, or RegistrationResponseJSON for a Pair that made the credential) without client
	// extension results: PRF output must not leave the phone. DeviceSignature is the device key's over the approval's challenge. Signatures are r and s.
	Answer struct {
		ID                string          `json:"id"`
		Credential        string          `json:"credential,omitempty"`
		Verification      json.RawMessage `json:"verification"`
		DeviceSignature   Bytes           `json:"deviceSignature"`
		AuthenticatorData Bytes           `json:"authenticatorData,omitempty"` // Create, Get
		Signature         Bytes           `json:"signature,omitempty"`         // Get: the registration's, for the website
		DeviceKey         Bytes           `json:"deviceKey,omitempty"`         // Pair: SubjectPublicKeyInfo, P-256
		PlatformKey       Bytes           `json:"platformKey,omitempty"`       // Pair by an assertion: its COSE_Key
		KeyProtection     KeyProtection   `json:"keyProtection,omitempty"`     // Create; Pair: what the phone will use
		PRF               *PRFOutput      `json:"prf,omitempty"`               // Create, Get: where Request.PRF asked for it
	}
	// Decline ends a request from the phone. Code is one of DeclineCodes.
	Decline struct {
		ID   string `json:"id"`
		Code string `json:"code"`
	}
)

// Registrations is what the phone holds for the desktop, told after each Welcome with Sync in as many messages as it
// takes; all but the last say More. The desktop takes over the items it does not know and drops what it holds for the
// phone and is not told of.
type (
	// Registrations is one page.
	Registrations struct {
		Items []Registration `json:"items"`
		// Kept are credentials whose key the phone has without knowing more: not confirmed yet, or from an early version.
		Kept []string `json:"kept,omitempty"`
		More bool     `json:"more,omitempty"`
	}
	// Registration is one account at one relying party.
	Registration struct {
		Credential    string        `json:"credential"`
		RPID          string        `json:"rpId"`
		UserID        Bytes         `json:"userId"`
		Name          string        `json:"name"`
		DisplayName   string        `json:"displayName"`
		PublicKey     Bytes         `json:"publicKey"` // COSE_Key: ES256 on P-256 or EdDSA on Ed25519
		KeyProtection KeyProtection `json:"keyProtection"`
		Created       int64         `json:"created"` // milliseconds since 1970
		// Unregister is Request.Unregister of the request that made it; none where there was none.
		Unregister Bytes `json:"unregister,omitempty"`
	}
	// Goodbye says that the person removed this desktop on the phone. The desktop forgets the phone and answers Refused.
	Goodbye struct{}
)

// PushSubscription lets a desktop wake the phone by Web Push (RFC 8030, 8291, 8292) while it is away. The phone has one
// subscription and makes the VAPID key pair for it; each of its desktops gets both, and a removed desktop is shut out by
// a new pair. Without an endpoint it takes back the earlier one.
type PushSubscription struct {
	Endpoint string `json:"endpoint,omitempty"` // https URL of the push service
	P256DH   Bytes  `json:"p256dh,omitempty"`   // the user agent's public key, 65 bytes
	Auth     Bytes  `json:"auth,omitempty"`     // 16 bytes
	VAPID    Bytes  `json:"vapid,omitempty"`    // private key on P-256, 32 bytes
}

// DeclineCodes are the outcomes that a phone may end a request with. options_unsupported: it can make a key of none of
// Request.Algorithms.
var DeclineCodes = []string{"declined", "reported", "verification_failed", "key_gone", "no_screen_lock", "options_unsupported", "phone_storage_failed"}

// Messages of the desktop.
type (
	// Welcome answers Hello. The phone replaces what it knew of the desktop's name, port and addresses.
	Welcome struct {
		V         int          `json:"v"`
		Desktop   string       `json:"desktop"`
		Name      string       `json:"name"`
		Port      uint16       `json:"port"`
		Addresses []netip.Addr `json:"addresses"`
		Sync      bool         `json:"sync,omitempty"` // the desktop takes Registrations, Forget and Goodbye
		Push      bool         `json:"push,omitempty"` // the desktop would wake this phone, and takes a PushSubscription
		// Ends is when the certificate ends that this phone knows the desktop by, in milliseconds since 1970; 0: never. Then
		// the pairing ends, and the person pairs again before.
		Ends int64 `json:"ends,omitempty"`
	}
	// Account is one registration that the request can be answered with.
	Account struct {
		Credential  string `json:"credential"`
		Name        string `json:"name"`
		DisplayName string `json:"displayName,omitempty"`
		UserID      Bytes  `json:"userId,omitempty"` // Create: the website's, for the phone to tell other desktops
		// PRF are the one or two salts for this account: SHA-256 of "WebAuthn PRF", a zero byte and the website's input.
		PRF []Bytes `json:"prf,omitempty"`
	}
	// Request asks the person. The phone shows Origin's host and believes nothing else about the website: it refuses a
	// request whose ClientData names another origin or, without Related, whose RPID is no suffix of the host.
	Request struct {
		ID          string    `json:"id"`
		Action      Action    `json:"action"`
		Origin      string    `json:"origin,omitempty"`
		Domain      string    `json:"domain,omitempty"` // the registrable domain in Origin's host, to be set in bold
		RPID        string    `json:"rpId,omitempty"`
		Accounts    []Account `json:"accounts,omitempty"` // Get: at least one; Create: exactly one, without credential
		Browser     string    `json:"browser,omitempty"`
		Mode        Mode      `json:"mode"`
		Numbers     []string  `json:"numbers,omitempty"` // Choose: three
		SecondsLeft int       `json:"secondsLeft"`
		ClientData  Bytes     `json:"clientDataJSON,omitempty"`
		// Algorithms are for Create what the website takes, as COSE algorithm identifiers in its order; none means ES256.
		Algorithms []int64 `json:"algorithms,omitempty"`
		// NumberMatch says that the website asked for the extension: authenticatorData ends with NumberMatchOutput.
		NumberMatch bool `json:"numberMatch,omitempty"`
		PRF         bool `json:"prf,omitempty"` // the website asked for the prf extension
		// Related says that RPID is no suffix of Origin's host and lists Origin as its own (WebAuthn section 5.11). The
		// desktop has seen the list; the relying party sees Origin in what is signed, and decides.
		Related bool `json:"related,omitempty"`
		// Unregister is for Create, where the website asked for the extension of this name: the token of RemovalToken bytes
		// whose hash the website gets. The phone keeps it with the registration and tells it to its other desktops, so that
		// each of them can have the website remove what the person removed.
		Unregister Bytes `json:"unregister,omitempty"`
	}
	// NumberRight says that the number matched; the desktop now waits for Answer.
	NumberRight struct {
		ID string `json:"id"`
	}
	// Ended says how a request ended; the code is a row of the code table.
	Ended struct {
		ID   string `json:"id"`
		Code string `json:"code"`
	}
	// Paired ends pairing: from now on the phone connects with Secret and says Hello as Phone.
	Paired struct {
		ID     string `json:"id"`
		Phone  string `json:"phone"`
		Secret Bytes  `json:"secret"`
	}
	// Refused ends a session before it began: another version, a phone that was removed. The connection closes.
	Refused struct {
		Code string `json:"code"`
	}
)

// Messages of both sides.
type (
	// Ping asks for a Pong with the same N. Either side sends it when it needs to know that the other is there.
	Ping struct {
		N int `json:"n"`
	}
	// Pong answers Ping.
	Pong struct {
		N int `json:"n"`
	}
	// Forget says that a registration was removed; the other side removes it too. The phone answers the desktop's with the
	// same once the key is gone. A desktop says it only to a phone that told its Registrations on this connection. A phone
	// says it only of what the person has removed, here or on another desktop, and again before its Registrations.
	Forget struct {
		Credential string `json:"credential"`
	}
)

// Type implements Message.
func (*Hello) Type() string { return "hello" }

// Type implements Message.
func (*PairWith) Type() string { return "pairWith" }

// Type implements Message.
func (*Received) Type() string { return "received" }

// Type implements Message.
func (*Number) Type() string { return "number" }

// Type implements Message.
func (*Answer) Type() string { return "answer" }

// Type implements Message.
func (*Decline) Type() string { return "decline" }

// Type implements Message.
func (*Welcome) Type() string { return "welcome" }

// Type implements Message.
func (*Request) Type() string { return "request" }

// Type implements Message.
func (*NumberRight) Type() string { return "numberRight" }

// Type implements Message.
func (*Ended) Type() string { return "ended" }

// Type implements Message.
func (*Paired) Type() string { return "paired" }

// Type implements Message.
func (*Refused) Type() string { return "refused" }

// Type implements Message.
func (*Ping) Type() string { return "ping" }

// Type implements Message.
func (*Pong) Type() string { return "pong" }

// Type implements Message.
func (*Registrations) Type() string { return "registrations" }

// Type implements Message.
func (*Forget) Type() string { return "forget" }

// Type implements Message.
func (*Goodbye) Type() string { return "goodbye" }

// Type implements Message.
func (*PushSubscription) Type() string { return "pushSubscription" }

func blank(name string) Message {
	all := []Message{new(Hello), new(PairWith), new(Received), new(Number), new(Answer), new(Decline), new(Welcome),
		new(Request), new(NumberRight), new(Ended), new(Paired), new(Refused), new(Ping), new(Pong), new(Registrations),
		new(Forget), new(Goodbye), new(PushSubscription)}
	i := slices.IndexFunc(all, func(m Message) bool { return m.Type() == name })
	if i < 0 {
		return nil
	}
	return all[i]
}

// Encode writes a message as one JSON object whose first member is its type. It fails with ErrMessage if the message
// breaks a limit, so that neither side sends what the other must refuse.
func Encode(m Message) ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, malformed("%s: %v", m.Type(), err)
	}
	head := `{"type":"` + m.Type() + `",`
	if string(body) == "{}" {
		head = strings.TrimSuffix(head, ",")
	}
	out := append([]byte(head), bytes.TrimPrefix(body, []byte("{"))...)
	if len(out) > MaxMessage {
		return nil, malformed("%s of %d bytes", m.Type(), len(out))
	}
	return out, nil
}

// Decode reads one message. Members it does not know are ignored, so that a later version can add some; everything
// else that is wrong is ErrMessage.
func Decode(data []byte) (Message, error) {
	if len(data) > MaxMessage {
		return nil, malformed("%d bytes", len(data))
	}
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, malformed("not a JSON object")
	}
	m := blank(head.Type)
	if m == nil {
		return nil, malformed("type %.32q", head.Type)
	}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, malformed("%s: %v", head.Type, err)
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}
