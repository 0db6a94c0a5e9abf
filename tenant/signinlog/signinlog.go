// Package signinlog prints the sign-in log for people and for programs. The rows are the store's; the words and the
// Entra numbers come from the table of outcomes, so that an admin reads what the person saw on the page.
package signinlog

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// Line is one row of the log as a program gets it.
type Line struct {
	store.Entry
	Title  string `json:"title"`
	What   string `json:"what"`
	Remedy string `json:"remedy,omitempty"`
	Entra  int    `json:"entra"` // number that Microsoft Entra logs for the same; 0: none, or success
}

func line(e store.Entry) Line {
	o := outcome.Of(outcome.Code(e.Code))
	return Line{e, o.En.Title, o.En.What, o.En.Remedy, o.Entra}
}

// Print writes entries, given newest first, as a table with the newest last.
func Print(w io.Writer, entries []store.Entry) error {
	return printTable(w, oldestFirst(entries), true)
}

func printTable(w io.Writer, entries []store.Entry, headed bool) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if headed {
		fmt.Fprintln(t, "TIME (UTC)\tACCOUNT\tMETHOD\tCODE\tENTRA\tMS\tREQUEST\tPOLICY\tDETAIL")
	}
	for _, e := range entries {
		upn := e.UPN
		if upn == "" {
			upn = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\n", e.Time.UTC().Format("2006-01-02 15:04:05"), upn, e.Method, e.Code,
			line(e).Entra, e.Millis, e.Request, plain(e.Policy), plain(e.Detail))
	}
	return t.Flush()
}

// plain keeps a terminal from obeying what a stranger's answer put into a detail.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// PrintJSON writes entries, given newest first, as one Line a line, the newest last.
func PrintJSON(w io.Writer, entries []store.Entry) error {
	return WriteJSON(w, oldestFirst(entries))
}

func oldestFirst(entries []store.Entry) []store.Entry {
	entries = slices.Clone(entries)
	slices.Reverse(entries)
	return entries
}

// heading are the columns of the CSV form. New ones are added at the end: people's spreadsheets count them.
var heading = []string{"time", "account", "method", "code", "entra", "title", "milliseconds", "request", "policy", "detail", "address", "agent",
	"app", "device", "what happened", "what to do"}

// PrintCSV writes entries, given newest first, as RFC 4180 with a heading, the newest last. A cell that a spreadsheet would
// take for a formula gets a quote before it: some of the text comes from strangers.
func PrintCSV(w io.Writer, entries []store.Entry) error {
	return NewCSV(w).Write(oldestFirst(entries))
}

// CSV writes the log in several portions.
type CSV struct {
	w     *csv.Writer
	begun bool
}

// NewCSV makes a CSV that has written nothing yet.
func NewCSV(w io.Writer) *CSV { return &CSV{w: csv.NewWriter(w)} }

// Write writes entries, given oldest first; before the first ones it writes the heading.
func (c *CSV) Write(entries []store.Entry) error {
	var rows [][]string
	if !c.begun {
		c.begun, rows = true, append(rows, heading)
	}
	for _, e := range entries {
		l := line(e)
		rows = append(rows, []string{e.Time.UTC().Format(time.RFC3339Nano), cell(e.UPN), e.Method, e.Code, strconv.Itoa(l.Entra), l.Title,
			strconv.FormatInt(e.Millis, 10), e.Request, e.Policy, cell(e.Detail), e.Address, cell(e.Agent), cell(e.App), cell(e.Device), l.What, l.Remedy})
	}
	return c.w.WriteAll(rows)
}

// WriteJSON writes entries, given oldest first, as one Line a line.
func WriteJSON(w io.Writer, entries []store.Entry) error {
	enc := json.NewEncoder(w)
	for _, e := range entries {
		if err := enc.Encode(line(e)); err != nil {
			return err
		}
	}
	return nil
}

func cell(s string) string {
	s = plain(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
