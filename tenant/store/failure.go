package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Failure counts the wrong passwords of one subject: an account or an address.
type Failure struct {
	Count   int
	Last    time.Time
	Until   time.Time // locked until; zero: not
	Refused int       // tries while it is locked
}

// UpdateFailure reads a subject's count, lets change alter it, and writes it back, in one transaction: two guesses at the
// same time count as two. A subject without failures has the zero Failure; changing it to zero removes it.
func (s *Store) UpdateFailure(ctx context.Context, subject string, change func(Failure) Failure) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		var f Failure
		var last, until int64
		err := tx.QueryRowContext(ctx, `SELECT count, last, until, refused FROM failures WHERE subject = ?`, subject).Scan(&f.Count, &last, &until, &f.Refused)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		f.Last, f.Until = moment(last), moment(until)
		f = change(f)
		if f == (Failure{}) {
			_, err = tx.ExecContext(ctx, `DELETE FROM failures WHERE subject = ?`, subject)
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO failures (subject, count, last, until, refused) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (subject) DO UPDATE SET count = excluded.count, last = excluded.last, until = excluded.until, refused = excluded.refused`,
			subject, f.Count, millis(f.Last), millis(f.Until), f.Refused)
		return err
	})
}
