package virtual

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tallykey/phone/link"
)

// Fault is something that a phone must not do, or can't help, and that a desktop must survive. It is for tests of
// desktops; it comes with a Decision to approve.
type Fault string

// The faults.
const (
	NoFault          Fault = ""
	DropAnswer       Fault = "drop-answer"          // the answer is never sent
	LateAnswer       Fault = "late-answer"          // the answer is sent when the request is over
	DoubleAnswer     Fault = "double-answer"        // the answer is sent twice
	EarlyAnswer      Fault = "early-answer"         // the answer is sent without a number
	OtherNumber      Fault = "wrong-number"         // another number is sent than the person chose
	TwoNumbers       Fault = "two-numbers"          // another number first, then the one that the person chose
	BadSignature     Fault = "bad-signature"        // the website's signature, or the pairing's device signature, is wrong
	BadDevice        Fault = "bad-device-signature" // the device key's signature is wrong
	BadVerification  Fault = "bad-verification"     // the platform credential's answer is for another challenge
	Vanish           Fault = "vanish"               // after the number the phone says and hears nothing until the request is over
	Reconnect        Fault = "reconnect"            // after the number the connection breaks; the phone comes back and goes on
	Replay           Fault = "replay"               // in place of the answer the one before it is sent, under the new request's id
	Malformed        Fault = "malformed"            // in place of the answer a text that is no message is sent
	Flood            Fault = "flood"                // a thousand messages are sent before the answer
	OtherCredential  Fault = "other-credential"     // the answer names a credential that was not asked for
	OtherRequest     Fault = "other-request"        // the answer is for a request that there is not
	Oversized        Fault = "oversized"            // in place of the answer one with a field that is longer than any may be
	OtherVersion     Fault = "other-version"        // in place of the answer a greeting of another version of the protocol
	floodSize              = 1000
	oversize               = 60_000 // bytes, below link.MaxMessage
	lateAnswerMargin       = 200 * time.Millisecond
)

// Faults are all faults but NoFault.
var Faults = []Fault{DropAnswer, LateAnswer, DoubleAnswer, EarlyAnswer, OtherNumber, TwoNumbers, BadSignature, BadDevice,
	BadVerification, Vanish, Reconnect, Replay, Malformed, Flood, OtherCredential, OtherRequest, Oversized, OtherVersion}

// ParseFault reads a fault; an empty text is none.
func ParseFault(s string) (Fault, error) {
	if f := Fault(s); f == NoFault || slices.Contains(Faults, f) {
		return f, nil
	}
	return "", fmt.Errorf("virtual: no fault %.32q", s)
}

// numbers are what the phone sends of the person's choice, in order.
func (f Fault) numbers(r *link.Request, chosen string) []string {
	switch f {
	case EarlyAnswer:
		return nil
	case OtherNumber:
		return []string{otherNumber(r, chosen)}
	case TwoNumbers:
		return []string{otherNumber(r, chosen), chosen}
	}
	return []string{chosen}
}

func otherNumber(r *link.Request, chosen string) string {
	for _, n := range append(slices.Clone(r.Numbers), "00", "99") {
		if n != chosen {
			return n
		}
	}
	return chosen
}

// spoil changes an answer after it was made.
func (f Fault) spoil(a, before *link.Answer) *link.Answer {
	bad := *a
	switch f {
	case BadSignature:
		if bad.DeviceSignature = flipped(a.DeviceSignature); len(a.Signature) > 0 {
			bad.DeviceSignature, bad.Signature = a.DeviceSignature, flipped(a.Signature)
		}
	case BadDevice:
		bad.DeviceSignature = flipped(a.DeviceSignature)
	case OtherCredential:
		bad.Credential = link.B64.EncodeToString(make([]byte, 16))
	case OtherRequest:
		bad.ID = link.B64.EncodeToString(make([]byte, 16))
	case Replay:
		if before != nil {
			bad = *before
			bad.ID = a.ID
		} else {
			bad.Verification = json.RawMessage(`{}`)
		}
	}
	return &bad
}

func flipped(signature link.Bytes) link.Bytes {
	out := slices.Clone(signature)
	out[len(out)-1] ^= 1
	return out
}

// disturb does what a fault does before the answer goes out.
func (p *prompt) disturb(f Fault) {
	switch f {
	case Flood:
		for range floodSize {
			p.line.send(&link.Received{ID: p.request.ID})
		}
	case Malformed:
		p.line.text(`{"type":"approve","id":"` + p.request.ID + `"}`)
	case Oversized:
		p.line.text(`{"type":"number","id":"` + p.request.ID + `","number":"` + strings.Repeat("0", oversize) + `"}`)
	case OtherVersion:
		p.line.text(`{"type":"hello","v":2,"phone":"aaaaaaaaaaaaaaaa","name":"phone","app":"test","signature":""}`)
	}
}

// deliver sends the answer, or what a fault makes of it.
func (p *prompt) deliver(f Fault, a *link.Answer) {
	bad := f.spoil(a, p.phone.answered(a))
	p.disturb(f)
	switch f {
	case DropAnswer, Malformed, LateAnswer, Oversized, OtherVersion:
		return
	case DoubleAnswer:
		p.say(bad)
	}
	p.say(bad)
}

// playDead says and hears nothing until the request's time is over.
func (p *prompt) playDead(ctx context.Context) ending {
	p.line.mute(1)
	defer p.line.mute(-1)
	<-ctx.Done()
	sleep(context.WithoutCancel(ctx), lateAnswerMargin)
	return ending{code: "phone_unreachable"}
}

// answered notes the newest answer and returns the one before it.
func (p *Phone) answered(a *link.Answer) (before *link.Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, p.last = p.last, a
	return before
}
