package store

import (
	"context"
	"database/sql"
	"errors"
)

// Rule is what the tenant or one group says about ways to sign in. What the settings and the words mean, package policy
// knows.
type Rule struct {
	Group string            `json:"group,omitempty"` // id; empty: the tenant
	Name  string            `json:"name,omitempty"`  // of the group
	Words map[string]string `json:"words"`           // by setting; what is not there, the rule says nothing about
}

const (
	ruleColumns = `rules.group_id, coalesce(groups.name, ''), setting, word`
	ruleTables  = ` FROM rules LEFT JOIN groups ON groups.id = rules.group_id `
	ruleOrder   = ` ORDER BY rules.group_id <> '', groups.name, rules.group_id, setting`
)

// gather reads rows of single words, which come in the order of their rules.
func gather(rows *sql.Rows, err error) ([]Rule, error) {
	var list []Rule
	_, err = collect(rows, err, func(row scanner) (none struct{}, err error) {
		var r Rule
		var setting, word string
		if err := row.Scan(&r.Group, &r.Name, &setting, &word); err != nil {
			return none, err
		}
		if len(list) == 0 || list[len(list)-1].Group != r.Group {
			r.Words = map[string]string{}
			list = append(list, r)
		}
		list[len(list)-1].Words[setting] = word
		return none, nil
	})
	return list, err
}

// Rules lists all rules, the tenant's first if there is one, then the groups' by name.
func (s *Store) Rules(ctx context.Context) ([]Rule, error) {
	return gather(s.read.QueryContext(ctx, `SELECT `+ruleColumns+ruleTables+ruleOrder))
}

// RulesFor lists the rules that a user is under, in the order of Rules.
func (s *Store) RulesFor(ctx context.Context, userID string) ([]Rule, error) {
	return gather(s.read.QueryContext(ctx, `SELECT `+ruleColumns+ruleTables+`WHERE rules.group_id = ''
		OR rules.group_id IN (SELECT group_id FROM members WHERE user_id = ?)`+ruleOrder, userID))
}

// ChangeRule reads a scope's rule (group: an id, empty for the tenant), lets change alter it, writes it back with a line
// in the audit log, and returns both. A rule that says nothing is removed. What ends with it ends in the same moment.
func (s *Store) ChangeRule(ctx context.Context, group string, change func(Rule) Rule, c Change, ends ...Ending) (before, after Rule, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if before, err = ruleOf(ctx, tx, group); err != nil {
			return err
		}
		after = change(before)
		if err := putRule(ctx, tx, group, after); err != nil {
			return err
		}
		if err := insertAudit(ctx, tx, c, before, after); err != nil {
			return err
		}
		return endWays(ctx, tx, c, ends)
	})
	return before, after, err
}

func ruleOf(ctx context.Context, tx *sql.Tx, group string) (Rule, error) {
	list, err := gather(tx.QueryContext(ctx, `SELECT `+ruleColumns+ruleTables+`WHERE rules.group_id = ?`+ruleOrder, group))
	if err == nil && len(list) == 0 {
		list = []Rule{{Group: group, Words: map[string]string{}}}
	}
	if err != nil {
		return Rule{}, err
	}
	return list[0], nil
}

func putRule(ctx context.Context, tx *sql.Tx, group string, r Rule) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM rules WHERE group_id = ?`, group)
	for setting, word := range r.Words {
		if word == "" {
			continue
		}
		_, e := tx.ExecContext(ctx, `INSERT INTO rules (group_id, setting, word) VALUES (?, ?, ?)`, group, setting, word)
		err = errors.Join(err, e)
	}
	return err
}
