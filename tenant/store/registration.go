package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"tallykey/tenant/outcome"
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
	Kind       string    // "phone", or "passkey": it matches no numbers
	Use        string    // "signin", or "approve": it is the second factor after a password
	UV         string    // how it verified its person at last: "platform", "pin"; empty: it does not say
	Renews     []byte    // which one goes once this one has signed in; nil: none
	Unregister []byte    // SHA-256 of the token by which its person's desktop takes it back; nil: none
}

const registrationColumns = `id, user_id, name, public_key, sign_count, flags, aaguid, transports, created, used, kind, use, uv, renews, unregister`

func scanRegistration(row scanner) (Registration, error) {
	var r Registration
	var created, used int64
	err := row.Scan(&r.ID, &r.UserID, &r.Name, &r.PublicKey, &r.SignCount, &r.Flags, &r.AAGUID, &r.Transports, &created, &used,
		&r.Kind, &r.Use, &r.UV, &r.Renews, &r.Unregister)
	r.Created, r.Used = moment(created), moment(used)
	return r, named(err)
}

// CreateRegistration adds a registration and its entry in the log, both or none. A renewal takes the place of one that has
// not signed in yet. ErrExists: the credential id is taken,
// perhaps by another user.
func (s *Store) CreateRegistration(ctx context.Context, r Registration, e Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := dropRenewal(ctx, tx, r, e); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO registrations (`+registrationColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.ID, r.UserID, r.Name, r.PublicKey, r.SignCount, r.Flags, r.AAGUID, r.Transports, millis(r.Created), millis(r.Used), r.Kind, r.Use, r.UV, r.Renews, r.Unregister)
		if err != nil {
			return named(err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE users SET bare = 0 WHERE id = ? AND bare <> 0`, r.UserID); err != nil {
			return err
		}
		return insertEntry(ctx, tx, e)
	})
}

// dropRenewal takes away a renewal that waits for its first sign-in, if r is another. It has begun no session.
func dropRenewal(ctx context.Context, tx *sql.Tx, r Registration, e Entry) error {
	if r.Renews == nil {
		return nil
	}
	var old []byte
	err := tx.QueryRowContext(ctx, `SELECT id FROM registrations WHERE user_id = ? AND renews IS NOT NULL`, r.UserID).Scan(&old)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	e.Method, e.Code, e.Detail, e.Registration, e.Device = "remove", string(outcome.RegistrationRemoved), "a newer renewal took its place", old, ""
	if err := insertEntry(ctx, tx, e); err != nil { // first: it takes the device's name
		return err
	}
	return removeRegistration(ctx, tx, Removal{UserID: r.UserID, ID: old})
}

// Registrations lists a user's registrations, the oldest first.
func (s *Store) Registrations(ctx context.Context, userID string) ([]Registration, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+registrationColumns+` FROM registrations WHERE user_id = ? ORDER BY created, id`, userID)
	return collect(rows, err, scanRegistration)
}

// Registration finds a registration, whoever's it is, or returns ErrNotFound.
func (s *Store) Registration(ctx context.Context, id []byte) (Registration, error) {
	return scanRegistration(s.read.QueryRowContext(ctx, `SELECT `+registrationColumns+` FROM registrations WHERE id = ?`, id))
}

// HasRegistration says whether anybody has a registration with this credential id.
func (s *Store) HasRegistration(ctx context.Context, id []byte) (has bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM registrations WHERE id = ?)`, id).Scan(&has)
	return has, err
}

// SetUse makes a registration sign in by itself ("signin") or only after a password ("approve"), with its entry.
// ErrNotFound: the user has no such registration.
func (s *Store) SetUse(ctx context.Context, userID string, id []byte, use string, e Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `UPDATE registrations SET use = ? WHERE id = ? AND user_id = ?`, use, id, userID)); err != nil {
			return err
		}
		return insertEntry(ctx, tx, e)
	})
}

// Removal is a registration that goes.
type Removal struct {
	UserID string
	ID     []byte
	Open   bool   // sessions that it began stay open, and what apps got by them
	Keep   []byte // hash of the token of the session that asks, which stays in any case; nil: none

	// By is the admin who does it, for the audit log; without an Action it is the user.
	By Change

	// Bare is noted as User.Bare if the user has no device after that; zero: who asked was vouched for.
	Bare time.Time
}

// RemoveRegistration takes a registration from its user, ends the sessions and apps' tokens of its sign-ins unless Open,
// and writes the entry: all or nothing. ErrNotFound: the user has no such registration.
func (s *Store) RemoveRegistration(ctx context.Context, r Removal, e Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := insertEntry(ctx, tx, e); err != nil { // first: it takes the device's name
			return err
		}
		if err := auditRemoval(ctx, tx, r); err != nil {
			return err
		}
		return removeRegistration(ctx, tx, r)
	})
}

func auditRemoval(ctx context.Context, tx *sql.Tx, r Removal) error {
	if r.By.Action == "" {
		return nil
	}
	var name, kind string
	err := tx.QueryRowContext(ctx, `SELECT name, kind FROM registrations WHERE id = ? AND user_id = ?`, r.ID, r.UserID).Scan(&name, &kind)
	if err != nil {
		return named(err)
	}
	return insertAudit(ctx, tx, r.By, map[string]string{"device": name, "kind": kind}, nil)
}

func removeRegistration(ctx context.Context, tx *sql.Tx, r Removal) error {
	if err := one(tx.ExecContext(ctx, `DELETE FROM registrations WHERE id = ? AND user_id = ?`, r.ID, r.UserID)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE users SET bare = ?1 WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM registrations WHERE user_id = ?2)`, millis(r.Bare), r.UserID); err != nil {
		return err
	}
	if r.Open {
		return nil
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = ? AND registration = ? AND token_hash IS NOT ?`, r.UserID, r.ID, r.Keep)
	if err != nil {
		return err
	}
	return endTokens(ctx, tx, r.UserID, r.ID)
}

// renewed takes away the registration in whose place this one came, now that it has signed in.
func renewed(ctx context.Context, tx *sql.Tx, userID string, id []byte, e Entry) error {
	var old []byte
	err := tx.QueryRowContext(ctx, `SELECT renews FROM registrations WHERE id = ? AND renews IS NOT NULL`, id).Scan(&old)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE registrations SET renews = NULL WHERE id = ?`, id); err != nil {
		return err
	}
	e.Method, e.Code, e.Detail, e.Registration, e.Device = "remove", string(outcome.RegistrationRenewed), "", old, ""
	if err := insertEntry(ctx, tx, e); err != nil { // first: it takes the device's name
		return err
	}
	err = removeRegistration(ctx, tx, Removal{UserID: userID, ID: old})
	if errors.Is(err, ErrNotFound) {
		return nil // somebody removed it meanwhile
	}
	return err
}
