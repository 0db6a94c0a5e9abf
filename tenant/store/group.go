package store

import (
	"context"
	"database/sql"
	"time"
)

// Group is a set of users to which a policy can apply.
type Group struct {
	ID      string    `json:"id"` // 32 hex digits, random, for ever
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
}

func scanGroup(row scanner) (Group, error) {
	var g Group
	var created int64
	err := row.Scan(&g.ID, &g.Name, &created)
	g.Created = moment(created)
	return g, named(err)
}

// CreateGroup adds a group, or returns ErrExists.
func (s *Store) CreateGroup(ctx context.Context, g Group, c Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO groups (id, name, created) VALUES (?, ?, ?)`, g.ID, g.Name, millis(g.Created))
		if err != nil {
			return named(err)
		}
		return insertAudit(ctx, tx, c, nil, g)
	})
}

// RemoveGroup takes a group, its memberships and its rule away, or returns ErrNotFound. The ends happen in the same moment.
func (s *Store) RemoveGroup(ctx context.Context, g Group, c Change, ends ...Ending) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `DELETE FROM groups WHERE id = ?`, g.ID)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM rules WHERE group_id = ?`, g.ID); err != nil {
			return err
		}
		if err := insertAudit(ctx, tx, c, g, nil); err != nil {
			return err
		}
		return endWays(ctx, tx, c, ends)
	})
}

// Groups lists the groups by name.
func (s *Store) Groups(ctx context.Context) ([]Group, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, name, created FROM groups ORDER BY name`)
	return collect(rows, err, scanGroup)
}

// Group finds a group by its id or its name, or returns ErrNotFound. An id wins.
func (s *Store) Group(ctx context.Context, idOrName string) (Group, error) {
	return scanGroup(s.read.QueryRowContext(ctx,
		`SELECT id, name, created FROM groups WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC LIMIT 1`, idOrName))
}

// GroupsOf lists the groups of a user by name.
func (s *Store) GroupsOf(ctx context.Context, userID string) ([]Group, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT id, name, created FROM groups JOIN members ON group_id = id WHERE user_id = ? ORDER BY name`, userID)
	return collect(rows, err, scanGroup)
}

// Members lists the users of a group by UPN.
func (s *Store) Members(ctx context.Context, groupID string) ([]User, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT `+userColumns+` FROM users JOIN members ON user_id = id WHERE group_id = ? ORDER BY upn`, groupID)
	return collect(rows, err, scanUser)
}

// AddMember puts a user into a group, or returns ErrExists. The ends happen in the same moment.
func (s *Store) AddMember(ctx context.Context, groupID string, u User, c Change, ends ...Ending) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO members (group_id, user_id) VALUES (?, ?)`, groupID, u.ID); err != nil {
			return named(err)
		}
		if err := insertAudit(ctx, tx, c, nil, member(u)); err != nil {
			return err
		}
		return endWays(ctx, tx, c, ends)
	})
}

// RemoveMember takes a user out of a group, or returns ErrNotFound. The ends happen in the same moment.
func (s *Store) RemoveMember(ctx context.Context, groupID string, u User, c Change, ends ...Ending) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `DELETE FROM members WHERE group_id = ? AND user_id = ?`, groupID, u.ID)); err != nil {
			return err
		}
		if err := insertAudit(ctx, tx, c, member(u), nil); err != nil {
			return err
		}
		return endWays(ctx, tx, c, ends)
	})
}

func member(u User) any { return map[string]string{"id": u.ID, "upn": u.UPN} }
