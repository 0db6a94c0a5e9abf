package main

import (
	"context"
	"errors"
	"io"
	"time"

	"tallykey/tenant/signinlog"
	"tallykey/tenant/store"
)

// printLog prints the newest lines of the sign-in log, oldest first. The tenant may run meanwhile.
func printLog(args []string, out, diag io.Writer) (err error) {
	f, data := options("log", diag)
	asJSON := f.Bool("json", false, "one JSON object a line")
	asCSV := f.Bool("csv", false, "comma-separated values with a heading (RFC 4180)")
	limit := f.Int("limit", 100, "at most `n` lines")
	var wanted store.Filter
	f.StringVar(&wanted.UPN, "user", "", "only of this `UPN`")
	f.StringVar(&wanted.Code, "code", "", "only with this `code`")
	f.StringVar(&wanted.Method, "method", "", "only of this `method`: phone, password, confirm, register, remove, app")
	since := f.Duration("since", 0, "only of the last `duration`, such as 24h")
	path, err := parse(f, args, data)
	if err != nil {
		return err
	}
	ctx := context.Background()
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if *since > 0 {
		wanted.Since = time.Now().Add(-*since)
	}
	entries, err := db.Find(ctx, wanted, max(*limit, 0))
	if err != nil {
		return err
	}
	switch {
	case *asJSON:
		return signinlog.PrintJSON(out, entries)
	case *asCSV:
		return signinlog.PrintCSV(out, entries)
	}
	return signinlog.Print(out, entries)
}
