package doctor

import (
	"context"
	"fmt"

	"tallykey/daemon/api"
)

// phones checks each phone.
var phones = withDaemon(func(ctx context.Context, e *Exam) []Result {
	if len(e.Daemon.Phones) == 0 {
		return warn("No phone is paired.", "tallykey pair")
	}
	var out []Result
	for _, p := range e.Daemon.Phones {
		out = append(out, e.phone(ctx, p))
	}
	return out
})

// phone follows the way from a phone to this desktop. Of one that is away the first step that fails is what to do.
func (e *Exam) phone(ctx context.Context, p api.Phone) Result {
	if p.Connected {
		return Result{Name: p.Name, State: OK, What: "Connected."}
	}
	r := Result{Name: p.Name, State: Warning, What: "Away; it has not connected since the daemon started.",
		Remedy: fmt.Sprintf("Unlock the phone and open %s there, in the same network as this desktop.", e.Daemon.PhoneApp)}
	if !p.LastSeen.IsZero() {
		r.What = fmt.Sprintf("Away since %s.", stamp(p.LastSeen))
	}
	r.Steps = e.way(ctx, p)
	for _, s := range r.Steps {
		if s.State != OK && s.Remedy != "" {
			r.What, r.Remedy = r.What+" "+s.What, s.Remedy
			break
		}
	}
	return r
}

// way is what must hold between a phone and this desktop, in the order in which it comes to bear.
func (e *Exam) way(ctx context.Context, p api.Phone) []Result {
	step := func(name string, r Result) Result {
		r.Name = name
		return r
	}
	return []Result{
		step("paired", Result{State: OK, What: "Paired on " + stamp(p.Paired) + "."}),
		step("address", network(ctx, e)[0]),
		step("name", e.announced(ctx)),
		step("firewall", firewall(ctx, e)[0]),
		step("arrivals", e.arrivals(p)),
	}
}

// arrivals says how far this phone comes, by its last attempt since the UDP port was opened. Those of other phones prove
// nothing for it.
func (e *Exam) arrivals(p api.Phone) Result {
	bad := func(what, remedy string) Result { return Result{State: Warning, What: what, Remedy: remedy} }
	at := stamp(p.Arrival.At)
	switch unknown := e.Daemon.Traffic.LastUnknown; {
	case unknown.After(p.Arrival.At):
		return bad(fmt.Sprintf("At %s a phone came that this desktop has no pairing with, or not this one any more.", stamp(unknown)),
			"If it was this one: remove this desktop on the phone, then: tallykey pair")
	case p.Arrival.Outcome == api.CameThrough:
		return Result{State: OK, What: fmt.Sprintf("It came through at %s.", at)}
	case p.Arrival.Outcome == api.CameLate:
		return bad(fmt.Sprintf("It came at %s, and its clock differs from this one's by more than ten minutes.", at),
			"Let the network set the time on both: sudo timedatectl set-ntp true, and on the phone in its settings of date and time.")
	case p.Arrival.Outcome == api.CameFailed:
		return bad(fmt.Sprintf("It came at %s, but answers do not reach it.", at),
			"Look for a firewall that keeps this desktop from sending, and for \"client isolation\" in the settings of the Wi-Fi.")
	}
	return Result{State: Warning, What: fmt.Sprintf("Nothing has come from it to UDP port %d since the daemon started.", e.Daemon.Port)}
}
