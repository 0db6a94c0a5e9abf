package store

import (
	"context"
	"database/sql"
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
	Disabled time.Time // zero: not
	Risk     time.Time // since when a report of a sign-in that was not theirs stands; zero: none does
	Sealed   bool      // a device vouched for who reported: the block, if policy wants one, is for devices too
	Bare     time.Time // since when they have no device because somebody took it away for whom none vouched; zero: not so
}

const userColumns = `users.id, handle, upn, users.name, password, users.created, disabled, risk, sealed, bare`

func scanUser(row scanner) (User, error) {
	var u User
	var created, disabled, risk, bare int64
	err := row.Scan(&u.ID, &u.Handle, &u.UPN, &u.Name, &u.Password, &created, &disabled, &risk, &u.Sealed, &bare)
	u.Created, u.Disabled, u.Risk, u.Bare = moment(created), moment(disabled), moment(risk), moment(bare)
	return u, named(err)
}

// CreateUser adds an account, or returns ErrExists. by is the admin who does it, for the audit log.
func (s *Store) CreateUser(ctx context.Context, u User, by ...Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := insertUser(ctx, tx, u); err != nil {
			return err
		}
		for _, c := range by {
			if err := insertAudit(ctx, tx, c, nil, map[string]any{"id": u.ID, "upn": u.UPN, "name": u.Name, "password": u.Password != ""}); err != nil {
				return err
			}
		}
		return nil
	})
}

func insertUser(ctx context.Context, tx *sql.Tx, u User) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO users (id, handle, upn, name, password, created, disabled, risk) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		u.ID, u.Handle, u.UPN, u.Name, u.Password, millis(u.Created), millis(u.Disabled), millis(u.Risk))
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

// RehashPassword replaces the PHC string of a user's password by another of the same password. ErrNotFound: it has been
// changed meanwhile.
func (s *Store) RehashPassword(ctx context.Context, u User, phc string) error {
	return one(s.write.ExecContext(ctx, `UPDATE users SET password = ? WHERE id = ? AND password = ?`, phc, u.ID, u.Password))
}

// NewPassword is a password that changes.
type NewPassword struct {
	PHC  string // empty: none any more
	Keep []byte // hash of the token of the session that asks, which stays; nil: none
	By   Change // of the admin; without an Action it is the user
}

// ChangePassword gives a user another password, ends the sessions and apps' tokens that began by the old one, and writes the
// admin's line of the audit log or the user's of the sign-in log: all or nothing. ErrNotFound: there is no such user.
func (s *Store) ChangePassword(ctx context.Context, u User, n NewPassword, e Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `UPDATE users SET password = ? WHERE id = ?`, n.PHC, u.ID)); err != nil {
			return err
		}
		ways := `user_id = ? AND method IN ('password', 'password+phone')`
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE `+ways+` AND token_hash IS NOT ?`, u.ID, n.Keep); err != nil {
			return err
		}
		for _, table := range []string{"grants", "authorizations", "devices"} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE `+ways, u.ID); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM attempts WHERE user_id = ? AND use = 'second'`, u.ID); err != nil {
			return err // it comes after the old one
		}
		if n.By.Action == "" {
			return insertEntry(ctx, tx, e)
		}
		return insertAudit(ctx, tx, n.By, map[string]bool{"password": u.Password != ""}, map[string]bool{"password": n.PHC != ""})
	})
}

// Users lists all accounts by UPN.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+userColumns+` FROM users ORDER BY upn`)
	return collect(rows, err, scanUser)
}

// DisableUser keeps an account from signing in, from at on, and ends its sessions and what it began, all at once; the
// zero time lets it sign in again. ErrNotFound: there is no such account. ErrLast: it is the last administrator's.
func (s *Store) DisableUser(ctx context.Context, u User, at time.Time, c Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `UPDATE users SET disabled = ? WHERE id = ?`, millis(at), u.ID)); err != nil {
			return err
		}
		if !at.IsZero() {
			for _, table := range []string{"sessions", "attempts", "grants", "authorizations", "devices"} {
				if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE user_id = ?`, u.ID); err != nil {
					return err
				}
			}
			if err := withdraw(ctx, tx, u.ID); err != nil {
				return err
			}
			if err := notLast(ctx, tx, u.ID); err != nil {
				return err
			}
		}
		return insertAudit(ctx, tx, c, map[string]bool{"disabled": !u.Disabled.IsZero()}, map[string]bool{"disabled": !at.IsZero()})
	})
}

// SetRisk notes since when a report stands; the zero time takes it back, with a line in the audit log.
func (s *Store) SetRisk(ctx context.Context, u User, at time.Time, c Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `UPDATE users SET risk = ?1, sealed = sealed AND ?1 <> 0 WHERE id = ?2`, millis(at), u.ID)); err != nil {
			return err
		}
		return insertAudit(ctx, tx, c, map[string]bool{"atRisk": !u.Risk.IsZero()}, map[string]bool{"atRisk": !at.IsZero()})
	})
}

// Report notes that a person says a sign-in was not theirs: the entry, the risk from its time on, and an end of the
// account's other sessions (keep, a token hash, stays), of what apps got, and of invitations, all or nothing. sealed says that
// a device vouched for who reports.
func (s *Store) Report(ctx context.Context, userID string, keep []byte, sealed bool, e Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `UPDATE users SET risk = ?, sealed = sealed OR ? WHERE id = ?`, millis(e.Time), sealed, userID)); err != nil {
			return err
		}
		if err := withdraw(ctx, tx, userID); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = ? AND token_hash IS NOT ?`, userID, keep); err != nil {
			return err
		}
		for _, table := range []string{"grants", "authorizations", "devices"} { // what apps have got, or are about to get
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE user_id = ?`, userID); err != nil {
				return err
			}
		}
		return insertEntry(ctx, tx, e)
	})
}
