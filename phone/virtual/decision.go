package virtual

import (
	"fmt"

	"tallykey/phone/link"
)

// Kind is what a person does with a request.
type Kind string

// The kinds.
const (
	Approve          Kind = "approve" // choose Number, where there is one to choose, and pass the screen lock
	Decline          Kind = "decline" // not now
	Report           Kind = "report"  // "This isn't me"
	FailVerification Kind = "fail"    // choose Number, then fail at the screen lock
	Ignore           Kind = "ignore"  // do nothing
)

// ParseKind reads a kind.
func ParseKind(s string) (Kind, error) {
	switch k := Kind(s); k {
	case Approve, Decline, Report, FailVerification, Ignore:
		return k, nil
	}
	return "", fmt.Errorf("virtual: no decision %.16q", s)
}

// Decision is a person's answer. Credential says which of several accounts; where it is empty the first one.
type Decision struct {
	Kind       Kind   `json:"decision"`
	Number     string `json:"number,omitempty"`
	Credential string `json:"credential,omitempty"`
	// Fault makes something go wrong with an approval.
	Fault Fault `json:"fault,omitempty"`
}

// What an Event can be.
const (
	Connected    = "connected"    // to a paired desktop
	Disconnected = "disconnected" // from it
	Refused      = "refused"      // by it; Code says why
	Requested    = "request"      // a request is on the screen
	Ended        = "ended"        // a request ended; Code says how
	Paired       = "paired"       // with a desktop
	Forgotten    = "forgotten"    // a registration, because a desktop said so
	Left         = "left"         // a desktop that was removed here has heard it
	Away         = "away"         // a desktop was not reached; Reason says why, as far as can be known
)

// Reasons of Away.
const (
	NoNetwork = "no_network" // the phone is on none
	NotFound  = "not_found"  // nothing is heard: the desktop is off, or on another network, or clients are kept apart
	// NoAnswer: the desktop announces itself and does not answer: a firewall, or an access point that keeps its clients apart.
	NoAnswer = "no_answer"
)

// Event is something that happened.
type Event struct {
	Event   string        `json:"event"`
	Desktop string        `json:"desktop,omitempty"` // id
	Name    string        `json:"name,omitempty"`    // of the desktop
	ID      string        `json:"id,omitempty"`      // of the request
	Request *link.Request `json:"request,omitempty"` // of Requested
	Code    string        `json:"code,omitempty"`    // row of the code table
	Reason  string        `json:"reason,omitempty"`  // of Away
	// Credential is the registration's, of Forgotten.
	Credential string `json:"credential,omitempty"`
}

// EndError is the end of a pairing that was not made, or of a session that a desktop refuses. Code is a row of the code
// table.
type EndError struct{ Code string }

// Error implements error.
func (e *EndError) Error() string { return "virtual: ended: " + e.Code }
