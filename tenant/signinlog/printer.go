package signinlog

import (
	"context"
	"io"
	"slices"
	"time"

	"tallykey/tenant/store"
)

// Form is how the log is printed.
type Form string

// The forms.
const (
	Table  Form = "table" // for people
	JSON   Form = "json"  // one object a line
	Values Form = "csv"   // RFC 4180
)

// String implements fmt.Stringer.
func (f Form) String() string { return string(f) }

// Printer prints the log in portions, with one heading between them.
type Printer struct {
	w     io.Writer
	form  Form
	csv   *CSV
	begun bool
}

// NewPrinter makes a Printer.
func NewPrinter(w io.Writer, f Form) *Printer { return &Printer{w: w, form: f, csv: NewCSV(w)} }

// Print prints entries, given newest first, the newest last.
func (p *Printer) Print(entries []store.Entry) error {
	entries = oldestFirst(entries)
	defer func() { p.begun = true }()
	switch p.form {
	case JSON:
		return WriteJSON(p.w, entries)
	case Values:
		return p.csv.Write(entries)
	}
	return printTable(p.w, entries, !p.begun)
}

// portion is how many lines are read at a time.
const portion = 1000

// Follow prints what comes after f.After until ctx ends, which is no error: at once, and then at each tick.
func Follow(ctx context.Context, db *store.Store, f store.Filter, tick <-chan time.Time, p *Printer) error {
	for {
		list, err := db.Since(ctx, f, portion)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if len(list) > 0 {
			f.After = list[len(list)-1].Seq
			slices.Reverse(list)
			if err := p.Print(list); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
		}
	}
}
