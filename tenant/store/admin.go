package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// ErrLast means that nobody would be left who may do it.
var ErrLast = errors.New("the last one")

// Admin is a user with a role.
type Admin struct {
	User  User
	Role  string // package admin knows the roles
	Since time.Time
}

// Top is the role of which somebody who is not disabled has to be left, once somebody has it.
const Top = "administrator"

// Role is the role of a user, "" for none.
func (s *Store) Role(ctx context.Context, userID string) (role string, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT role FROM admins WHERE user_id = ?`, userID).Scan(&role)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return role, err
}

// Admins lists who has a role, by UPN.
func (s *Store) Admins(ctx context.Context) ([]Admin, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+userColumns+`, role, since FROM admins JOIN users ON users.id = user_id ORDER BY upn`)
	return collect(rows, err, func(row scanner) (a Admin, err error) {
		var since int64
		a.User, err = scanUser(more{row, []any{&a.Role, &since}})
		a.Since = moment(since)
		return a, err
	})
}

// more scans further columns behind those of another row.
type more struct {
	scanner
	rest []any
}

// Scan implements scanner.
func (m more) Scan(to ...any) error { return m.scanner.Scan(append(to, m.rest...)...) }

// SetRole gives a user a role, or takes it with "". Open invitations of the user are taken back: whoever made one may not
// have been allowed to, had the user had the role. ErrLast: the last administrator would go. ErrNotFound: there is no
// such user.
func (s *Store) SetRole(ctx context.Context, u User, role string, c Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		var before string
		err := tx.QueryRowContext(ctx, `SELECT coalesce((SELECT role FROM admins WHERE user_id = users.id), '') FROM users WHERE id = ?`, u.ID).Scan(&before)
		if err != nil {
			return named(err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM admins WHERE user_id = ?`, u.ID); err != nil {
			return err
		}
		if role != "" {
			if _, err := tx.ExecContext(ctx, `INSERT INTO admins (user_id, role, since) VALUES (?, ?, ?)`, u.ID, role, millis(c.Time)); err != nil {
				return err
			}
		}
		if err := withdraw(ctx, tx, u.ID); err != nil {
			return err
		}
		if before == Top && role != Top {
			if err := someoneLeft(ctx, tx); err != nil {
				return err
			}
		}
		return insertAudit(ctx, tx, c, map[string]string{"role": before}, map[string]string{"role": role})
	})
}

// someoneLeft makes sure that an administrator is left who can sign in.
func someoneLeft(ctx context.Context, tx *sql.Tx) error {
	var left bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM admins JOIN users ON users.id = user_id WHERE role = ? AND disabled = 0)`, Top).Scan(&left)
	if err == nil && !left {
		err = ErrLast
	}
	return err
}

// notLast makes sure that an administrator is left without this user, who has just been disabled.
func notLast(ctx context.Context, tx *sql.Tx, userID string) error {
	var is bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM admins WHERE role = ? AND user_id = ?)`, Top, userID).Scan(&is)
	if err != nil || !is {
		return err
	}
	return someoneLeft(ctx, tx)
}
