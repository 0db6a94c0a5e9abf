package doctor

import (
	"context"
	"fmt"
	"time"
)

const (
	timedate     = "org.freedesktop.timedate1"
	timedatePath = "/org/freedesktop/timedate1"
)

// The years in which this program may run.
const firstYear, lastYear = 2026, 2100

// clock checks what certificates, pauses and the first packet of a phone depend on, by facts of this machine alone.
func clock(ctx context.Context, e *Exam) []Result {
	const set = "sudo timedatectl set-ntp true"
	now := e.Now()
	switch last := e.lastKnown(); {
	case now.Year() < firstYear || now.Year() > lastYear:
		return broken(fmt.Sprintf("The clock says %s.", now.Format("2006-01-02")), set)
	case last.After(now.Add(time.Minute)):
		return broken(fmt.Sprintf("The clock says %s, but tallykey has seen %s already.", stamp(now), stamp(last)), set)
	}
	synced, err := e.Property(ctx, SystemBus, timedate, timedatePath, timedate+".NTPSynchronized")
	if err == nil && synced == false {
		return warn("The clock is not set by the network.", set)
	}
	return ok("The clock says " + stamp(now) + ".")
}

func stamp(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// lastKnown is the latest time that the daemon or its log tells of.
func (e *Exam) lastKnown() time.Time {
	last := e.Daemon.Started
	later := func(t time.Time) {
		if t.After(last) {
			last = t
		}
	}
	for _, p := range e.Daemon.Phones {
		later(p.Paired)
		later(p.LastSeen)
	}
	if all, _, err := e.Ends(); err == nil && len(all) > 0 {
		later(all[len(all)-1].Time)
	}
	return last
}
