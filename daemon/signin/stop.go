package signin

import "tallykey/daemon/api"

// Stop ends every prompt with api.DaemonStopped, on the phones too, takes no other, and returns when all have ended. Whoever
// stops the daemon calls it before the connections of clients and phones go: the end of a connection would be the page's
// end, or the phone's.
func (e *Engine) Stop() {
	e.mu.Lock()
	e.stopped = true
	e.mu.Unlock()
	for _, p := range e.all() {
		p.give(desktopEnd{api.DaemonStopped})
	}
	e.work.Wait()
}
