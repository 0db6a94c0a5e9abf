package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Invitation is a one-time pass with which a user comes to the first phone.
type Invitation struct {
	ID      string    `json:"id"`
	UserID  string    `json:"userId"`
	Secret  []byte    `json:"-"` // SHA-256 of the pass
	Actor   string    `json:"actor"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	Used    time.Time `json:"used"` // zero: not
	Inviter string    `json:"-"`    // id of the user that Actor is; empty: the command line
}

const invitationColumns = `id, user_id, secret, actor, created, expires, used, inviter`

func scanInvitation(row scanner) (i Invitation, err error) {
	var created, expires, used int64
	err = row.Scan(&i.ID, &i.UserID, &i.Secret, &i.Actor, &created, &expires, &used, &i.Inviter)
	i.Created, i.Expires, i.Used = moment(created), moment(expires), moment(used)
	return i, named(err)
}

// Invite keeps an invitation. Earlier ones of the user that nobody used are taken back: two passes would be one too many
// to lose.
func (s *Store) Invite(ctx context.Context, i Invitation, c Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		before, err := pending(ctx, tx, i.UserID)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM invitations WHERE user_id = ? AND used = 0`, i.UserID); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO invitations (`+invitationColumns+`) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0,
			coalesce((SELECT id FROM users WHERE upn = ?4), ''))`,
			i.ID, i.UserID, i.Secret, i.Actor, millis(i.Created), millis(i.Expires))
		if err != nil {
			return named(err)
		}
		return insertAudit(ctx, tx, c, before, i)
	})
}

// pending is the invitation of a user that nobody used; nil: there is none.
func pending(ctx context.Context, tx *sql.Tx, userID string) (*Invitation, error) {
	i, err := scanInvitation(tx.QueryRowContext(ctx, `SELECT `+invitationColumns+` FROM invitations WHERE user_id = ? AND used = 0`, userID))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return &i, err
}

// Invitation finds an invitation by its secret's hash, used or not, or returns ErrNotFound.
func (s *Store) Invitation(ctx context.Context, secret []byte) (Invitation, error) {
	return scanInvitation(s.read.QueryRowContext(ctx, `SELECT `+invitationColumns+` FROM invitations WHERE secret = ?`, secret))
}

// Accept uses an invitation up and begins a session for its user, in place of the session old (nil: none), with the
// entry: all or nothing. ErrNotFound: it was used or taken back meanwhile. Of several callers one gets it.
func (s *Store) Accept(ctx context.Context, id string, n Session, old []byte, e Entry) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `UPDATE invitations SET used = ? WHERE id = ? AND used = 0`, millis(n.Started), id)); err != nil {
			return err
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

// withdraw takes back what invitations have opened or may open: passes that nobody used, and sessions that one began. An
// account that is about to be worth more, or that somebody may have got hold of, must not be entered by an old pass.
func withdraw(ctx context.Context, tx *sql.Tx, userID string) error {
	_, a := tx.ExecContext(ctx, `DELETE FROM invitations WHERE user_id = ? AND used = 0`, userID)
	_, b := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = ? AND method = 'invitation'`, userID)
	return errors.Join(a, b)
}
