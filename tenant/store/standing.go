package store

import (
	"context"
	"strings"
	"time"
)

// Standing is what policy needs to know of one user.
type Standing struct {
	UserID, UPN string
	Groups      []string       // ids
	Devices     []Registration // kind and use only
	Sessions    []Way          // how each open session began
}

// Among is of whom to know the standing; the zero value is everybody.
type Among struct{ Group, User string } // ids

// Standings calls each for the users, by UPN. It reads all in one query, because a dry run asks about everybody; an error
// of each ends it and is returned. Sessions are those that are open at this moment.
func (s *Store) Standings(ctx context.Context, of Among, now time.Time, each func(Standing) error) error {
	w := wanted{args: []any{millis(now)}}
	w.add(of.Group != "", `id IN (SELECT user_id FROM members WHERE group_id = ?)`, of.Group)
	w.add(of.User != "", `id = ?`, of.User)
	rows, err := s.read.QueryContext(ctx, `SELECT id, upn, coalesce((SELECT group_concat(group_id, ' ') FROM members WHERE user_id = users.id), ''),
		coalesce((SELECT group_concat(kind || '/' || use, ' ') FROM registrations WHERE user_id = users.id), ''), `+waysOf+` FROM users`+w.where()+` ORDER BY upn`, w.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scanStanding(rows)
		if err != nil {
			return err
		}
		if err := each(one); err != nil {
			return err
		}
	}
	return rows.Err()
}

func scanStanding(row scanner) (st Standing, err error) {
	var groups, devices, ways string
	err = row.Scan(&st.UserID, &st.UPN, &groups, &devices, &ways)
	st.Groups, st.Sessions = strings.Fields(groups), readWays(ways)
	for _, d := range strings.Fields(devices) {
		kind, use, _ := strings.Cut(d, "/")
		st.Devices = append(st.Devices, Registration{Kind: kind, Use: use})
	}
	return st, err
}
