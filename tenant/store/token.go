package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Grant is what an app got of a user.
type Grant struct {
	ID      string
	App     string
	Scopes  string // with blanks between
	Created time.Time
	Expires time.Time
	Authentication
}

// Access is an access token of a grant.
type Access struct {
	ID      string
	Scopes  string
	Expires time.Time
}

const grantColumns = `grants.id, app_id, grants.scopes, grants.created, grants.expires, ` + authenticationColumns

func scanGrant(row scanner, more ...any) (g Grant, err error) {
	var at, created, expires int64
	places := append([]any{&g.ID, &g.App, &g.Scopes, &created, &expires}, g.into(&at)...)
	err = row.Scan(append(places, more...)...)
	g.AuthTime, g.Created, g.Expires = moment(at), moment(created), moment(expires)
	return g, named(err)
}

// CreateGrant keeps a grant with its first access token, and its first refresh token if the hash is not nil.
func (s *Store) CreateGrant(ctx context.Context, g Grant, a Access, refresh []byte) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		return insertGrant(ctx, tx, g, a, refresh)
	})
}

func insertGrant(ctx context.Context, tx *sql.Tx, g Grant, a Access, refresh []byte) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO grants (user_id, method, number, uv, registration, auth_time, id, app_id, scopes, created, expires)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(g.values(), g.ID, g.App, g.Scopes, millis(g.Created), millis(g.Expires))...)
	if err != nil {
		return named(err)
	}
	return insertTokens(ctx, tx, g.ID, a, refresh)
}

func insertTokens(ctx context.Context, tx *sql.Tx, grant string, a Access, refresh []byte) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO accesses (id, grant_id, scopes, expires) VALUES (?, ?, ?, ?)`, a.ID, grant, a.Scopes, millis(a.Expires))
	if err == nil && refresh != nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO refreshes (hash, grant_id, used) VALUES (?, ?, 0)`, refresh, grant)
	}
	return named(err)
}

// GrantByRefresh finds the grant of a refresh token that has not been used. ErrReused: it has, so the grant is gone now,
// with whoever holds its newest token (RFC 9700 section 4.14.2). ErrNotFound: no such token, or expired.
func (s *Store) GrantByRefresh(ctx context.Context, hash []byte, now time.Time) (g Grant, err error) {
	var used int64
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		g, err = scanGrant(tx.QueryRowContext(ctx, `SELECT `+grantColumns+`, used FROM grants JOIN refreshes ON grant_id = grants.id
			WHERE hash = ? AND expires > ?`, hash, millis(now)), &used)
		if err == nil && used != 0 {
			_, err = tx.ExecContext(ctx, `DELETE FROM grants WHERE id = ?`, g.ID)
		}
		return err
	})
	if err == nil && used != 0 {
		err = ErrReused
	}
	return g, err
}

// Refresh uses a refresh token up and keeps what takes its place. ErrReused: another request was faster, and as there is no
// telling which of the two was the app's, the grant is gone.
func (s *Store) Refresh(ctx context.Context, old, next []byte, a Access, now time.Time) error {
	reused := false
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		var grant string
		err := tx.QueryRowContext(ctx, `UPDATE refreshes SET used = ? WHERE hash = ? AND used = 0 RETURNING grant_id`, millis(now), old).Scan(&grant)
		if errors.Is(err, sql.ErrNoRows) {
			reused = true
			_, err = tx.ExecContext(ctx, `DELETE FROM grants WHERE id IN (SELECT grant_id FROM refreshes WHERE hash = ?)`, old)
			return err
		}
		if err != nil {
			return err
		}
		return insertTokens(ctx, tx, grant, a, next)
	})
	if err == nil && reused {
		err = ErrReused
	}
	return err
}

// Access finds an access token that has not expired, with its grant, or returns ErrNotFound.
func (s *Store) Access(ctx context.Context, id string, now time.Time) (a Access, g Grant, err error) {
	var expires int64
	a.ID = id
	g, err = scanGrant(s.read.QueryRowContext(ctx, `SELECT `+grantColumns+`, accesses.scopes, accesses.expires FROM accesses
		JOIN grants ON grants.id = grant_id WHERE accesses.id = ? AND accesses.expires > ?`, id, millis(now)), &a.Scopes, &expires)
	a.Expires = moment(expires)
	return a, g, err
}

// EndGrant takes back all tokens of a grant of an app. One that is gone already is no error.
func (s *Store) EndGrant(ctx context.Context, id, app string) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM grants WHERE id = ? AND app_id = ?`, id, app)
	return err
}

// EndAccess takes one access token of an app back. One that is gone already is no error.
func (s *Store) EndAccess(ctx context.Context, id, app string) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM accesses WHERE id = ? AND grant_id IN (SELECT id FROM grants WHERE app_id = ?)`, id, app)
	return err
}

// endTokens takes back what apps got, or are about to get, by sign-ins with a registration; nil: with any of the user's.
func endTokens(ctx context.Context, tx *sql.Tx, userID string, registration []byte) error {
	for _, table := range []string{"grants", "authorizations", "devices"} {
		_, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE user_id = ?1 AND registration IS NOT NULL AND (?3 OR registration = ?2)`,
			userID, registration, registration == nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// SweepTokens removes what has expired; authorizations are kept until began.
func (s *Store) SweepTokens(ctx context.Context, now, began time.Time) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, a := tx.ExecContext(ctx, `DELETE FROM authorizations WHERE created < ?`, millis(began))
		_, b := tx.ExecContext(ctx, `DELETE FROM grants WHERE expires <= ?`, millis(now))
		_, c := tx.ExecContext(ctx, `DELETE FROM accesses WHERE expires <= ?`, millis(now))
		_, d := tx.ExecContext(ctx, `DELETE FROM devices WHERE expires <= ?`, millis(now))
		return errors.Join(a, b, c, d)
	})
}
