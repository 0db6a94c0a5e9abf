package store

import (
	"context"
	"database/sql"
	"time"
)

// Attempt is one WebAuthn ceremony between its challenge and its answer.
type Attempt struct {
	ID      string // correlation id
	Kind    string // "signin", "second", "register" or "optin"
	Browser []byte // SHA-256 of the cookie that it is bound to
	UserID  string // empty: whoever the phone says
	UPN     string
	Options []byte // JSON for the page
	State   []byte // of the relying party
	Address string
	Agent   string
	Policy  string // what it decided when this began
	Created time.Time
	Expires time.Time
	App     string // for which it began; empty: none
	Keep    bool   // the person wants to stay signed in
	Use     string // of the registration that comes of it
	Renews  []byte // which one the new registration takes the place of; nil: none
}

const attemptColumns = `id, kind, browser, coalesce(user_id, ''), upn, options, state, address, agent, policy, created, expires, app, keep, use, renews`

func scanAttempt(row scanner) (Attempt, error) {
	var a Attempt
	var created, expires int64
	err := row.Scan(&a.ID, &a.Kind, &a.Browser, &a.UserID, &a.UPN, &a.Options, &a.State, &a.Address, &a.Agent, &a.Policy, &created, &expires, &a.App, &a.Keep, &a.Use, &a.Renews)
	a.Created, a.Expires = moment(created), moment(expires)
	return a, named(err)
}

// CreateAttempt keeps a ceremony that begins.
func (s *Store) CreateAttempt(ctx context.Context, a Attempt) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO attempts
		(id, kind, browser, user_id, upn, options, state, address, agent, policy, created, expires, app, keep, use, renews)
		VALUES (?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.Kind, a.Browser, a.UserID, a.UPN, a.Options, a.State, a.Address, a.Agent, a.Policy, millis(a.Created), millis(a.Expires), a.App, a.Keep, a.Use, a.Renews)
	return named(err)
}

// Attempt looks at a ceremony without taking it. ErrNotFound: there is none of this kind that began in this browser.
func (s *Store) Attempt(ctx context.Context, kind, id string, browser []byte) (Attempt, error) {
	return scanAttempt(s.read.QueryRowContext(ctx,
		`SELECT `+attemptColumns+` FROM attempts WHERE id = ? AND kind = ? AND browser = ?`, id, kind, browser))
}

// TakeAttempt removes a ceremony and returns it, also when it has expired. Of several callers exactly one gets it, the
// others ErrNotFound: that is what makes a challenge good for one use.
func (s *Store) TakeAttempt(ctx context.Context, kind, id string, browser []byte) (Attempt, error) {
	return scanAttempt(s.write.QueryRowContext(ctx,
		`DELETE FROM attempts WHERE id = ? AND kind = ? AND browser = ? RETURNING `+attemptColumns, id, kind, browser))
}

// Sweep removes what has expired and writes the entry that left gives for each ceremony that nobody answered.
func (s *Store) Sweep(ctx context.Context, now, failuresBefore time.Time, left func(Attempt) Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		gone, err := takeExpired(ctx, tx, now)
		if err != nil {
			return err
		}
		for _, a := range gone {
			if err := insertEntry(ctx, tx, left(a)); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires <= ?`, millis(now)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM failures WHERE last < ? AND until < ?`, millis(failuresBefore), millis(now))
		return err
	})
}

func takeExpired(ctx context.Context, tx *sql.Tx, now time.Time) ([]Attempt, error) {
	rows, err := tx.QueryContext(ctx, `DELETE FROM attempts WHERE expires <= ? RETURNING `+attemptColumns, millis(now))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var gone []Attempt
	for rows.Next() {
		a, err := scanAttempt(rows)
		if err != nil {
			return nil, err
		}
		gone = append(gone, a)
	}
	return gone, rows.Err()
}
