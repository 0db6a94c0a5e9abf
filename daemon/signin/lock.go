package signin

import "tallykey/daemon/api"

// Nobody answers for a desktop whose screen is locked: who taps a number then can't have read it there. So a request that
// begins while the screen is locked ends before anybody is asked, and one that is pending when the screen locks ends at
// once on every part. Both end with api.DesktopLocked, which does not fall through: the browser's own prompt would stand
// on the same locked screen.

// ScreenLocked says that the screen has just been locked; Config.Locked must say so already. Every prompt ends, a pairing
// too.
func (e *Engine) ScreenLocked() {
	for _, p := range e.all() {
		p.give(desktopEnd{api.DesktopLocked})
	}
}

// all lists every prompt there is.
func (e *Engine) all() []*prompt {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := append([]*prompt(nil), e.queue...)
	if e.pairing != nil {
		all = append(all, e.pairing)
	}
	return all
}

// refusedByLock ends a prompt that nobody has seen where the screen is locked. It stands in the activity log (see noteRefusal) and
// is shown nowhere. The prompt must be in the queue already: then either this or ScreenLocked finds it, whichever order the two
// come in.
func (p *prompt) refusedByLock() error {
	if !p.engine.cfg.Locked() {
		return nil
	}
	close(p.over)
	p.mu.Lock()
	p.view.State, p.view.Code = api.Ended, api.DesktopLocked
	p.detail = "it began while the screen was locked"
	p.mu.Unlock()
	p.engine.noteRefusal(p.activity())
	p.engine.leave(p)
	return &api.Error{Code: api.DesktopLocked, Detail: p.detail}
}
