package store

import (
	"context"
	"database/sql"
	"time"
)

// Registration is a phone that may sign a user in: the public half of a key that never leaves it.
type Registration struct {
	ID         []byte // WebAuthn credential id
	UserID     string
	Name       string // of the phone
	PublicKey  []byte // COSE
	SignCount  uint32
	Flags      byte // of the authenticator data at registration
	AAGUID     []byte
	Transports string // comma-separated
	Created    time.Time
	Used       time.Time // zero: never
}

const registrationColumns = `id, user_id, name, public_key, sign_count, flags, aaguid, transports, created, used`

func scanRegistration(row scanner) (Registration, error) {
	var r Registration
	var created, used int64
	err := row.Scan(&r.ID, &r.UserID, &r.Name, &r.PublicKey, &r.SignCount, &r.Flags, &r.AAGUID, &r.Transports, &created, &used)
	r.Created, r.Used = moment(created), moment(used)
	return r, named(err)
}

// CreateRegistration adds a registration and its entry in the log, both or none. ErrExists: the credential id is taken,
// perhaps by another user.
func (s *Store) CreateRegistration(ctx context.Context, r Registration, e Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO registrations (`+registrationColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.ID, r.UserID, r.Name, r.PublicKey, r.SignCount, r.Flags, r.AAGUID, r.Transports, millis(r.Created), millis(r.Used))
		if err != nil {
			return named(err)
		}
		return insertEntry(ctx, tx, e)
	})
}

// Registrations lists a user's registrations, the oldest first.
func (s *Store) Registrations(ctx context.Context, userID string) ([]Registration, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+registrationColumns+` FROM registrations WHERE user_id = ? ORDER BY created, id`, userID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Registration
	for rows.Next() {
		r, err := scanRegistration(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// RemoveRegistration takes a registration from its user, ends the sessions that it signed in except the one that asks
// (keep, a token hash; nil: all end), and writes the entry: all or nothing. ErrNotFound: the user has no such registration.
func (s *Store) RemoveRegistration(ctx context.Context, userID string, id, keep []byte, e Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `DELETE FROM registrations WHERE id = ? AND user_id = ?`, id, userID)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = ? AND registration = ? AND token_hash IS NOT ?`, userID, id, keep)
		if err != nil {
			return err
		}
		return insertEntry(ctx, tx, e)
	})
}
