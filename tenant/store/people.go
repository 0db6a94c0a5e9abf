package store

import (
	"context"
	"database/sql"
	"strings"
	"time"
	"unicode/utf8"
)

// UserFilter chooses users; what is zero chooses all. The list is by UPN, or by name if ByName.
type UserFilter struct {
	Prefix   string // with which the UPN, or the name, begins; the case of letters does not count
	ByName   bool
	Disabled bool   // only those
	AtRisk   bool   // only those
	After    string // UPN of the last one before: the page goes on behind it
}

// FindUsers gives at most limit users that the filter chooses. A page costs the same anywhere in the list.
func (s *Store) FindUsers(ctx context.Context, f UserFilter, limit int) ([]User, error) {
	query, args := f.query(limit)
	rows, err := s.read.QueryContext(ctx, query, args...)
	return collect(rows, err, scanUser)
}

func (f UserFilter) query(limit int) (string, []any) {
	var w wanted
	w.add(f.Disabled, `disabled <> 0`)
	w.add(f.AtRisk, `risk <> 0`)
	order := `upn`
	if f.ByName {
		order = `name COLLATE NOCASE, id`
		w.prefix(`name COLLATE NOCASE`, f.Prefix)
		w.add(f.After != "", `(name COLLATE NOCASE, id) > (SELECT name COLLATE NOCASE, id FROM users WHERE upn = ?)`, f.After)
	} else {
		w.prefix(`upn`, strings.ToLower(f.Prefix))
		w.add(f.After != "", `upn > ?`, f.After)
	}
	return `SELECT ` + userColumns + ` FROM users` + w.where() + ` ORDER BY ` + order + ` LIMIT ?`, append(w.args, limit)
}

// wanted is the conditions of a query. Only what is asked for stands in it, so that SQLite finds the index of each.
type wanted struct {
	list []string
	args []any
}

func (w *wanted) add(asked bool, condition string, args ...any) {
	if asked {
		w.list, w.args = append(w.list, condition), append(w.args, args...)
	}
}

// prefix is a range, which an index answers; LIKE would not with a bound pattern.
func (w *wanted) prefix(column, text string) {
	w.add(text != "", column+` >= ? AND `+column+` < ?`, text, text+string(utf8.MaxRune))
}

func (w *wanted) where() string {
	if len(w.list) == 0 {
		return ""
	}
	return ` WHERE ` + strings.Join(w.list, ` AND `)
}

// EditUser gives a user another UPN and name. ErrExists: the UPN is taken. ErrNotFound: there is no such user.
func (s *Store) EditUser(ctx context.Context, u User, upn, name string, c Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `UPDATE users SET upn = ?, name = ? WHERE id = ?`, upn, name, u.ID)); err != nil {
			return err
		}
		return insertAudit(ctx, tx, c, map[string]string{"upn": u.UPN, "name": u.Name}, map[string]string{"upn": upn, "name": name})
	})
}

// SessionsOf lists a user's sessions that have not expired, the newest first.
func (s *Store) SessionsOf(ctx context.Context, userID string, now time.Time) ([]Session, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+sessionColumns+` FROM sessions WHERE user_id = ? AND expires > ? ORDER BY started DESC, token_hash`, userID, millis(now))
	return collect(rows, err, scanSession)
}

// EndAll ends all sessions of a user but keep (a token hash; nil: none), what they began, the tokens that apps got and open
// invitations, with the change in the audit log.
func (s *Store) EndAll(ctx context.Context, u User, keep []byte, c Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		var sessions int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sessions WHERE user_id = ? AND token_hash IS NOT ?`, u.ID, keep).Scan(&sessions); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = ? AND token_hash IS NOT ?`, u.ID, keep); err != nil {
			return err
		}
		if err := withdraw(ctx, tx, u.ID); err != nil {
			return err
		}
		for _, table := range []string{"grants", "authorizations", "devices"} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE user_id = ?`, u.ID); err != nil {
				return err
			}
		}
		return insertAudit(ctx, tx, c, map[string]int{"sessions": sessions}, map[string]int{"sessions": 0})
	})
}

// sorted is up to how many members a group is sorted for a page; a larger one is looked for among all users in their order.
const sorted = 2000

// MembersPage lists at most limit users of a group by UPN, behind the UPN after.
func (s *Store) MembersPage(ctx context.Context, groupID, after string, limit int) ([]User, error) {
	var members int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM members WHERE group_id = ? LIMIT ?)`, groupID, sorted+1).Scan(&members)
	if err != nil {
		return nil, err
	}
	from := `members CROSS JOIN users ON user_id = id`
	if members > sorted {
		from = `users CROSS JOIN members ON user_id = id`
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+userColumns+` FROM `+from+` WHERE group_id = ? AND upn > ? ORDER BY upn LIMIT ?`, groupID, after, limit)
	return collect(rows, err, scanUser)
}

// CountMembers says how many users each group has, by its id. A group without members is not in it.
func (s *Store) CountMembers(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	rows, err := s.read.QueryContext(ctx, `SELECT group_id, count(*) FROM members GROUP BY group_id`)
	_, err = collect(rows, err, func(row scanner) (none struct{}, err error) {
		var id string
		var n int
		err = row.Scan(&id, &n)
		counts[id] = n
		return none, err
	})
	return counts, err
}
