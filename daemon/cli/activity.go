package cli

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"time"

	"tallykey/daemon/api"
)

func runActivity(ctx context.Context, e env, args []string) error {
	var follow bool
	var format, codes, since string
	rest, asJSON, err := e.flags("activity", "activity [--follow] [--code CODE,...] [--since TIME] [--format csv|json|table]", args,
		func(f *flag.FlagSet) {
			f.BoolVar(&follow, "follow", false, "go on, with a line for each request that ends; JSON has one object a line then")
			f.StringVar(&format, "format", "table", "`csv`, json or table; csv has reason and remedy, too")
			f.StringVar(&codes, "code", "", "only requests that ended with one of these `codes`, with commas between")
			f.StringVar(&since, "since", "", "only requests that ended since this `time`: 24h, 7d, or 2026-11-23")
		})
	if err == nil {
		err = e.none("activity", rest)
	}
	if err != nil {
		return err
	}
	which, err := newFilter(codes, since, time.Now())
	if err != nil {
		return e.wrong(err)
	}
	if asJSON {
		format = "json"
	}
	switch {
	case follow && format != "csv":
		return e.followActivity(ctx, which, format == "json")
	case slices.Contains([]string{"csv", "json", "table"}, format) && !follow:
		return e.listActivity(ctx, which, format)
	}
	return e.wrong(fmt.Errorf("format %q; it is csv, json or table, and --follow has no csv", format))
}

func (e env) listActivity(ctx context.Context, which filter, format string) error {
	var all []api.Activity
	if err := call(ctx, api.MethodActivity, nil, &all); err != nil {
		return err
	}
	all = which.of(all)
	switch {
	case format == "json":
		return e.printJSON(append([]api.Activity{}, all...))
	case format == "csv":
		return writeCSV(e.out, all)
	case len(all) == 0:
		_, err := fmt.Fprintln(e.out, "No request yet.")
		return err
	}
	return table(e, "TIME\tWHAT\tWEBSITE\tACCOUNT\tEND\tREQUEST", all, func(a api.Activity) string {
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s", stamp(a), a.Action, a.RPID, a.Account, a.Code, a.Request)
	})
}

func stamp(a api.Activity) string { return a.Time.Local().Format("2006-01-02 15:04:05") }

// followActivity tells of what ended so far, oldest first, and then of each request as it ends, until the person or the
// daemon leaves.
func (e env) followActivity(ctx context.Context, which filter, asJSON bool) error {
	c, err := api.Dial(ctx, api.SocketPath())
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Watch(ctx); err != nil {
		return err
	}
	told := map[string]bool{}
	for {
		if err := e.tellNew(ctx, c, told, which, asJSON); err != nil {
			return leaving(ctx, err)
		}
		if ended, err := awaitEnd(ctx, c); !ended {
			return err
		}
	}
}

// leaving makes no failure of a person who leaves.
func leaving(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// awaitEnd waits until a request ends. ended is false where the person leaves, or the daemon, which is an error.
func awaitEnd(ctx context.Context, c *api.Client) (ended bool, err error) {
	for {
		select {
		case <-ctx.Done():
			return false, nil
		case event, ok := <-c.Events():
			if !ok {
				return false, &api.Error{Code: api.DaemonStopped}
			}
			if r := event.Request; r != nil && r.State == api.Ended {
				return true, nil
			}
		}
	}
}

// tellNew prints what was not told before. The log has a row before its event comes.
func (e env) tellNew(ctx context.Context, c *api.Client, told map[string]bool, which filter, asJSON bool) error {
	var all []api.Activity
	if err := c.Call(ctx, api.MethodActivity, nil, &all); err != nil {
		return err
	}
	for _, a := range slices.Backward(all) {
		if told[a.Request] || !which.takes(a) {
			continue
		}
		if err := e.tellActivity(a, asJSON); err != nil {
			return err
		}
	}
	clear(told) // no more than the log keeps
	for _, a := range all {
		told[a.Request] = true
	}
	return nil
}

func (e env) tellActivity(a api.Activity, asJSON bool) error {
	if asJSON {
		return e.printJSON(a)
	}
	_, err := fmt.Fprintf(e.out, "%s  %-6s  %-20s  %-16s  %s  %s\n", stamp(a), a.Action, a.Code, a.Request, a.RPID, a.Account)
	return err
}
