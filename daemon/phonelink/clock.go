package phonelink

import "time"

// clock makes timers. It is the system's but for tests, which count those that run: while no phone is connected there are
// none, so that an absent phone costs the processor no wake-up.
type clock interface {
	NewTimer(time.Duration) timer
	AfterFunc(time.Duration, func()) timer
}

// timer is a *time.Timer.
type timer interface {
	C() <-chan time.Time
	Reset(time.Duration) bool
	Stop() bool
}

type systemClock struct{}

func (systemClock) NewTimer(d time.Duration) timer { return systemTimer{time.NewTimer(d)} }

func (systemClock) AfterFunc(d time.Duration, f func()) timer {
	return systemTimer{time.AfterFunc(d, f)}
}

type systemTimer struct{ *time.Timer }

func (t systemTimer) C() <-chan time.Time { return t.Timer.C }
