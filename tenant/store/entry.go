package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"
)

// Entry is one line of the sign-in log.
type Entry struct {
	Seq          int64     `json:"seq"` // given by the store
	Time         time.Time `json:"time"`
	Request      string    `json:"request"`          // correlation id
	UPN          string    `json:"upn,omitempty"`    // empty: not known
	UserID       string    `json:"userId,omitempty"` // empty: no such user
	App          string    `json:"app,omitempty"`    // client id of the app for which it was; empty: none
	Method       string    `json:"method"`
	Code         string    `json:"code"`
	Detail       string    `json:"detail,omitempty"`
	Policy       string    `json:"policy,omitempty"` // what it decided; empty: no user to decide for
	Registration []byte    `json:"registration,omitempty"`
	Device       string    `json:"device,omitempty"` // its name at that time
	Address      string    `json:"address,omitempty"`
	Agent        string    `json:"agent,omitempty"`
	Millis       int64     `json:"millis"` // from request to outcome
}

const entryColumns = `time, request, upn, user_id, app, method, code, detail, policy, registration, device, address, agent, millis`

// insertEntry writes a line. A device that is not named gets the name that it has now.
func insertEntry(ctx context.Context, tx *sql.Tx, e Entry) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO signins (`+entryColumns+`) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
		iif(?11 = '', coalesce((SELECT name FROM registrations WHERE id = ?10), ''), ?11), ?12, ?13, ?14)`,
		millis(e.Time), e.Request, e.UPN, e.UserID, e.App, e.Method, e.Code, e.Detail, e.Policy, e.Registration, e.Device, e.Address, e.Agent, e.Millis)
	return err
}

// Log writes one line.
func (s *Store) Log(ctx context.Context, e Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error { return insertEntry(ctx, tx, e) })
}

// Filter chooses lines of the log; what is zero chooses all.
type Filter struct {
	UPN, Code, Method, App string
	UserID, Group          string // the latter: an id
	Address                string
	Request, Device        string
	Text                   string // somewhere in UPN, app, code, request, device or address
	Since, Until           time.Time
	Before, After          int64 // Seq: only older, respectively newer lines
}

// Lines come in the order of time, but for clocks that are put right. So a time bounds the range of seq, with a day to
// spare, and the exact time is looked at in there: "+" keeps SQLite from sorting a day's lines instead. There is one bound at
// each end, because SQLite walks along one and looks at each line between it and the other.
const (
	slack  = 24 * time.Hour
	behind = `seq > max(?, coalesce((SELECT seq FROM signins WHERE time >= ? ORDER BY time, seq LIMIT 1), 9223372036854775807) - 1) AND +time >= ?`
	ahead  = `seq < min(?, coalesce((SELECT seq FROM signins WHERE time < ? ORDER BY time DESC, seq DESC LIMIT 1), 0) + 1) AND +time < ?`
)

// wanted is the filter in SQL.
func (f Filter) wanted() (w wanted) {
	f.indexed(&w)
	w.add(f.Method != "", `+method = ?`, f.Method)
	w.add(f.Device != "", `+device = ?`, f.Device)
	w.add(f.Group != "", `user_id IN (SELECT user_id FROM members WHERE group_id = ?)`, f.Group)
	w.add(f.Text != "", `instr(lower(upn || ' ' || app || ' ' || code || ' ' || request || ' ' || device || ' ' || address), lower(?)) > 0`, f.Text)
	f.between(&w)
	return w
}

// indexed adds what an index finds. Only the first does, which of all leaves the fewest lines: "+" keeps SQLite from choosing
// another one.
func (f Filter) indexed(w *wanted) {
	for _, c := range []struct{ column, is, also string }{
		{"request", f.Request, ""}, {"upn", f.UPN, ""}, {"user_id", f.UserID, ""}, {"address", f.Address, ` AND address <> ''`},
		{"app", f.App, ` AND app <> ''`}, {"code", f.Code, ""}, // also: the condition of a partial index, which has to stand there
	} {
		if c.is == "" {
			continue
		}
		if len(w.list) > 0 {
			c.column, c.also = "+"+c.column, ""
		}
		w.add(true, c.column+` = ?`+c.also, c.is)
	}
}

// between adds the bounds in time and place.
func (f Filter) between(w *wanted) {
	before := f.Before
	if before == 0 {
		before = math.MaxInt64
	}
	w.add(!f.Since.IsZero(), behind, f.After, millis(f.Since.Add(-slack)), millis(f.Since))
	w.add(f.Since.IsZero() && f.After != 0, `seq > ?`, f.After)
	w.add(!f.Until.IsZero(), ahead, before, millis(f.Until.Add(slack)), millis(f.Until))
	w.add(f.Until.IsZero() && f.Before != 0, `seq < ?`, f.Before)
}

// Entries gives the newest lines of the log, the newest first, at most limit.
func (s *Store) Entries(ctx context.Context, limit int) ([]Entry, error) {
	return s.Find(ctx, Filter{}, limit)
}

// Find gives the newest lines of the log that the filter chooses, the newest first, at most limit.
func (s *Store) Find(ctx context.Context, f Filter, limit int) ([]Entry, error) {
	w := f.wanted()
	rows, err := s.read.QueryContext(ctx, `SELECT seq, `+entryColumns+` FROM signins`+w.where()+` ORDER BY seq DESC LIMIT ?`, append(w.args, limit)...)
	return collect(rows, err, scanEntry)
}

// Window is at how many lines Search looks at most.
const Window = 10_000

// Search is Find for one page, in bounded time whatever is looked for: of the lines that an index finds, or of all if none
// does, it looks at the newest Window. onward is where to search on (as Filter.Before) if there are more; 0: that was all.
func (s *Store) Search(ctx context.Context, f Filter, limit int) (list []Entry, onward int64, err error) {
	return s.search(ctx, f, limit, Window)
}

func (s *Store) search(ctx context.Context, f Filter, limit, window int) (list []Entry, onward int64, err error) {
	var w wanted
	f.indexed(&w)
	f.between(&w)
	var first int64 // line at which it does not look
	err = s.read.QueryRowContext(ctx, `SELECT seq FROM signins`+w.where()+` ORDER BY seq DESC LIMIT 1 OFFSET ?`, append(w.args, window)...).Scan(&first)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, 0, err
	}
	f.After = max(f.After, first)
	if list, err = s.Find(ctx, f, limit); err == nil && len(list) < limit && first != 0 {
		onward = first + 1
	}
	return list, onward, err
}

// Newest is the number of the newest line of the log; 0: there is none.
func (s *Store) Newest(ctx context.Context) (seq int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM signins`).Scan(&seq)
	return seq, err
}

func scanEntry(row scanner) (e Entry, err error) {
	var at int64
	err = row.Scan(&e.Seq, &at, &e.Request, &e.UPN, &e.UserID, &e.App, &e.Method, &e.Code, &e.Detail, &e.Policy, &e.Registration, &e.Device,
		&e.Address, &e.Agent, &e.Millis)
	e.Time = moment(at)
	return e, err
}

// Since gives the oldest lines that the filter chooses, the oldest first, at most limit: what came after f.After.
func (s *Store) Since(ctx context.Context, f Filter, limit int) ([]Entry, error) {
	w := f.wanted()
	rows, err := s.read.QueryContext(ctx, `SELECT seq, `+entryColumns+` FROM signins`+w.where()+` ORDER BY seq LIMIT ?`, append(w.args, limit)...)
	return collect(rows, err, scanEntry)
}

// Forget removes the lines of the log that are older.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM signins WHERE time < ?`, millis(before))
	return err
}
