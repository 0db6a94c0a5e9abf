// Package api is what the daemon offers to its clients on this machine: the extension (through the native messaging
// host), the window, the command line and tests. It is JSON-RPC 2.0, one JSON value a line, over a Unix socket that only
// the same user can open. Clients import this package and nothing else of the daemon.
//
// Any process of the user can reach the socket. So the socket can start a prompt, but never finish one: the phone shows
// who asks, and the person has the number.
package api

import (
	"encoding/json"
	"time"

	"tallykey/daemon/webauthn"
)

// Methods that clients call.
const (
	MethodCreate             = "webauthn.create"      // CreateParams -> webauthn.RegistrationResponse; answers when the person has
	MethodGet                = "webauthn.get"         // GetParams -> webauthn.AuthenticationResponse; likewise
	MethodStatus             = "status"               // nothing -> Status
	MethodWatch              = "watch"                // nothing -> Snapshot; from then on this connection gets Event
	MethodPair               = "pair"                 // nothing -> Pairing; ends an earlier one
	MethodPhones             = "phones.list"          // nothing -> []Phone
	MethodRemovePhone        = "phones.remove"        // ByID -> nothing; its registrations go too
	MethodRegistrations      = "registrations.list"   // nothing -> []Registration
	MethodRemoveRegistration = "registrations.remove" // ByID (credential ID) -> nothing
	MethodCancel             = "request.cancel"       // ByID -> nothing: the person closed the prompt
	MethodReport             = "request.report"       // ByID -> nothing: "This isn't me"
	MethodPainted            = "request.painted"      // ByID -> nothing: the window shows the request
	MethodActivity           = "activity.list"        // nothing -> []Activity, newest first
	MethodStop               = "stop"                 // nothing -> nothing; the daemon ends
)

// Notifications that the daemon pushes.
const (
	NotifyTaken = "webauthn.taken" // Taken: the daemon acts on the request; the browser's own WebAuthn must wait
	NotifyEvent = "event"          // Event
)

// A call is cancelled by MethodCancelCall; a
// connection that ends cancels all its calls.

// ErrorCode is the JSON-RPC error code of every failure in the code table; the error's data is ErrorData.
const ErrorCode = -32000

// ErrorData is the data member of a JSON-RPC error.
type ErrorData struct {
	Code        Code   `json:"code"`
	Error       string `json:"error,omitempty"` // DOMException name
	FallThrough bool   `json:"fallThrough,omitempty"`
	Request     string `json:"request,omitempty"` // the request's id, where there was one: it stands in the activity log
}

// Caller is who asks for a WebAuthn ceremony. The extension takes it from the browser's sender, never from the page.
type Caller struct {
	Origin      string `json:"origin"`                // of the frame: "https://login.example:8443"
	TopOrigin   string `json:"topOrigin,omitempty"`   // of the page, where the frame is of another origin
	CrossOrigin bool   `json:"crossOrigin,omitempty"` // an ancestor is of another origin
	Token       string `json:"token,omitempty"`       // the client's; comes back in Taken; at most 64 bytes
}

// CreateParams asks for a new registration.
type CreateParams struct {
	Caller
	Options json.RawMessage `json:"options"` // PublicKeyCredentialCreationOptionsJSON, WebAuthn section 5.1.8
}

// GetParams asks for an assertion.
type GetParams struct {
	Caller
	Options json.RawMessage `json:"options"` // PublicKeyCredentialRequestOptionsJSON
}

// The answers of the two ceremonies.
type (
	// CreateResult is RegistrationResponseJSON.
	CreateResult = webauthn.RegistrationResponse
	// GetResult is AuthenticationResponseJSON.
	GetResult = webauthn.AuthenticationResponse
)

// Taken tells the client that its request became a prompt.
type Taken struct {
	Token   string `json:"token"`
	Request string `json:"request"`
}

// ByID names a request, a phone or a registration.
type ByID struct {
	ID string `json:"id"`
}

// State is how far a request is. The zero value is not a state.
type State string

// The states in their order; Ended carries a Code.
const (
	Queued    State = "queued"    // another request is on the screen
	Waiting   State = "waiting"   // no phone has it yet; the number is not shown
	Delivered State = "delivered" // the phone shows it; the number is shown
	Answering State = "answering" // the number was right; the person confirms, the phone signs
	Ended     State = "ended"
)

