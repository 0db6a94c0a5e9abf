package store

import (
	"context"
	"database/sql"
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
	Request, Device        string
	Text                   string // somewhere in UPN, app, code, request, device or address
	Since, Until           time.Time
	Before, After          int64 // Seq: only older, respectively newer lines
}

// Lines come in the order of time, but for clocks that are put right. So a time bounds the range of seq, with a day to
// spare, and the exact time is looked at in there: "+" keeps SQLite from sorting a day's lines instead.
const (
	slack = 24 * time.Hour
	since = `seq >= coalesce((SELECT seq FROM signins WHERE time >= ? ORDER BY time, seq LIMIT 1), 9223372036854775807) AND +time >= ?`
	until = `seq <= coalesce((SELECT seq FROM signins WHERE time < ? ORDER BY time DESC, seq DESC LIMIT 1), 0) AND +time < ?`
)

// wanted is the filter in SQL.
func (f Filter) wanted() (w wanted) {
	w.add(f.UPN != "", `upn = ?`, f.UPN)
	w.add(f.UserID != "", `user_id = ?`, f.UserID)
	w.add(f.Code != "", `code = ?`, f.Code)
	w.add(f.Method != "", `method = ?`, f.Method)
	w.add(f.App != "", `app = ?`, f.App)
	w.add(f.Request != "", `request = ?`, f.Request)
	w.add(f.Device != "", `device = ?`, f.Device)
	w.add(f.Group != "", `user_id IN (SELECT user_id FROM members WHERE group_id = ?)`, f.Group)
	w.add(f.Text != "", `instr(lower(upn || ' ' || app || ' ' || code || ' ' || request || ' ' || device || ' ' || address), lower(?)) > 0`, f.Text)
	w.add(!f.Since.IsZero(), since, millis(f.Since.Add(-slack)), millis(f.Since))
	w.add(!f.Until.IsZero(), until, millis(f.Until.Add(slack)), millis(f.Until))
	w.add(f.Before != 0, `seq < ?`, f.Before)
	w.add(f.After != 0, `seq > ?`, f.After)
	return w
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
