package service

import (
	"runtime/debug"
	"time"
)

// tidyAfter is how long after the last request, or after the start, memory is given back.
const tidyAfter = 10 * time.Second

// newTidy gives memory back to the operating system once after each Reset: what a start or a sign-in has used would stay
// resident until the next collection, which an idle program puts off for minutes. One timer, so that an idle daemon is
// woken for it once and not again.
func newTidy() *time.Timer {
	t := time.AfterFunc(tidyAfter, debug.FreeOSMemory)
	t.Stop()
	return t
}
