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
	MethodCreate             = "webauthn.create"       // CreateParams -> webauthn.RegistrationResponse; answers when the person has
	MethodGet                = "webauthn.get"          // GetParams -> webauthn.AuthenticationResponse; likewise
	MethodCandidates         = "webauthn.candidates"   // GetParams -> []Registration that could answer it; raises no prompt
	MethodSignal             = "webauthn.signal"       // SignalParams -> nothing: what a website says of its credentials
	MethodSite               = "site"                  // SiteParams -> Site: what the extension's popup shows
	MethodBrowser            = "browser.hello"         // Browser -> nothing: the extension says that it is there
	MethodStatus             = "status"                // nothing -> Status
	MethodWatch              = "watch"                 // nothing -> Snapshot; from then on this connection gets Event
	MethodPair               = "pair"                  // nothing -> Pairing; ends an earlier one
	MethodPhones             = "phones.list"           // nothing -> []Phone
	MethodRenamePhone        = "phones.rename"         // Rename -> nothing: the desktop's own name for it
	MethodRemovePhone        = "phones.remove"         // ByID -> nothing; its registrations go too
	MethodRegistrations      = "registrations.list"    // nothing -> []Registration
	MethodRemoveRegistration = "registrations.remove"  // ByID (credential ID) -> Removed
	MethodRestore            = "registrations.restore" // ByID -> nothing: undoes what a website's signal hid
	MethodSetMode            = "registrations.mode"    // SetMode -> nothing: how the number is asked for
	MethodManage             = "registrations.manage"  // ByID -> Page: where the website lets people renew it
	MethodSettings           = "settings.get"          // nothing -> Settings
	MethodChangeSettings     = "settings.set"          // SettingsChange -> Settings
	MethodPauses             = "pauses.list"           // nothing -> []Pause
	MethodPause              = "pauses.add"            // AddPause -> Pause
	MethodResume             = "pauses.remove"         // SiteParams -> nothing; an empty origin is the pause for all
	MethodCancel             = "request.cancel"        // ByID -> nothing: the person closed the prompt
	MethodReport             = "request.report"        // ByID -> nothing: "This isn't me"
	MethodAnotherWay         = "request.anotherWay"    // ByID -> nothing: the browser's own WebAuthn takes over; not for a pairing
	MethodPainted            = "request.painted"       // ByID -> nothing: the window shows the request
	MethodActivity           = "activity.list"         // nothing -> []Activity, newest first
	MethodKeyring            = "keyring.status"        // nothing -> Keyring
	MethodUnlockKeyring      = "keyring.unlock"        // KeyringKey -> nothing: opens the encrypted file
	MethodLockKeyring        = "keyring.lock"          // nothing -> nothing: forgets its key and everything that was in it
	MethodStop               = "stop"                  // nothing -> nothing; the daemon ends
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

// Removed is a registration that is gone.
type Removed struct {
	// Website says whether the website has heard: WebsiteTold, WebsiteWaiting, WebsiteNotTold. Empty: it did not ask to hear.
	Website Code `json:"website,omitempty"`
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
	ID      string `json:"id"`
	Action  string `json:"action"` // "create", "get" or "pair"
	State   State  `json:"state"`
	Code    Code   `json:"code,omitempty"` // of State Ended
	Host    string `json:"host,omitempty"` // ASCII, with a port that isn't 443
	Domain  string `json:"domain,omitempty"`
	RPID    string `json:"rpId,omitempty"`
	Top     string `json:"top,omitempty"` // host of the page around the frame, where it differs
	Account string `json:"account,omitempty"`
	Browser string `json:"browser,omitempty"`
	Phone   string `json:"phone,omitempty"`  // name
	Number  string `json:"number,omitempty"` // in states Delivered and Answering only
	Mode    string `json:"mode,omitempty"`   // "choose", "type" or "approve"
	// Notified: in State Waiting, a push service has taken a message for the phone.
	Notified bool      `json:"notified,omitempty"`
	Started  time.Time `json:"started"`
	Expires  time.Time `json:"expires"` // counts from when it came onto the screen
}

// Phone is a paired phone.
type Phone struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	App           string    `json:"app"`
	Paired        time.Time `json:"paired"`
	KeyProtection string    `json:"keyProtection"`  // "prf", "device" or "pin", the weakest: the app's own PIN verifies the person
	Push          bool      `json:"push,omitempty"` // it can be woken by Web Push
	Connected     bool      `json:"connected"`
	LastSeen      time.Time `json:"lastSeen,omitzero"`
	Ends          time.Time `json:"ends,omitzero"` // when the pairing ends, where it does: pair again before, registrations stay
	Arrival       Arrival   `json:"arrival,omitzero"`
}

// Arrival is how a phone's last attempt to connect ended, since the phone link was opened.
type Arrival struct {
	Outcome string    `json:"outcome"`
	At      time.Time `json:"at"`
}

// Outcomes of an Arrival; Traffic has more of each.
const (
	CameThrough = "opened"
	CameLate    = "late"
	CameFailed  = "failed"
)

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
	LastUsed      time.Time `json:"lastUsed,omitzero"` // as far back as the activity log reaches
	Mode          string    `json:"mode,omitempty"`    // "type": the number must be typed; empty: three to choose from
	Hidden        bool      `json:"hidden,omitempty"`  // the website said that it does not take it any more
}

// Rename gives a phone another name on this desktop; an empty one brings back the phone's own.
type Rename struct {
	ID   string `json:"id"`
	Name string `json:"name"` // at most 64 bytes, printable
}

