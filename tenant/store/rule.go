package store

import (
	"context"
	"database/sql"
	"errors"
)

// Rule is what the tenant or one group says about ways to sign in. What the words mean, package policy knows.
type Rule struct {
	Group    string `json:"group,omitempty"` // id; empty: the tenant
	Name     string `json:"name,omitempty"`  // of the group
	Phone    string `json:"phone"`           // empty: says nothing
	Password string `json:"password"`        // empty: says nothing
}

const (
	ruleColumns = `rules.group_id, coalesce(groups.name, ''), phone, password`
	ruleTables  = ` FROM rules LEFT JOIN groups ON groups.id = rules.group_id `
)

func scanRule(row scanner) (r Rule, err error) {
	err = row.Scan(&r.Group, &r.Name, &r.Phone, &r.Password)
	return r, named(err)
}

// Rules lists all rules, the tenant's first if there is one, then the groups' by name.
func (s *Store) Rules(ctx context.Context) ([]Rule, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+ruleColumns+ruleTables+`ORDER BY rules.group_id <> '', groups.name`)
	return collect(rows, err, scanRule)
}

// RulesFor lists the rules that a user is under, in the order of Rules.
func (s *Store) RulesFor(ctx context.Context, userID string) ([]Rule, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+ruleColumns+ruleTables+`WHERE rules.group_id = ''
		OR rules.group_id IN (SELECT group_id FROM members WHERE user_id = ?) ORDER BY rules.group_id <> '', groups.name`, userID)
	return collect(rows, err, scanRule)
}

// ChangeRule reads a scope's rule (group: an id, empty for the tenant), lets change alter it, writes it back with a line
// in the audit log, and returns both. A rule that says nothing is removed.
func (s *Store) ChangeRule(ctx context.Context, group string, change func(Rule) Rule, c Change) (before, after Rule, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		before, err = scanRule(tx.QueryRowContext(ctx, `SELECT `+ruleColumns+ruleTables+`WHERE rules.group_id = ?`, group))
		if errors.Is(err, ErrNotFound) {
			before, err = Rule{Group: group}, nil
		}
		if err != nil {
			return err
		}
		after = change(before)
		if err := putRule(ctx, tx, group, after); err != nil {
			return err
		}
		return insertAudit(ctx, tx, c, before, after)
	})
	return before, after, err
}

func putRule(ctx context.Context, tx *sql.Tx, group string, r Rule) error {
	if r.Phone == "" && r.Password == "" {
		_, err := tx.ExecContext(ctx, `DELETE FROM rules WHERE group_id = ?`, group)
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO rules (group_id, phone, password) VALUES (?, ?, ?)
		ON CONFLICT (group_id) DO UPDATE SET phone = excluded.phone, password = excluded.password`, group, r.Phone, r.Password)
	return err
}
