package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// ErrReused means that a code or a refresh token was presented a second time. All tokens that descend from it are gone.
var ErrReused = errors.New("used before")

// Authorization is an app's request for a sign-in.
type Authorization struct {
	ID      string
	App     string
	Browser []byte // SHA-256 of the cookie that it is bound to
	Request []byte // JSON
	Created time.Time

	UserID   string // empty: nobody answered yet
	Method   string // of the session that answered
	AuthTime time.Time
	Coded    time.Time // when its code was given; zero: not
}

const authorizationColumns = `id, app_id, browser, request, coalesce(user_id, ''), method, auth_time, coded, created`

func scanAuthorization(row scanner) (a Authorization, err error) {
	var at, coded, created int64
	err = row.Scan(&a.ID, &a.App, &a.Browser, &a.Request, &a.UserID, &a.Method, &at, &coded, &created)
	a.AuthTime, a.Coded, a.Created = moment(at), moment(coded), moment(created)
	return a, named(err)
}

// CreateAuthorization keeps a request that begins.
func (s *Store) CreateAuthorization(ctx context.Context, a Authorization) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO authorizations (id, app_id, browser, request, method, auth_time, coded, redeemed, created)
		VALUES (?, ?, ?, ?, '', 0, 0, 0, ?)`, a.ID, a.App, a.Browser, a.Request, millis(a.Created))
	return named(err)
}

// Authorization finds a request that began in this browser and has no code yet, or returns ErrNotFound.
func (s *Store) Authorization(ctx context.Context, id string, browser []byte) (Authorization, error) {
	return scanAuthorization(s.read.QueryRowContext(ctx,
		`SELECT `+authorizationColumns+` FROM authorizations WHERE id = ? AND browser = ? AND code IS NULL`, id, browser))
}

// GiveCode notes who answered, and the code's hash. ErrNotFound: the request has a code already, or is gone.
func (s *Store) GiveCode(ctx context.Context, a Authorization, code []byte) error {
	return one(s.write.ExecContext(ctx, `UPDATE authorizations SET user_id = ?, method = ?, auth_time = ?, code = ?, coded = ?
		WHERE id = ? AND code IS NULL`, a.UserID, a.Method, millis(a.AuthTime), code, millis(a.Coded), a.ID))
}

// RedeemCode finds a request by its code's hash, once. ErrNotFound: there is no such code. ErrReused: it came a second
// time, so what it gave the first time is taken back (RFC 6749 section 4.1.2).
func (s *Store) RedeemCode(ctx context.Context, code []byte, now time.Time) (a Authorization, err error) {
	reused := false
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		a, err = scanAuthorization(tx.QueryRowContext(ctx, `SELECT `+authorizationColumns+` FROM authorizations WHERE code = ?`, code))
		if err != nil {
			return err
		}
		err := one(tx.ExecContext(ctx, `UPDATE authorizations SET redeemed = ? WHERE code = ? AND redeemed = 0`, millis(now), code))
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		reused = true
		_, err = tx.ExecContext(ctx, `DELETE FROM grants WHERE id = ?`, a.ID)
		return err
	})
	if err == nil && reused {
		err = ErrReused
	}
	return a, err
}

// Grant is what an app got of a user.
type Grant struct {
	ID       string
	App      string
	UserID   string
	Scopes   string // with blanks between
	Method   string
	AuthTime time.Time
	Created  time.Time
	Expires  time.Time
}

// Access is an access token of a grant.
type Access struct {
	ID      string
	Scopes  string
	Expires time.Time
}

const grantColumns = `grants.id, app_id, user_id, grants.scopes, method, auth_time, grants.created, grants.expires`

func scanGrant(row scanner, more ...any) (g Grant, err error) {
	var at, created, expires int64
	err = row.Scan(append([]any{&g.ID, &g.App, &g.UserID, &g.Scopes, &g.Method, &at, &created, &expires}, more...)...)
	g.AuthTime, g.Created, g.Expires = moment(at), moment(created), moment(expires)
	return g, named(err)
}

// CreateGrant keeps a grant with its first access token, and its first refresh token if the hash is not nil.
func (s *Store) CreateGrant(ctx context.Context, g Grant, a Access, refresh []byte) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO grants (id, app_id, user_id, scopes, method, auth_time, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			g.ID, g.App, g.UserID, g.Scopes, g.Method, millis(g.AuthTime), millis(g.Created), millis(g.Expires))
		if err != nil {
			return named(err)
		}
		return insertTokens(ctx, tx, g.ID, a, refresh)
	})
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

// Refresh uses a refresh token up and keeps what takes its place. ErrReused: another request was faster.
func (s *Store) Refresh(ctx context.Context, old, next []byte, a Access, now time.Time) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		var grant string
		err := tx.QueryRowContext(ctx, `UPDATE refreshes SET used = ? WHERE hash = ? AND used = 0 RETURNING grant_id`, millis(now), old).Scan(&grant)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrReused
		}
		if err != nil {
			return err
		}
		return insertTokens(ctx, tx, grant, a, next)
	})
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

// SweepTokens removes what has expired; authorizations are kept until began.
func (s *Store) SweepTokens(ctx context.Context, now, began time.Time) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, a := tx.ExecContext(ctx, `DELETE FROM authorizations WHERE created < ?`, millis(began))
		_, b := tx.ExecContext(ctx, `DELETE FROM grants WHERE expires <= ?`, millis(now))
		_, c := tx.ExecContext(ctx, `DELETE FROM accesses WHERE expires <= ?`, millis(now))
		return errors.Join(a, b, c)
	})
}
