package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tallykey/tenant/outcome"
	"tallykey/tenant/signinlog"
	"tallykey/tenant/store"
)

// logView is the body of the sign-in log.
type logView struct {
	Find, User, App, Method, Code, Device, Request, From, Until string // the filter as it was typed

	Entries []store.Entry
	Open    int64 // which line shows everything
	Live    bool
	Apps    []store.App
	Codes   []outcome.Code
	Methods []string
	Newest  int64  // line of the log when the page was made
	Onward  string // address of the page that searches on in older lines; empty: all were looked at
}

func logViewOf(c *call) logView {
	f := func(name string) string { return strings.TrimSpace(c.Form.Get(name)) }
	open, _ := strconv.ParseInt(f("open"), 10, 64) // not a number: none
	return logView{Find: f("find"), User: f("user"), App: f("app"), Method: f("method"), Code: f("code"), Device: f("device"), Request: f("request"),
		From: f("from"), Until: f("until"), Open: open, Live: f("live") == "1", Codes: outcome.Codes(), Methods: signinlog.Methods}
}

// filter is what was typed, as the store takes it. A day that is none is left out.
func (b logView) filter() store.Filter {
	f := store.Filter{UPN: strings.ToLower(b.User), App: b.App, Method: b.Method, Code: b.Code, Device: b.Device, Request: strings.ToLower(b.Request)}
	if day, err := time.Parse(time.DateOnly, b.From); err == nil {
		f.Since = day
	}
	if day, err := time.Parse(time.DateOnly, b.Until); err == nil {
		f.Until = day.AddDate(0, 0, 1) // the day itself counts
	}
	if b.Find != "" {
		f = signinlog.Search(f, b.Find)
	}
	return f
}

// at is a page of the log with this filter, and more name and value pairs.
func (b logView) at(path string, more ...string) string {
	return at(path, append([]string{"find", b.Find, "user", b.User, "app", b.App, "method", b.Method, "code", b.Code, "device", b.Device,
		"request", b.Request, "from", b.From, "until", b.Until}, more...)...)
}

// Looked is at how many lines one page looks at most.
func (b logView) Looked() string { return strconv.Itoa(store.Window) }

// Narrow says whether more than the search field is in use.
func (b logView) Narrow() bool {
	return b.User+b.Device+b.Request+b.From+b.Until != ""
}

// CSV, JSON, Follow and Still are other forms of the same lines.
func (b logView) CSV() string { return b.at("/admin/log.csv") }

// JSON is CSV for programs.
func (b logView) JSON() string { return b.at("/admin/log.json") }

// Follow is the page that goes on by itself.
func (b logView) Follow() string { return b.at("/admin/log", "live", "1") }

// Still is the page that does not.
func (b logView) Still() string { return b.at("/admin/log") }

// Source is where the script gets newer lines.
func (b logView) Source() string {
	return b.at("/admin/log/live", "newest", strconv.FormatInt(b.Newest, 10))
}

// Line is the page on which one line shows everything.
func (b logView) Line(seq int64) string {
	n := strconv.FormatInt(seq, 10)
	return b.at("/admin/log", "open", n, "after", strconv.FormatInt(seq+1, 10)) + "#line-" + n
}

// AppName is the name of an app by its client id.
func (b logView) AppName(id string) string {
	if i := slices.IndexFunc(b.Apps, func(a store.App) bool { return a.ID == id }); i >= 0 {
		return b.Apps[i].Name
	}
	return id
}

func (k *Console) log(w http.ResponseWriter, c *call) error {
	b := logViewOf(c)
	f := b.filter()
	f.Before, _ = strconv.ParseInt(c.Form.Get("after"), 10, 64) // not a number: from the newest
	list, onward, err := k.Office.Store.Search(c.Context(), f, rows+1)
	if err != nil {
		return err
	}
	if b.Newest, err = k.Office.Store.Newest(c.Context()); err != nil {
		return err
	}
	if b.Apps, err = k.Office.Store.Apps(c.Context()); err != nil {
		return err
	}
	var more bool
	b.Entries, more = turn(list)
	p := k.page(c, "log")
	if f.Before != 0 {
		p.First = b.at("/admin/log")
	}
	if more {
		p.Next = b.at("/admin/log", "after", strconv.FormatInt(b.Entries[len(b.Entries)-1].Seq, 10))
	} else if onward != 0 {
		b.Onward = b.at("/admin/log", "after", strconv.FormatInt(onward, 10))
	}
	k.show(w, http.StatusOK, "log", p.with(b))
	return nil
}

func (k *Console) exportCSV(w http.ResponseWriter, c *call) error {
	csv := signinlog.NewCSV(w)
	return k.export(w, c, "text/csv; charset=utf-8", "sign-ins.csv", csv.Write)
}

func (k *Console) exportJSON(w http.ResponseWriter, c *call) error {
	return k.export(w, c, "application/x-ndjson", "sign-ins.json", func(list []store.Entry) error { return signinlog.WriteJSON(w, list) })
}

// portion is how many lines of an export are in memory at a time, and patience how long the browser may take for them.
const (
	portion  = 1000
	patience = 30 * time.Second
)

// export writes all lines that the filter chooses, the oldest first. Once it has begun, a fault can only break it off: then
// the browser sees an unfinished file, not a short one that looks whole.
func (k *Console) export(w http.ResponseWriter, c *call, kind, name string, write func([]store.Entry) error) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	err := each(c.Context(), k.Office.Store, logViewOf(c).filter(), func(list []store.Entry) error {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience)) // a recorder in a test has none
		return write(list)
	})
	if err != nil {
		k.Log.Error("export", "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// each gives the lines in portions; an empty log is one empty portion.
func each(ctx context.Context, db *store.Store, f store.Filter, write func([]store.Entry) error) error {
	for {
		list, err := db.Since(ctx, f, portion)
		if err != nil {
			return err
		}
		if err := write(list); err != nil {
			return err
		}
		if len(list) < portion {
			return nil
		}
		f.After = list[len(list)-1].Seq
	}
}
