package store

import (
	"context"
	"time"
)

// User is one account of the tenant.
type User struct {
	ID       string // 32 hex digits, random, for ever
	Handle   []byte // WebAuthn user handle: 32 random bytes, for ever
	UPN      string // lower case
	Name     string
	Password string // argon2id, PHC string
	Created  time.Time
}

const userColumns = `id, handle, upn, name, password, created`

func scanUser(row scanner) (User, error) {
	var u User
	var created int64
	err := row.Scan(&u.ID, &u.Handle, &u.UPN, &u.Name, &u.Password, &created)
	u.Created = moment(created)
	return u, named(err)
}

// CreateUser adds an account, or returns ErrExists.
func (s *Store) CreateUser(ctx context.Context, u User) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO users (`+userColumns+`) VALUES (?, ?, ?, ?, ?, ?)`,
		u.ID, u.Handle, u.UPN, u.Name, u.Password, millis(u.Created))
	return named(err)
}

// User finds an account by id, or returns ErrNotFound.
func (s *Store) User(ctx context.Context, id string) (User, error) {
	return scanUser(s.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE id = ?`, id))
}

// UserByUPN finds an account by its UPN in lower case, or returns ErrNotFound.
func (s *Store) UserByUPN(ctx context.Context, upn string) (User, error) {
	return scanUser(s.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE upn = ?`, upn))
}

// UserByHandle finds an account by its WebAuthn user handle, or returns ErrNotFound.
func (s *Store) UserByHandle(ctx context.Context, handle []byte) (User, error) {
	return scanUser(s.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE handle = ?`, handle))
}

// SetPassword replaces the password's PHC string, or returns ErrNotFound.
func (s *Store) SetPassword(ctx context.Context, id, phc string) error {
	return one(s.write.ExecContext(ctx, `UPDATE users SET password = ? WHERE id = ?`, phc, id))
}
