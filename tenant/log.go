package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"tallykey/tenant/signinlog"
	"tallykey/tenant/store"
)

// logOptions is what the command line says about the log.
type logOptions struct {
	filter    store.Filter
	json, csv bool
	limit     int
	since     time.Duration
	until     string
	search    string
	follow    bool
}

func (o *logOptions) flags(f *flag.FlagSet) {
	f.BoolVar(&o.json, "json", false, "one JSON object a line")
	f.BoolVar(&o.csv, "csv", false, "comma-separated values with a heading (RFC 4180)")
	f.IntVar(&o.limit, "limit", 100, "at most `n` lines")
	f.StringVar(&o.filter.UPN, "user", "", "only of this `UPN`")
	f.StringVar(&o.filter.Code, "code", "", "only with this `code`")
	f.StringVar(&o.filter.Method, "method", "", "only of this `method`: phone, passkey, password, federated, invitation, confirm, register, remove, report, app, admin, request")
	f.StringVar(&o.filter.App, "app", "", "only for the app with this client `id` or name")
	f.StringVar(&o.filter.Device, "device", "", "only of the device with this `name`")
	f.StringVar(&o.filter.Request, "request", "", "only with this request `id`, as page, desktop and phone show it")
	f.StringVar(&o.search, "search", "", "only with this `text`: an account, a code, a request id, or part of a device, app or address")
	f.DurationVar(&o.since, "since", 0, "only of the last `duration`, such as 24h")
	f.StringVar(&o.until, "until", "", "only before this `time`, such as 2026-11-23T14:00:00Z, or day, such as 2026-11-23")
	f.BoolVar(&o.follow, "follow", false, "go on with new lines until interrupted")
}

// printLog prints the newest lines of the sign-in log, oldest first. The tenant may run meanwhile.
func printLog(args []string, out, diag io.Writer) (err error) {
	f, data := options("log", diag)
	var o logOptions
	o.flags(f)
	path, err := parse(f, args, data)
	if err != nil {
		return err
	}
	if o.json && o.csv {
		fmt.Fprintln(diag, "--json or --csv, not both")
		return errUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := o.prepare(ctx, db, time.Now()); err != nil {
		return err
	}
	return o.print(ctx, db, out)
}

// prepare makes the filter of what was typed.
func (o *logOptions) prepare(ctx context.Context, db *store.Store, now time.Time) error {
	if o.since > 0 {
		o.filter.Since = now.Add(-o.since)
	}
	if o.search != "" {
		o.filter = signinlog.Search(o.filter, o.search)
	}
	if o.until != "" {
		t, err := moment(o.until)
		if err != nil {
			return err
		}
		o.filter.Until = t
	}
	return o.nameApp(ctx, db)
}

// nameApp takes the name of an app for its client id.
func (o *logOptions) nameApp(ctx context.Context, db *store.Store) error {
	if o.filter.App == "" {
		return nil
	}
	apps, err := db.Apps(ctx)
	for _, a := range apps {
		if strings.EqualFold(a.Name, o.filter.App) {
			o.filter.App = a.ID
		}
	}
	return err
}

func moment(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--until %q is neither a time such as 2026-11-23T14:00:00Z nor a day", text)
}

// lookAgain is how often --follow looks for new lines.
const lookAgain = time.Second

func (o *logOptions) print(ctx context.Context, db *store.Store, out io.Writer) error {
	entries, err := db.Find(ctx, o.filter, max(o.limit, 0))
	if err != nil {
		return err
	}
	p := signinlog.NewPrinter(out, o.form())
	if err := p.Print(entries); err != nil || !o.follow {
		return err
	}
	if len(entries) > 0 {
		o.filter.After = entries[0].Seq
	}
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	return signinlog.Follow(ctx, db, o.filter, tick.C, p)
}

func (o *logOptions) form() signinlog.Form {
	switch {
	case o.json:
		return signinlog.JSON
	case o.csv:
		return signinlog.Values
	}
	return signinlog.Table
}
