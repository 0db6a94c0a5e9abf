package store

import (
	"context"
	"database/sql"
	"time"
)

// Owned is a registration and whose it is.
type Owned struct {
	Registration
	Owner User
	Row   int64 // where it stands in the list, for the next page
}

// DevicePage chooses registrations; what is zero chooses all. The list is by the owner's UPN.
type DevicePage struct {
	Prefix   string // with which the owner's UPN begins
	Kind     string // "phone" or "passkey"
	AfterUPN string // of the last one before
	AfterRow int64
}

// Devices gives at most limit registrations.
func (s *Store) Devices(ctx context.Context, p DevicePage, limit int) ([]Owned, error) {
	query, args := p.query(limit)
	rows, err := s.read.QueryContext(ctx, query, args...)
	return collect(rows, err, scanOwned)
}

func (p DevicePage) query(limit int) (string, []any) {
	var w wanted
	w.prefix(`upn`, p.Prefix)
	w.add(p.Kind != "", `kind = ?`, p.Kind)
	w.add(p.AfterUPN != "", `upn >= ? AND (upn, registrations.rowid) > (?, ?)`, p.AfterUPN, p.AfterUPN, p.AfterRow) // the former for the index
	return `SELECT ` + ownedColumns + ` FROM users CROSS JOIN registrations ON user_id = users.id` +
		w.where() + ` ORDER BY upn, registrations.rowid LIMIT ?`, append(w.args, limit)
}

const ownedColumns = `registrations.id, user_id, registrations.name, public_key, sign_count, flags, aaguid, transports, registrations.created, used, kind, use, uv, renews, unregister,
	registrations.rowid, ` + userColumns

func scanOwned(row scanner) (o Owned, err error) {
	var created, used, made, disabled, risk, bare int64
	r, u := &o.Registration, &o.Owner
	err = row.Scan(&r.ID, &r.UserID, &r.Name, &r.PublicKey, &r.SignCount, &r.Flags, &r.AAGUID, &r.Transports, &created, &used, &r.Kind, &r.Use, &r.UV, &r.Renews, &r.Unregister,
		&o.Row, &u.ID, &u.Handle, &u.UPN, &u.Name, &u.Password, &made, &disabled, &risk, &u.Sealed, &bare)
	r.Created, r.Used = moment(created), moment(used)
	u.Created, u.Disabled, u.Risk, u.Bare = moment(made), moment(disabled), moment(risk), moment(bare)
	return o, named(err)
}

// Guest is an invitation and whom it is for.
type Guest struct {
	Invitation
	UPN string
}

// Guests lists at most limit invitations, the newest first, behind the one with the id before ("": from the start). With
// userID only that user's.
func (s *Store) Guests(ctx context.Context, userID, before string, limit int) ([]Guest, error) {
	var w wanted
	w.add(userID != "", `user_id = ?`, userID)
	w.add(before != "", `(invitations.created, invitations.id) < (SELECT created, id FROM invitations WHERE id = ?)`, before)
	rows, err := s.read.QueryContext(ctx, `SELECT invitations.id, user_id, secret, actor, invitations.created, expires, used, inviter, upn
		FROM invitations JOIN users ON users.id = user_id`+w.where()+` ORDER BY invitations.created DESC, invitations.id DESC LIMIT ?`, append(w.args, limit)...)
	return collect(rows, err, func(row scanner) (g Guest, err error) {
		g.Invitation, err = scanInvitation(more{row, []any{&g.UPN}})
		return g, err
	})
}

// Revoke takes an invitation back that nobody used. ErrNotFound: there is none.
func (s *Store) Revoke(ctx context.Context, g Guest, c Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `DELETE FROM invitations WHERE id = ? AND used = 0`, g.ID)); err != nil {
			return err
		}
		return insertAudit(ctx, tx, c, g.Invitation, nil)
	})
}

// Guest finds an invitation by its id, or returns ErrNotFound.
func (s *Store) Guest(ctx context.Context, id string) (g Guest, err error) {
	g.Invitation, err = scanInvitation(more{s.read.QueryRowContext(ctx, `SELECT invitations.id, user_id, secret, actor, invitations.created, expires, used, inviter, upn
		FROM invitations JOIN users ON users.id = user_id WHERE invitations.id = ?`, id), []any{&g.UPN}})
	return g, err
}

// ForgetInvitations removes those that were no good any more before a moment.
func (s *Store) ForgetInvitations(ctx context.Context, before time.Time) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM invitations WHERE expires < ?`, millis(before))
	return err
}
