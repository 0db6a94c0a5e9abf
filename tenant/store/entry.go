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
	Method       string    `json:"method"`
	Code         string    `json:"code"`
	Detail       string    `json:"detail,omitempty"`
	Policy       string    `json:"policy,omitempty"` // what it decided; empty: no user to decide for
	Registration []byte    `json:"registration,omitempty"`
	Address      string    `json:"address,omitempty"`
	Agent        string    `json:"agent,omitempty"`
	Millis       int64     `json:"millis"` // from request to outcome
}

const entryColumns = `time, request, upn, user_id, method, code, detail, policy, registration, address, agent, millis`

func insertEntry(ctx context.Context, tx *sql.Tx, e Entry) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO signins (`+entryColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		millis(e.Time), e.Request, e.UPN, e.UserID, e.Method, e.Code, e.Detail, e.Policy, e.Registration, e.Address, e.Agent, e.Millis)
	return err
}

// Log writes one line.
func (s *Store) Log(ctx context.Context, e Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error { return insertEntry(ctx, tx, e) })
}

// Filter chooses lines of the log; what is zero chooses all.
type Filter struct {
	UPN, Code, Method string
	Since             time.Time
}

// Entries gives the newest lines of the log, the newest first, at most limit.
func (s *Store) Entries(ctx context.Context, limit int) ([]Entry, error) {
	return s.Find(ctx, Filter{}, limit)
}

// Find gives the newest lines of the log that the filter chooses, the newest first, at most limit.
func (s *Store) Find(ctx context.Context, f Filter, limit int) ([]Entry, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT seq, `+entryColumns+` FROM signins
		WHERE (?1 = '' OR upn = ?1) AND (?2 = '' OR code = ?2) AND (?3 = '' OR method = ?3) AND time >= ?4 ORDER BY seq DESC LIMIT ?5`,
		f.UPN, f.Code, f.Method, millis(f.Since), limit)
	return collect(rows, err, func(row scanner) (e Entry, err error) {
		var at int64
		err = row.Scan(&e.Seq, &at, &e.Request, &e.UPN, &e.UserID, &e.Method, &e.Code, &e.Detail, &e.Policy, &e.Registration, &e.Address, &e.Agent, &e.Millis)
		e.Time = moment(at)
		return e, err
	})
}
