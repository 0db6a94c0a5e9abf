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
	Consent string // id of the user who let the app in, or Denied; empty: nobody was asked

	Authentication           // of the session that answered; its UserID is empty: nobody has yet
	Coded          time.Time // when its code was given; zero: not
}

// Denied is the consent of a person who did not let an app in.
const Denied = "denied"

// Authentication is who signed in, and how: what a session says that tokens come of.
type Authentication struct {
	UserID       string
	Method       string
	Number       string
	UV           string
	Registration []byte // nil: none took part
	AuthTime     time.Time
}

// Authentication is what tokens remember of a session.
func (n Session) Authentication() Authentication {
	return Authentication{n.UserID, n.Method, n.Number, n.UV, n.Registration, n.Started}
}

const authenticationColumns = `coalesce(user_id, ''), method, number, uv, registration, auth_time`

// into are the places for authenticationColumns; the last is for the time, in milliseconds.
func (a *Authentication) into(at *int64) []any {
	return []any{&a.UserID, &a.Method, &a.Number, &a.UV, &a.Registration, at}
}

// values are for the same columns, in their order.
func (a Authentication) values() []any {
	return []any{a.UserID, a.Method, a.Number, a.UV, a.Registration, millis(a.AuthTime)}
}

const authorizationColumns = `id, app_id, browser, request, consent, coded, created, ` + authenticationColumns

func scanAuthorization(row scanner) (a Authorization, err error) {
	var at, coded, created int64
	err = row.Scan(append([]any{&a.ID, &a.App, &a.Browser, &a.Request, &a.Consent, &coded, &created}, a.into(&at)...)...)
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

// Consent notes what the person said about a request of this browser. ErrNotFound: it has a code already, or is gone.
func (s *Store) Consent(ctx context.Context, id string, browser []byte, consent string) error {
	return one(s.write.ExecContext(ctx, `UPDATE authorizations SET consent = ? WHERE id = ? AND browser = ? AND code IS NULL`, consent, id, browser))
}

// GiveCode notes who answered, and the code's hash. ErrNotFound: the request has a code already, or is gone.
func (s *Store) GiveCode(ctx context.Context, a Authorization, code []byte) error {
	return one(s.write.ExecContext(ctx, `UPDATE authorizations SET user_id = ?, method = ?, number = ?, uv = ?, registration = ?, auth_time = ?,
		code = ?, coded = ? WHERE id = ? AND code IS NULL`, append(a.values(), code, millis(a.Coded), a.ID)...))
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
