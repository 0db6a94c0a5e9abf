package virtual

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"tallykey/phone/link"
)

// lastWord is how long the desktop's last word may take after the time is over, once the answer was sent.
const lastWord = 5 * time.Second

// prompt is one request and the person's answer to it.
type prompt struct {
	ceremony
	phone   *Phone
	request *link.Request
	desktop string // id
	line    *line
	in      chan link.Message // NumberRight, Ended, Paired

	mu   sync.Mutex // guards said
	said []link.Message
}

// say tells the desktop. What was said is said again when the desktop asks again, on a new connection.
func (p *prompt) say(m link.Message) {
	p.mu.Lock()
	p.said = append(p.said, m)
	p.mu.Unlock()
	p.line.send(m)
}

func (p *prompt) resume() {
	p.mu.Lock()
	said := slices.Clone(p.said)
	p.mu.Unlock()
	for _, m := range said {
		p.line.send(m)
	}
}

// ask says the first thing again, that the request is on the screen.
func (p *prompt) ask() {
	p.mu.Lock()
	said := slices.Clone(p.said[:min(len(p.said), 1)])
	p.mu.Unlock()
	for _, m := range said {
		p.line.send(m)
	}
}

// hear takes what the desktop says of this request.
func (p *prompt) hear(m link.Message) {
	select {
	case p.in <- m:
	default: // a desktop says three things of a request at most
	}
}

// ending is how a request ended.
type ending struct {
	code   string
	paired *link.Paired
	sure   bool // the desktop knows
}

// run takes the request to its end. The screen is the person's: one request at a time.
func (p *prompt) run(ctx context.Context, screen chan struct{}) ending {
	ctx, stop := context.WithTimeout(ctx, time.Duration(p.request.SecondsLeft)*time.Second)
	defer stop()
	for waits := true; waits; {
		select {
		case screen <- struct{}{}:
			defer func() { <-screen }()
			waits = false
		case m := <-p.in:
			if e, ok := endOf(m); ok {
				return e
			}
		case <-ctx.Done():
			return ending{code: "timed_out", sure: true}
		}
	}
	p.say(&link.Received{ID: p.request.ID})
	p.phone.notify(Event{Event: Requested, Desktop: p.desktop, ID: p.request.ID, Request: p.request})
	d, e := p.decide(ctx)
	if e != nil {
		return *e
	}
	return p.act(ctx, d)
}

// decide asks the person, until the request is over.
func (p *prompt) decide(ctx context.Context) (Decision, *ending) {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	decisions := make(chan Decision, 1)
	go func() { decisions <- p.phone.Decide(asking, p.request) }()
	for {
		select {
		case d := <-decisions:
			return d, nil
		case m := <-p.in:
			if e, ok := endOf(m); ok {
				return Decision{}, &e
			}
		case <-ctx.Done():
			return Decision{}, &ending{code: "timed_out", sure: true}
		}
	}
}

func (p *prompt) act(ctx context.Context, d Decision) ending {
	switch d.Kind {
	case Approve, FailVerification:
		return p.approve(ctx, d)
	case Report:
		return p.decline("reported")
	case Ignore:
		if _, e := p.wait(ctx); e != nil {
			return *e
		}
		return ending{code: "timed_out", sure: true}
	default: // an unknown decision must not count as yes
		return p.decline("declined")
	}
}

func (p *prompt) decline(code string) ending {
	p.say(&link.Decline{ID: p.request.ID, Code: code})
	return ending{code: code, sure: true}
}

func (p *prompt) approve(ctx context.Context, d Decision) ending {
	a, ok := p.account(d.Credential)
	if !ok || !offered(p.request, d.Number) {
		p.phone.Log.Warn("decision for what was not asked", "request", p.request.ID)
		return p.decline("declined")
	}
	if p.request.Mode != link.Approve {
		if e := p.choose(ctx, a, d); e != nil {
			return *e
		}
	}
	if d.Kind == FailVerification {
		return p.decline("verification_failed")
	}
	return p.answerWith(ctx, a, d)
}

// choose says the person's number and waits until it is found right; else it returns the end.
func (p *prompt) choose(ctx context.Context, a link.Account, d Decision) *ending {
	numbers := d.Fault.numbers(p.request, d.Number)
	for _, n := range numbers {
		p.say(&link.Number{ID: p.request.ID, Number: n, Credential: a.Credential})
	}
	switch d.Fault {
	case Vanish:
		e := p.playDead(ctx)
		return &e
	case Reconnect:
		p.line.cut()
	}
	if len(numbers) == 0 {
		return nil
	}
	right, e := p.wait(ctx)
	if e == nil && !right {
		e = &ending{code: "timed_out", sure: true}
	}
	return e
}

func (p *prompt) answerWith(ctx context.Context, a link.Account, d Decision) ending {
	answer, err := p.makeAnswer(a, d)
	if err != nil {
		p.phone.Log.Error("no answer", "request", p.request.ID, "err", err)
		if errors.Is(err, errKeyGone) {
			return p.decline("key_gone")
		}
		return p.decline("phone_storage_failed")
	}
	p.deliver(d.Fault, answer)
	if d.Fault == LateAnswer {
		defer p.line.send(answer)
	}
	if _, e := p.wait(ctx); e != nil {
		return *e
	}
	if errors.Is(ctx.Err(), context.Canceled) { // the phone is turned off
		return ending{code: "phone_unreachable"}
	}
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), lastWord)
	defer stop()
	if _, e := p.wait(late); e != nil {
		return *e
	}
	return ending{code: "phone_unreachable"}
}

// makeAnswer signs the approval twice, with the platform's credential for the person and the device key for the phone.
func (p *prompt) makeAnswer(a link.Account, d Decision) (*link.Answer, error) {
	approval, err := p.covers(a)
	if err != nil {
		return nil, err
	}
	approval.Request, approval.Action, approval.Desktop = p.request.ID, p.request.Action, p.desktop
	approval.Origin, approval.RPID, approval.Number = p.request.Origin, p.request.RPID, d.Number
	challenge := approval.Challenge()
	verified := challenge
	if d.Fault == BadVerification {
		verified[0] ^= 1
	}
	verification, err := p.verify(verified)
	if err != nil {
		return nil, err
	}
	device, err := p.key().sign(challenge[:])
	if err != nil {
		return nil, err
	}
	answer, err := p.answer(a)
	if err != nil {
		return nil, err
	}
	answer.ID, answer.Verification, answer.DeviceSignature = p.request.ID, verification, device
	return answer, nil
}

// wait returns when the number was right, or with the end, or with neither when ctx is over.
func (p *prompt) wait(ctx context.Context) (right bool, e *ending) {
	select {
	case m := <-p.in:
		if e, ok := endOf(m); ok {
			return false, &e
		}
		return true, nil
	case <-ctx.Done():
		return false, nil
	}
}

func endOf(m link.Message) (ending, bool) {
	switch m := m.(type) {
	case *link.Ended:
		// A desktop that was killed does not know any more what became of the request.
		return ending{code: m.Code, sure: m.Code != "request_unknown"}, true
	case *link.Paired:
		return ending{code: "paired", paired: m, sure: true}, true
	}
	return ending{}, false
}

func (p *prompt) account(credential string) (link.Account, bool) {
	all := p.accounts()
	i := slices.IndexFunc(all, func(a link.Account) bool { return a.Credential == credential })
	if credential == "" {
		i = 0
	}
	if i < 0 {
		return link.Account{}, false
	}
	return all[i], true
}
