package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/user"
	"text/tabwriter"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/admin"
	"tallykey/tenant/enrol"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

// desk is what a command of the admin works with: the office at the open store, who asks, and where to write.
type desk struct {
	*admin.Office
	ctx  context.Context
	by   admin.By
	out  io.Writer
	json bool
}

// newDesk opens the office of a store.
func newDesk(ctx context.Context, db *store.Store, out io.Writer, asJSON bool) (*desk, error) {
	accounts, err := account.NewDirectory(ctx, db, account.NewHasher(account.DefaultCost), time.Now)
	if err != nil {
		return nil, err
	}
	book := policy.NewBook(db)
	// The desk removes only: it needs no relying party.
	office := &admin.Office{Store: db, Accounts: accounts, Policy: book, Desk: enrol.NewDesk(db, nil, book, time.Now), Now: time.Now}
	return &desk{office, ctx, operator(), out, asJSON}, nil
}

// operator is who runs the command line, as the audit log names them.
func operator() admin.By {
	if u, err := user.Current(); err == nil {
		return admin.By("cli:" + u.Username)
	}
	return "cli"
}

// action is one command of the admin: flags adds its flags, and what it returns is run when they are read.
type action func(f *flag.FlagSet) func(*desk) error

// administer runs args[0] of the actions. The tenant may run meanwhile: it reads what counts anew at each step.
func administer(name string, actions map[string]action, args []string, out, diag io.Writer) (err error) {
	var chosen action
	if len(args) > 0 {
		chosen = actions[args[0]]
	}
	if chosen == nil {
		fmt.Fprint(diag, usage)
		return errUsage
	}
	f, data := options(name+" "+args[0], diag)
	asJSON := f.Bool("json", false, "write JSON")
	work := chosen(f)
	path, err := parse(f, args[1:], data)
	if err != nil {
		return err
	}
	ctx := context.Background()
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	d, err := newDesk(ctx, db, out, *asJSON)
	if err != nil {
		return err
	}
	return work(d)
}

// show writes v as JSON, or the rows as a table under the heading.
func (d *desk) show(v any, heading string, rows func(line func(format string, a ...any))) error {
	if d.json {
		e := json.NewEncoder(d.out)
		e.SetIndent("", "  ")
		return e.Encode(v)
	}
	t := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, heading)
	rows(func(format string, a ...any) { fmt.Fprintf(t, format+"\n", a...) })
	return t.Flush()
}

// say writes v as JSON, or one line.
func (d *desk) say(v any, line string) error {
	return d.show(v, line, func(func(string, ...any)) {})
}

// printAudit prints the newest lines of the audit log, the newest last.
func printAudit(f *flag.FlagSet) func(*desk) error {
	limit := f.Int("limit", 100, "at most `n` lines")
	return func(d *desk) error {
		list, err := d.Store.Audits(d.ctx, max(*limit, 0))
		if err != nil {
			return err
		}
		return d.show(list, "TIME (UTC)\tACTOR\tACTION\tTARGET\tBEFORE\tAFTER", func(line func(string, ...any)) {
			for i := len(list) - 1; i >= 0; i-- {
				a := list[i]
				line("%s\t%s\t%s\t%s\t%s\t%s", a.Time.Format("2006-01-02 15:04:05"), a.Actor, a.Action, a.Target, a.Before, a.After)
			}
		})
	}
}
