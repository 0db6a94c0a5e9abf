package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"tallykey/daemon/api"
)

// requestDeeds are what a person at the desktop can do with a request: end it. Only the phone can answer it.
var requestDeeds = map[string]struct{ method, said string }{
	"cancel":      {api.MethodCancel, "Cancelled."},
	"report":      {api.MethodReport, "Reported: nobody is asked about this account for a while."},
	"another-way": {api.MethodAnotherWay, "The browser asks with its own passkeys and security keys now."},
}

func runRequests(ctx context.Context, e env, args []string) error {
	var follow bool
	rest, asJSON, err := e.flags("requests", "requests [--follow] [cancel [ID] | report [ID] | another-way [ID]] [--json]", args, func(f *flag.FlagSet) {
		f.BoolVar(&follow, "follow", false, "go on, with a line for each change; JSON has one object a line then")
	})
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return e.endRequest(ctx, rest, asJSON)
	}
	c, err := api.Dial(ctx, api.SocketPath())
	if err != nil {
		return err
	}
	defer c.Close()
	s, err := c.Watch(ctx)
	switch {
	case err != nil:
		return err
	case follow:
		return e.followRequests(ctx, c, s.Requests, asJSON)
	case asJSON:
		return e.printJSON(append([]api.Request{}, s.Requests...))
	case len(s.Requests) == 0:
		_, err := fmt.Fprintln(e.out, "No request waits.")
		return err
	}
	return table(e, "WHAT\tWEBSITE\tACCOUNT\tSTATE\tNUMBER\tSECONDS\tID", s.Requests, func(r api.Request) string {
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%d\t%s", r.Action, r.Host, r.Account, r.State, r.Number, secondsLeft(r), r.ID)
	})
}

func secondsLeft(r api.Request) int { return max(0, int(time.Until(r.Expires)/time.Second)) }

// endRequest ends the request that is named, or the one on the screen.
func (e env) endRequest(ctx context.Context, rest []string, asJSON bool) error {
	deed, known := requestDeeds[rest[0]]
	if !known || len(rest) > 2 {
		return e.wrong(errors.New("usage: tallykey requests [cancel [ID] | report [ID] | another-way [ID]]"))
	}
	var id string
	if len(rest) == 2 {
		id = rest[1]
	} else {
		var s api.Status
		if err := call(ctx, api.MethodStatus, nil, &s); err != nil {
			return err
		}
		if s.Request == nil {
			return &api.Error{Code: api.RequestUnknown}
		}
		id = s.Request.ID
	}
	if err := call(ctx, deed.method, api.ByID{ID: id}, nil); err != nil {
		return err
	}
	if asJSON {
		return e.printJSON(api.ByID{ID: id})
	}
	_, err := fmt.Fprintln(e.out, deed.said)
	return err
}

// followRequests tells what waits and then every change, until the person or the daemon leaves.
func (e env) followRequests(ctx context.Context, c *api.Client, now []api.Request, asJSON bool) error {
	for _, r := range now {
		if err := e.tellRequest(r, asJSON); err != nil {
			return leaving(ctx, err)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, ok := <-c.Events():
			if !ok {
				return leaving(ctx, &api.Error{Code: api.DaemonStopped})
			}
			if event.Request == nil {
				continue
			}
			if err := e.tellRequest(*event.Request, asJSON); err != nil {
				return leaving(ctx, err)
			}
		}
	}
}

func (e env) tellRequest(r api.Request, asJSON bool) error {
	if asJSON {
		return e.printJSON(r)
	}
	about := strings.Join(strings.Fields(r.Host+" "+r.Account), ", ")
	_, err := fmt.Fprintf(e.out, "%s  %-6s  %-10s  %s  %s  %s\n", time.Now().Format(time.TimeOnly), r.Action, r.State, r.ID, about, moreOf(r))
	return err
}

// moreOf is what a state says beyond itself: the number to tap on the phone, or how the request ended.
func moreOf(r api.Request) string {
	switch {
	case r.Number != "":
		return "number " + r.Number + " on " + r.Phone
	case r.State == api.Ended:
		return string(r.Code)
	case r.Notified:
		return "phone notified"
	}
	return ""
}
