package store

import (
	"context"
	"database/sql"
	"time"
)

// Session is a browser that is signed in. The token itself is nowhere but in the browser.
type Session struct {
	TokenHash    []byte // SHA-256
	UserID       string
	Method       string // "phone", "passkey", "password", "password+phone" or "invitation"
	Registration []byte // that signed in; nil with a password
	Started      time.Time
	Confirmed    time.Time // when it was asked again who is there; zero: never
	Vouched      []byte    // registration that answered then; nil: the password did, or what stands for it
	Expires      time.Time
	Number       string // how the number was matched: "type", "choose", "approve"; empty: there was none
	UV           string // how the phone verified the person: "platform", "pin"; empty: it did not say
	Kept         bool   // it outlives the browser
	Address      string // from where it began; the store takes it from the entry that comes along
	Agent        string // of the browser, likewise
}

const sessionColumns = `token_hash, user_id, method, registration, started, confirmed, expires, number, uv, kept, address, agent, vouched`

func insertSession(ctx context.Context, tx *sql.Tx, n Session, e Entry) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO sessions (`+sessionColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		n.TokenHash, n.UserID, n.Method, n.Registration, millis(n.Started), millis(n.Confirmed), millis(n.Expires), n.Number, n.UV, n.Kept, e.Address, e.Agent, n.Vouched)
	return named(err)
}

// SignIn begins a session, ends the one it replaces (old may be nil), marks its registration, if it has one, as used with
// the authenticator's sign count, takes away the one that it renews, and writes the entry: all or nothing. ErrNotFound:
// the registration was removed meanwhile, so nobody is signed in.
func (s *Store) SignIn(ctx context.Context, n Session, old []byte, signCount uint32, e Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if n.Registration != nil {
			err := one(tx.ExecContext(ctx, `UPDATE registrations SET used = ?1, sign_count = ?2, uv = iif(?3 = '', uv, ?3) WHERE id = ?4 AND user_id = ?5`,
				millis(n.Started), signCount, n.UV, n.Registration, n.UserID))
			if err != nil {
				return err
			}
			if err := renewed(ctx, tx, n.UserID, n.Registration, e); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE token_hash = ?`, old); err != nil {
			return err
		}
		if err := insertSession(ctx, tx, n, e); err != nil {
			return err
		}
		return insertEntry(ctx, tx, e)
	})
}

// Confirm gives a session a new token and notes that its person confirmed who it is: with the entry's registration, or, if
// that is nil, without one. ErrNotFound: it ended meanwhile.
func (s *Store) Confirm(ctx context.Context, old, token []byte, at time.Time, e Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		err := one(tx.ExecContext(ctx, `UPDATE sessions SET token_hash = ?, confirmed = ?, vouched = ? WHERE token_hash = ?`, token, millis(at), e.Registration, old))
		if err != nil {
			return err
		}
		return insertEntry(ctx, tx, e)
	})
}

// Session finds a session that has not expired, or returns ErrNotFound.
func (s *Store) Session(ctx context.Context, tokenHash []byte, now time.Time) (Session, error) {
	return scanSession(s.read.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM sessions WHERE token_hash = ? AND expires > ?`, tokenHash, millis(now)))
}

func scanSession(row scanner) (n Session, err error) {
	var started, confirmed, expires int64
	err = row.Scan(&n.TokenHash, &n.UserID, &n.Method, &n.Registration, &started, &confirmed, &expires, &n.Number, &n.UV, &n.Kept, &n.Address, &n.Agent, &n.Vouched)
	n.Started, n.Confirmed, n.Expires = moment(started), moment(confirmed), moment(expires)
	return n, named(err)
}

// EndSession ends a session. One that is gone already is no error.
func (s *Store) EndSession(ctx context.Context, tokenHash []byte) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM sessions WHERE token_hash = ?`, tokenHash)
	return err
}
