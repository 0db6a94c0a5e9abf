package cli

import (
	"context"
	"flag"
	"fmt"
	"slices"

	"tallykey/daemon/api"
)

func runActivity(ctx context.Context, e env, args []string) error {
	var follow bool
	_, asJSON, err := e.flags("activity", "activity [--follow] [--json]", args, func(f *flag.FlagSet) {
		f.BoolVar(&follow, "follow", false, "go on, with a line for each request that ends; JSON has one object a line then")
	})
	if err != nil {
		return err
	}
	if follow {
		return e.followActivity(ctx, asJSON)
	}
	var all []api.Activity
	if err := call(ctx, api.MethodActivity, nil, &all); err != nil {
		return err
	}
	if asJSON {
		return e.printJSON(all)
	}
	if len(all) == 0 {
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
func (e env) followActivity(ctx context.Context, asJSON bool) error {
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
		if err := e.tellNew(ctx, c, told, asJSON); err != nil {
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
func (e env) tellNew(ctx context.Context, c *api.Client, told map[string]bool, asJSON bool) error {
	var all []api.Activity
	if err := c.Call(ctx, api.MethodActivity, nil, &all); err != nil {
		return err
	}
	for _, a := range slices.Backward(all) {
		if told[a.Request] {
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
