package signin

import (
	"context"
	"sync"
	"time"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

// ceremony is what a prompt is about. Its methods run on the prompt's own goroutine.
type ceremony interface {
	// describe fills in who asks for what, as far as it is known by now.
	describe(r *api.Request)
	// meet hears that a peer is there and returns what to ask it; nil if this peer can't answer.
	meet(up phoneUp) *link.Request
	// choose takes the account that the person chose with the number.
	choose(peer, credential string) error
	// accept verifies a peer's approval and completes the ceremony. Its error carries the code of the end.
	accept(ctx context.Context, peer, number string, a *link.Answer) (done, error)
	// mode says how the person shows that they see the number.
	mode() link.Mode
	// credential is the ID, in base64url, of the registration that this is about, once it is known.
	credential() string
	// holders lists the paired phones that could answer.
	holders() []string
}

// done is a ceremony that succeeded.
type done struct {
	code   api.Code
	result any
	last   link.Message // the phone's last message about it, in place of link.Ended
}

// event is something that happens to a prompt from outside.
type event interface{}

type (
	phoneUp struct {
		peer string
		with *link.PairWith // of OfferPeer
	}
	phoneDown struct{ peer string }
	fromPhone struct {
		peer string
		m    link.Message
	}
	desktopEnd struct{ code api.Code }
)

// prompt is one request. Only its own goroutine (run) changes it; mu lets others read what is shown.
type prompt struct {
	ceremony
	engine  *Engine
	id      string
	action  link.Action
	life    time.Duration // from the moment it comes onto the screen
	how     link.Mode
	number  challenge
	started time.Time

	turn  chan struct{} // closed when it comes onto the screen
	inbox chan event
	over  chan struct{} // closed when it ended

	expiry, gone *time.Timer
	asked, on    map[string]bool // peers that were sent the request; of them, those that show it
	claimed      string          // the peer whose person was the first to decide
	result       any
	detail       string
	unwoken      string // why an absent phone could not be woken

	mu   sync.Mutex
	view api.Request
}

// stopped is a timer that does not run yet.
func stopped() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

func (e *Engine) newPrompt(action link.Action, c ceremony, browser string) (*prompt, error) {
	id, err := newRequestID(e.cfg.Rand)
	if err != nil {
		return nil, err
	}
	mode := c.mode()
	number, err := newChallenge(e.cfg.Rand, mode)
	if err != nil {
		return nil, err
	}
	p := &prompt{ceremony: c, engine: e, id: id, action: action, life: link.RequestSeconds * time.Second,
		how: mode, number: number, started: time.Now(), turn: make(chan struct{}), inbox: make(chan event),
		over: make(chan struct{}), expiry: stopped(), gone: stopped(), asked: map[string]bool{}, on: map[string]bool{}}
	p.view = api.Request{ID: id, Action: string(action), State: api.Queued, Mode: string(p.how), Browser: browser,
		Started: p.started}
	p.describe(&p.view)
	return p, nil
}

// give hands an event to the prompt; false if it is over.
func (p *prompt) give(ev event) bool {
	select {
	case p.inbox <- ev:
		return true
	case <-p.over:
		return false
	}
}

// run takes the prompt to its end and returns the ceremony's result, or the end as *api.Error.
func (p *prompt) run(ctx context.Context) (any, error) {
	defer p.engine.leave(p)
	p.show()
	for turn := p.turn; p.view.State != api.Ended; {
		select {
		case <-turn:
			turn = nil
			p.begin()
		case ev := <-p.inbox:
			p.happen(ctx, ev)
		case <-p.expiry.C:
			p.end(p.lateCode(), p.lateDetail())
		case <-p.gone.C:
			p.end(api.PhoneUnreachable, "left in the middle")
		case <-ctx.Done():
			p.end(codeOf(ctx), "")
		}
	}
	if p.result == nil {
		return nil, &api.Error{Code: p.view.Code, Detail: p.detail}
	}
	return p.result, nil
}

// lateCode tells a phone that was never reached from a person who did not answer.
func (p *prompt) lateCode() api.Code {
	switch {
	case p.action == link.Pair:
		return api.PairingExpired
	case p.view.State == api.Waiting:
		return api.PhoneUnreachable
	}
	return api.TimedOut
}

// begin brings the prompt onto the screen and asks every phone that is there.
func (p *prompt) begin() {
	if p.engine.cfg.Locked() {
		p.end(api.DesktopLocked, "")
		return
	}
	p.expiry.Reset(p.life)
	p.change(func(r *api.Request) {
		r.State, r.Expires = api.Waiting, time.Now().Add(p.life)
	})
	for _, peer := range p.engine.cfg.Link.Connected() {
		p.ask(phoneUp{peer: peer})
	}
	p.wake()
}

func (p *prompt) happen(ctx context.Context, ev event) {
	if p.engine.cfg.Locked() {
		p.end(api.DesktopLocked, "") // the lock's own event may stand behind this one
		return
	}
	switch ev := ev.(type) {
	case phoneUp:
		p.ask(ev)
	case phoneDown:
		p.lost(ev.peer)
		p.wake()
	case woken:
		p.notified(ev)
	case desktopEnd:
		p.end(ev.code, "on the desktop")
	case fromPhone:
		if p.asked[ev.peer] {
			p.hear(ctx, ev.peer, ev.m)
		}
	}
}

// ask sends the request to a peer, if it can answer and the prompt is on the screen.
func (p *prompt) ask(up phoneUp) {
	if p.view.State == api.Queued || p.claimed != "" && p.claimed != up.peer {
		return
	}
	r := p.meet(up)
	if r == nil {
		return
	}
	r.ID, r.Action, r.Mode, r.Numbers = p.id, p.action, p.how, p.number.numbers
	left := min(time.Until(p.view.Expires), link.RequestSeconds*time.Second)
	r.SecondsLeft = max(int(left.Round(time.Second)/time.Second), 0)
	p.asked[up.peer] = true
	p.engine.send(up.peer, r)
}

// lost starts the clock on a phone that showed the request and is gone.
func (p *prompt) lost(peer string) {
	if !p.on[peer] {
		return
	}
	delete(p.on, peer)
	if len(p.on) == 0 || p.claimed == peer {
		p.gone.Reset(reconnectWithin + p.engine.cfg.Link.Return(peer))
	}
}

func (p *prompt) hear(ctx context.Context, peer string, m link.Message) {
	if p.claimed != "" && p.claimed != peer {
		return // it was told answered_elsewhere
	}
	switch m := m.(type) {
	case *link.Received:
		p.received(peer)
	case *link.Number:
		p.numbered(peer, m)
	case *link.Answer:
		p.answered(ctx, peer, m)
	case *link.Decline:
		p.end(api.Code(m.Code), "on the phone") // also from one that can't show it, and so never had it on its screen
	}
}

func (p *prompt) received(peer string) {
	p.gone.Stop()
	p.on[peer] = true
	p.engine.cfg.Link.Heartbeat(peer, heartbeat, heartbeatLimit)
	if p.view.State == api.Waiting {
		p.change(func(r *api.Request) {
			r.State, r.Number = api.Delivered, p.number.right
		})
	}
}

// numbered takes the first number that comes. A right one claims the request for its phone, which may say it again
// after it came back from a lost connection.
func (p *prompt) numbered(peer string, m *link.Number) {
	if p.view.State != api.Delivered && p.claimed != peer || !p.on[peer] {
		return
	}
	if p.how == link.Approve {
		p.end(api.MessageInvalid, "a number where none was asked for")
		return
	}
	if !p.number.matches(m.Number) {
		p.end(api.WrongNumber, "")
		return
	}
	if p.claim(peer, m.Credential) {
		p.engine.send(peer, &link.NumberRight{ID: p.id})
	}
}

// claim gives the request to the phone whose person was the first to decide; false if that ended it.
func (p *prompt) claim(peer, credential string) bool {
	p.claimed = peer
	if err := p.choose(peer, credential); err != nil {
		p.end(codeOfError(err), err.Error())
		return false
	}
	p.dismiss(peer, api.AnsweredElsewhere)
	p.change(func(r *api.Request) { r.State = api.Answering })
	return true
}

// answered takes the approval of the phone that has claimed the request. Where there is no number, the first phone that
// approves what is on its screen claims it by that.
func (p *prompt) answered(ctx context.Context, peer string, m *link.Answer) {
	if p.how == link.Approve && p.view.State == api.Delivered && p.on[peer] && !p.claim(peer, m.Credential) {
		return
	}
	if p.view.State != api.Answering || p.claimed != peer {
		return
	}
	d, err := p.accept(ctx, peer, p.number.right, m)
	if err != nil {
		p.end(codeOfError(err), err.Error())
		return
	}
	p.result = d.result
	if d.last != nil {
		p.engine.finish(peer, p.id, d.last)
		delete(p.asked, peer) // it has its last word
		p.engine.cfg.Link.Heartbeat(peer, 0, 0)
	}
	p.end(d.code, "")
}

// dismiss tells every peer but one that the request is over for it.
func (p *prompt) dismiss(except string, code api.Code) {
	for peer := range p.asked {
		if peer == except {
			continue
		}
		p.engine.finish(peer, p.id, &link.Ended{ID: p.id, Code: string(code)})
		p.engine.cfg.Link.Heartbeat(peer, 0, 0)
		delete(p.asked, peer)
		delete(p.on, peer)
	}
}

// end is the only way out: phones, the log and the desktop learn the code, in this order.
func (p *prompt) end(code api.Code, detail string) {
	p.detail = detail
	p.expiry.Stop()
	p.gone.Stop()
	p.dismiss("", code) // before the prompt is over: a phone that speaks of one that is hears its end
	close(p.over)
	p.change(func(r *api.Request) { r.State, r.Code, r.Number = api.Ended, code, "" })
}

// change alters what is shown and shows it.
func (p *prompt) change(f func(*api.Request)) {
	p.mu.Lock()
	f(&p.view)
	p.view.Notified = p.view.Notified && p.view.State == api.Waiting
	p.describe(&p.view)
	ended := p.view.State == api.Ended
	p.mu.Unlock()
	if ended {
		p.engine.cfg.Journal.Append(p.activity())
	}
	p.show()
}

func (p *prompt) show() { p.engine.cfg.Show(p.shown()) }

// shown is the prompt as the desktop shows it.
func (p *prompt) shown() api.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.view
}

func (p *prompt) activity() api.Activity {
	r := p.shown()
	a := api.Activity{Request: p.id, Time: time.Now(), Action: r.Action, Code: r.Code, Detail: p.detail, RPID: r.RPID,
		Account: r.Account, Phone: p.claimed, Browser: r.Browser, Millis: time.Since(p.started).Milliseconds(),
		Registration: p.credential()}
	if r.Host != "" {
		a.Origin = r.Host
	}
	return a
}