// String implements fmt.Stringer.
func (s State) String() string { return string(s) }

// Request is one prompt as the desktop shows it.
type Request struct {
	ID      string    `json:"id"`
	Action  string    `json:"action"` // "create", "get" or "pair"
	State   State     `json:"state"`
	Code    Code      `json:"code,omitempty"` // of State Ended
	Host    string    `json:"host,omitempty"` // ASCII, with a port that isn't 443
	Domain  string    `json:"domain,omitempty"`
	RPID    string    `json:"rpId,omitempty"`
	Top     string    `json:"top,omitempty"` // host of the page around the frame, where it differs
	Account string    `json:"account,omitempty"`
	Browser string    `json:"browser,omitempty"`
	Phone   string    `json:"phone,omitempty"`  // name
	Number  string    `json:"number,omitempty"` // in states Delivered and Answering only
	Mode    string    `json:"mode,omitempty"`   // "choose" or "type"
	Started time.Time `json:"started"`
	Expires time.Time `json:"expires"` // counts from when it came onto the screen
}

// Phone is a paired phone.
type Phone struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	App           string    `json:"app"`
	Paired        time.Time `json:"paired"`
	KeyProtection string    `json:"keyProtection"` // "prf" or "device"
	Connected     bool      `json:"connected"`
	LastSeen      time.Time `json:"lastSeen,omitzero"`
}

// Registration is one account at one website (or tenant) whose key is on a phone.
type Registration struct {
	ID            string    `json:"id"` // credential ID, base64url
	RPID          string    `json:"rpId"`
	Account       string    `json:"account"`
	DisplayName   string    `json:"displayName,omitempty"`
	Phone         string    `json:"phone"` // id
	PhoneName     string    `json:"phoneName"`
	KeyProtection string    `json:"keyProtection"`
	Created       time.Time `json:"created"`
}

// Pairing is a pairing in progress: a Request of action "pair" with its link.
type Pairing struct {
	Request string    `json:"request"` // id
	Link    string    `json:"link"`    // holds a secret: show it, never log it
	Expires time.Time `json:"expires"`
}

// Part is the health of one part of the daemon.
type Part struct {
	State  string `json:"state"` // "ready", "starting", "absent" or "problem"
	Code   Code   `json:"code,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// Status is the daemon's own account of itself.
type Status struct {
	Version       string    `json:"version"`
	PID           int       `json:"pid"`
	Started       time.Time `json:"started"`
	Desktop       string    `json:"desktop"` // id; empty until the keyring was read
	Name          string    `json:"name"`
	Host          string    `json:"host"` // mDNS name
	Port          int       `json:"port"`
	Addresses     []string  `json:"addresses"`
	PhoneApp      string    `json:"phoneApp"`
	Phones        []Phone   `json:"phones"`
	Registrations int       `json:"registrations"`
	Request       *Request  `json:"request,omitempty"`
	Keyring       Part      `json:"keyring"`
	Link          Part      `json:"link"`
	Tray          Part      `json:"tray"`
	Notifications Part      `json:"notifications"`
	ScreenLock    Part      `json:"screenLock"` // absent: whether the screen is locked can't be known, and counts as not locked
}

// Snapshot is the first answer to Watch.
type Snapshot struct {
	Requests []Request `json:"requests"` // the one on the screen first
	Phones   []Phone   `json:"phones"`
}

// Event says what changed; exactly one member is set.
type Event struct {
	Request *Request `json:"request,omitempty"`
	Phones  *[]Phone `json:"phones,omitempty"`
}

// Activity is one request that ended.
type Activity struct {
	Request string    `json:"request"` // id: the correlation id on every part
	Time    time.Time `json:"time"`
	Action  string    `json:"action"`
	Code    Code      `json:"code"`
	Detail  string    `json:"detail,omitempty"`
	Origin  string    `json:"origin,omitempty"`
	RPID    string    `json:"rpId,omitempty"`
	Account string    `json:"account,omitempty"`
	Phone   string    `json:"phone,omitempty"` // id
	Browser string    `json:"browser,omitempty"`
	Millis  int64     `json:"millis"` // from request to end
}
