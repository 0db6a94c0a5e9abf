package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// Change is who changes something of the tenant, and what. Together with the rows before and after it becomes a line of
// the audit log.
type Change struct {
	Time   time.Time
	Actor  string // such as "cli:root"
	Action string // such as "policy.set"
	Target string // id and name of what is changed
}

// Audit is one line of the audit log.
type Audit struct {
	Seq    int64           `json:"seq"`
	Time   time.Time       `json:"time"`
	Actor  string          `json:"actor"`
	Action string          `json:"action"`
	Target string          `json:"target"`
	Before json.RawMessage `json:"before"` // null: was not
	After  json.RawMessage `json:"after"`  // null: is no more
}

func insertAudit(ctx context.Context, tx *sql.Tx, c Change, before, after any) error {
	was, err := json.Marshal(before)
	if err != nil {
		return err
	}
	is, err := json.Marshal(after)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO audit (time, actor, action, target, before, after) VALUES (?, ?, ?, ?, ?, ?)`,
		millis(c.Time), c.Actor, c.Action, c.Target, string(was), string(is))
	return err
}

// AuditFilter chooses lines of the audit log; what is zero chooses all.
type AuditFilter struct {
	Action string // or what stands before its dot, such as "policy"
	Target string
	Actor  string
	Before int64 // Seq: only older lines
}

// Audits gives the newest lines of the audit log, the newest first, at most limit.
func (s *Store) Audits(ctx context.Context, limit int) ([]Audit, error) {
	return s.FindAudits(ctx, AuditFilter{}, limit)
}

// FindAudits gives the newest lines of the audit log that the filter chooses, the newest first, at most limit.
func (s *Store) FindAudits(ctx context.Context, f AuditFilter, limit int) ([]Audit, error) {
	var w wanted
	w.add(f.Action != "", `action >= ? AND action <= ?`, f.Action, f.Action+`.~`)
	w.add(f.Target != "", `target = ?`, f.Target)
	w.add(f.Actor != "", `actor = ?`, f.Actor)
	w.add(f.Before != 0, `seq < ?`, f.Before)
	rows, err := s.read.QueryContext(ctx, `SELECT seq, time, actor, action, target, before, after FROM audit`+w.where()+` ORDER BY seq DESC LIMIT ?`, append(w.args, limit)...)
	return collect(rows, err, func(row scanner) (a Audit, err error) {
		var at int64
		var before, after string
		err = row.Scan(&a.Seq, &at, &a.Actor, &a.Action, &a.Target, &before, &after)
		a.Time, a.Before, a.After = moment(at), json.RawMessage(before), json.RawMessage(after)
		return a, err
	})
}

// collect reads all rows of a query.
func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}
