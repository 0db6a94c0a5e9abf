package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"tallykey/tenant/admin"
	"tallykey/tenant/store"
)

const (
	maxLives = 16               // open live logs at a time
	liveFor  = 10 * time.Minute // then the browser asks anew, and is checked anew
	burst    = 100              // lines at a time
)

// liveLine is a line as the script puts it into the table: text only.
type liveLine struct {
	Time    string `json:"time"`
	Account string `json:"account"`
	App     string `json:"app"`
	Method  string `json:"method"`
	State   string `json:"state"`
	Title   string `json:"title"`
	Code    string `json:"code"`
	Entra   string `json:"entra"`
	Device  string `json:"device"`
	Network string `json:"network"`
	Open    string `json:"open"` // address of the page with everything about it
}

// live sends new lines of the log as events (HTML, section 9.2). The visitor's role is looked at before each portion: who
// has lost it, or whose session has ended, sees nothing more.
func (k *Console) live(w http.ResponseWriter, c *call) error {
	select {
	case k.lives <- struct{}{}:
		defer func() { <-k.lives }()
	default:
		w.WriteHeader(http.StatusServiceUnavailable) // the browser tries again
		return nil
	}
	w.Header().Set("Content-Type", "text/event-stream")
	b := logViewOf(c)
	f := b.filter()
	f.After = newest(c)
	var err error
	if b.Apps, err = k.Office.Store.Apps(c.Context()); err != nil {
		return err
	}
	tick := time.NewTicker(k.Tick)
	defer tick.Stop()
	for until := k.Office.Now().Add(liveFor); k.Office.Now().Before(until) && k.stillAdmitted(c); {
		if f.After, err = k.send(w, c, b, f); err != nil {
			return nil // the browser left, or asks again
		}
		select {
		case <-c.Context().Done():
			return nil
		case <-tick.C:
		}
	}
	return nil
}

// newest is the last line that the browser has: of its own reconnect, else of the page.
func newest(c *call) int64 {
	for _, text := range []string{c.Header.Get("Last-Event-ID"), c.Form.Get("newest")} {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
			return n
		}
	}
	return 0
}

func (k *Console) stillAdmitted(c *call) bool {
	role, err := k.Office.RoleOf(c.Context(), c.User.ID)
	if err != nil || !role.Covers(admin.Reader) {
		return false
	}
	_, err = k.Office.Store.Session(c.Context(), c.Session.TokenHash, k.Office.Now())
	return err == nil
}

// send writes what is new, or a comment that keeps the way open, and gives the newest line.
func (k *Console) send(w http.ResponseWriter, c *call, b logView, f store.Filter) (int64, error) {
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Now().Add(patience)) // a recorder in a test has none
	list, err := k.Office.Store.Since(c.Context(), f, burst)
	if err != nil {
		return f.After, err
	}
	p := k.page(c, "log")
	for _, e := range list {
		raw, err := json.Marshal(p.liveLine(b, e))
		if err != nil {
			return f.After, err
		}
		if _, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", e.Seq, raw); err != nil {
			return f.After, err
		}
		f.After = e.Seq
	}
	if len(list) == 0 {
		if _, err := fmt.Fprint(w, ":\n\n"); err != nil {
			return f.After, err
		}
	}
	return f.After, out.Flush()
}

func (p page) liveLine(b logView, e store.Entry) liveLine {
	entra := ""
	if n := p.Entra(e.Code); n != 0 {
		entra = strconv.Itoa(n)
	}
	return liveLine{Time: p.Stamp(e.Time), Account: e.UPN, App: b.AppName(e.App), Method: p.Method(e.Method), State: p.Mood(e.Code), Title: p.Outcome(e.Code).Title,
		Code: e.Code, Entra: entra, Device: e.Device, Network: e.Address, Open: b.Line(e.Seq)}
}

// Method is the name of a way to sign in; one that a newer program wrote is shown as it is.
func (p page) Method(method string) string {
	if _, ok := texts["method."+method]; ok {
		return p.T("method." + method)
	}
	return method
}
