package signin

import "tallykey/daemon/api"

// Stop ends every prompt with why, on the phones too, takes no other, and returns when all have ended. Whoever stops the
// daemon, or takes its keyring away, calls it before the connections of clients and phones go: the end of a connection
// would be the page's end, or the phone's.
func (e *Engine) Stop(why api.Code) {
	e.mu.Lock()
	e.stopped = true
	e.mu.Unlock()
	for _, p := range e.all() {
		p.give(desktopEnd{why})
	}
	e.work.Wait()
}