// SetMode says how a registration asks for the number: "choose" or "type".
type SetMode struct {
	ID   string `json:"id"`
	Mode string `json:"mode"`
}

// Page is an address to open in a browser.
type Page struct {
	URL string `json:"url"`
}

// SignalParams are what a website says of its credentials: WebAuthn section 5.1.10. The daemon hides a registration that
// is no longer accepted and never deletes one, so that a hostile script on a website can be undone.
type SignalParams struct {
	Caller
	Kind    string          `json:"kind"`    // "unknownCredential", "allAcceptedCredentials" or "currentUserDetails"
	Options json.RawMessage `json:"options"` // the dictionary of that signal, bytes as base64url
}

// SiteParams names a website by its origin.
type SiteParams struct {
	Origin string `json:"origin"`
}

// Site is what is known of one website.
type Site struct {
	Registrations []Registration `json:"registrations"` // those that its origin may use, hidden ones too
	Pause         *Pause         `json:"pause,omitempty"`
	Last          *Activity      `json:"last,omitempty"` // its newest end
}

// Pause is a time in which no prompt is raised: requests go to the browser's own WebAuthn.
type Pause struct {
	Origin string    `json:"origin,omitempty"` // empty: every website
	Until  time.Time `json:"until,omitzero"`   // zero: until it is removed
}

// AddPause begins a pause, or changes the one for the same origin.
type AddPause struct {
	Origin  string `json:"origin,omitempty"`
	Seconds int    `json:"seconds,omitempty"` // 0: until it is removed; at most a year
}

// Settings are the person's choices on this desktop.
type Settings struct {
	StartAtLogin bool     `json:"startAtLogin"`
	WebPush      bool     `json:"webPush"`     // wake an absent phone through its push service
	TypeNumbers  bool     `json:"typeNumbers"` // the number must be typed for every registration
	Trial        bool     `json:"trial"`       // serve the phone app from this desktop, without a trusted certificate
	Interfaces   []string `json:"interfaces"`  // names of the network interfaces for phones; none: all that fit
}

// SettingsChange changes what is not null.
type SettingsChange struct {
	StartAtLogin *bool     `json:"startAtLogin,omitempty"`
	WebPush      *bool     `json:"webPush,omitempty"`
	TypeNumbers  *bool     `json:"typeNumbers,omitempty"`
	Trial        *bool     `json:"trial,omitempty"`
	Interfaces   *[]string `json:"interfaces,omitempty"`
}

// Browser is an extension that has said hello, with the time of its last word.
type Browser struct {
	Name      string    `json:"name"`      // "Firefox"
	Extension string    `json:"extension"` // version of the extension
	Seen      time.Time `json:"seen,omitzero"`
}

// Trial is the phone app as this desktop serves it, and what the browser's warning should show.
type Trial struct {
	URL         string `json:"url"`
	Fingerprint string `json:"fingerprint"` // SHA-256 of the certificate, as pairs of hexadecimal digits
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
	Settings      Settings  `json:"settings"`
	Pauses        []Pause   `json:"pauses"`
	Browsers      []Browser `json:"browsers"`
	Trial         *Trial    `json:"trial,omitempty"`
	Traffic       Traffic   `json:"traffic"`
	MovedFrom     int       `json:"movedFrom,omitempty"` // the UDP port that phones knew, where another program had it at the start
	LinkEnds      time.Time `json:"linkEnds,omitzero"`   // when the first of the pairings ends, with its certificate; zero: none does
	Process       Process   `json:"process"`
}

// Process is what the daemon holds inside itself: what the operating system can't count.
type Process struct {
	Goroutines int   `json:"goroutines"`
	Heap       int64 `json:"heap"` // bytes of live objects, and of dead ones that were not swept yet
}

// Traffic counts the first packets of connections at the UDP port since the phone link was opened, by what became of them.
// Each that did not open was met with silence. It tells which part of the way from a phone is broken.
type Traffic struct {
	Noise   int64 `json:"noise"`   // of no phone
	Late    int64 `json:"late"`    // of a phone whose clock differs by more than link.MaxClockDifference
	Unknown int64 `json:"unknown"` // of a pairing that this desktop does not have, or with a wrong password
	Failed  int64 `json:"failed"`  // proven, but the connection never opened: answers do not reach the phone
	Opened  int64 `json:"opened"`
	Opening int   `json:"opening"` // now

	LastUnknown time.Time `json:"lastUnknown,omitzero"` // when Unknown grew
}

// Kinds of a Keyring.
const (
	KeyringOfDesktop = "os"
	KeyringInFile    = "file"
)

// Keyring says where phones and registrations are kept.
type Keyring struct {
	Kind   string `json:"kind"`             // "os": the desktop's own keyring; "file": an encrypted file
	Folder string `json:"folder,omitempty"` // of the file
	Part
}

// KeyringKey opens the encrypted file: the key itself and not the passphrase, which stays with the program that asked
// the person for it.
type KeyringKey struct {
	Key string `json:"key"`
}

// Snapshot is the first answer to Watch.
type Snapshot struct {
	Requests []Request `json:"requests"` // the one on the screen first
	Phones   []Phone   `json:"phones"`
}

// Event says what changed; exactly one member is set.
type Event struct {
	Request       *Request        `json:"request,omitempty"`
	Phones        *[]Phone        `json:"phones,omitempty"`
	Registrations *[]Registration `json:"registrations,omitempty"`
	Pauses        *[]Pause        `json:"pauses,omitempty"`
	Settings      *Settings       `json:"settings,omitempty"`
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
	// Registration is the credential ID, base64url, of what was made, used or chosen; empty where there was none yet.
	Registration string `json:"registration,omitempty"`
}
