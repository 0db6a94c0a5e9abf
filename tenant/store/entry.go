package store

import (
	"context"
	"database/sql"
	"strings"
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
	Text                   string // somewhere in UPN, app, code, request, device or address
	Since, Until           time.Time
	Before, After          int64 // Seq: only older, respectively newer lines
}

// conditions is the filter in SQL. Only what is asked for stands in it, so that SQLite finds the index of each.
func (f Filter) conditions() (string, []any) {
	var where []string
	var args []any
	add := func(asked bool, condition string, arg any) {
		if asked {
			where, args = append(where, condition), append(args, arg)
		}
	}
	add(f.UPN != "", `upn = ?`, f.UPN)
	add(f.UserID != "", `user_id = ?`, f.UserID)
	add(f.Code != "", `code = ?`, f.Code)
	add(f.Method != "", `method = ?`, f.Method)
	add(f.App != "", `app = ?`, f.App)
	add(f.Group != "", `user_id IN (SELECT user_id FROM members WHERE group_id = ?)`, f.Group)
	add(f.Text != "", `instr(lower(upn || ' ' || app || ' ' || code || ' ' || request || ' ' || device || ' ' || address), lower(?)) > 0`, f.Text)
	add(!f.Since.IsZero(), `time >= ?`, millis(f.Since))
	add(!f.Until.IsZero(), `time < ?`, millis(f.Until))
	add(f.Before != 0, `seq < ?`, f.Before)
	add(f.After != 0, `seq > ?`, f.After)
	if len(where) == 0 {
		return "", nil
	}
	return ` WHERE ` + strings.Join(where, ` AND `), args
}

// Entries gives the newest lines of the log, the newest first, at most limit.
func (s *Store) Entries(ctx context.Context, limit int) ([]Entry, error) {
	return s.Find(ctx, Filter{}, limit)
}

// Find gives the newest lines of the log that the filter chooses, the newest first, at most limit.
func (s *Store) Find(ctx context.Context, f Filter, limit int) ([]Entry, error) {
	where, args := f.conditions()
	rows, err := s.read.QueryContext(ctx, `SELECT seq, `+entryColumns+` FROM signins`+where+` ORDER BY seq DESC LIMIT ?`, append(args, limit)...)
	return collect(rows, err, func(row scanner) (e Entry, err error) {
		var at int64
		err = row.Scan(&e.Seq, &at, &e.Request, &e.UPN, &e.UserID, &e.App, &e.Method, &e.Code, &e.Detail, &e.Policy, &e.Registration, &e.Device,
			&e.Address, &e.Agent, &e.Millis)
		e.Time = moment(at)
		return e, err
	})
}

// Forget removes the lines of the log that are older.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM signins WHERE time < ?`, millis(before))
	return err
}
