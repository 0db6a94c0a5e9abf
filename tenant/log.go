package main

import (
	"context"
	"errors"
	"io"

	"tallykey/tenant/signinlog"
	"tallykey/tenant/store"
)

// printLog prints the newest lines of the sign-in log, oldest first. The tenant may run meanwhile.
func printLog(args []string, out, diag io.Writer) (err error) {
	f, data := options("log", diag)
	asJSON := f.Bool("json", false, "one JSON object a line")
	limit := f.Int("limit", 100, "at most `n` lines")
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
	entries, err := db.Entries(ctx, max(*limit, 0))
	if err != nil {
		return err
	}
	if *asJSON {
		return signinlog.PrintJSON(out, entries)
	}
	return signinlog.Print(out, entries)
}
