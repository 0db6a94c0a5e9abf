package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"tallykey/daemon/api"
)

// filter chooses ends of the activity log. The zero value takes all.
type filter struct {
	codes []api.Code
	since time.Time
}

func (f filter) takes(a api.Activity) bool {
	return (len(f.codes) == 0 || slices.Contains(f.codes, a.Code)) && !a.Time.Before(f.since)
}

func (f filter) of(all []api.Activity) []api.Activity {
	return slices.DeleteFunc(slices.Clone(all), func(a api.Activity) bool { return !f.takes(a) })
}

// newFilter reads codes with commas between, and a time: a date, a moment, or a length before now. Both may be empty.
func newFilter(codes, since string, now time.Time) (f filter, err error) {
	for c := range strings.SplitSeq(codes, ",") {
		if c == "" {
			continue
		}
		if _, known := knownCode(api.Code(c)); !known {
			return f, fmt.Errorf("no code %q", c)
		}
		f.codes = append(f.codes, api.Code(c))
	}
	if since == "" {
		return f, nil
	}
	f.since, err = readTime(since, now)
	return f, err
}

// knownCode: an unknown code has a row too, and that row names no other.
func knownCode(c api.Code) (api.Outcome, bool) {
	o := c.Outcome()
	return o, o.En.Title != api.Code("").Outcome().En.Title
}

func readTime(s string, now time.Time) (time.Time, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return now.AddDate(0, 0, -int(n)), nil
		}
	}
	if length, err := time.ParseDuration(s); err == nil && length >= 0 {
		return now.Add(-length), nil
	}
	for _, form := range []string{time.DateOnly, "2006-01-02 15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(form, s, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf(`%q is no time; write 24h, 7d or 2026-11-23`, s)
}

// writeCSV writes the ends with reason and remedy, by RFC 4180.
func writeCSV(out io.Writer, all []api.Activity) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	w.Write([]string{"time", "request", "action", "code", "title", "what", "remedy", "website", "origin", "account", "phone", "browser",
		"milliseconds", "detail"})
	for _, a := range all {
		t := a.Code.Outcome().En
		row := []string{a.Time.Format(time.RFC3339), a.Request, a.Action, string(a.Code), t.Title, t.What, t.Remedy, a.RPID, a.Origin,
			a.Account, a.Phone, a.Browser, strconv.FormatInt(a.Millis, 10), a.Detail}
		for i := range row {
			row[i] = noFormula(row[i])
		}
		w.Write(row)
	}
	w.Flush()
	return w.Error()
}

// noFormula keeps a spreadsheet from reading a cell as a formula: websites choose parts of what stands here.
func noFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
