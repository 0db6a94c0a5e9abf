package store

import (
	"context"
	"strings"
)

// Standing is what policy needs to know of one user.
type Standing struct {
	UserID, UPN string
	Groups      []string       // ids
	Devices     []Registration // kind and use only
}

// Standings calls each for every user, or for the members of a group, by UPN. It reads all in one query, because a dry run
// asks about everybody; an error of each ends it and is returned.
func (s *Store) Standings(ctx context.Context, groupID string, each func(Standing) error) error {
	var w wanted
	w.add(groupID != "", `id IN (SELECT user_id FROM members WHERE group_id = ?)`, groupID)
	rows, err := s.read.QueryContext(ctx, `SELECT id, upn, coalesce((SELECT group_concat(group_id, ' ') FROM members WHERE user_id = users.id), ''),
		coalesce((SELECT group_concat(kind || '/' || use, ' ') FROM registrations WHERE user_id = users.id), '') FROM users`+w.where()+` ORDER BY upn`, w.args...)
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
	var groups, devices string
	err = row.Scan(&st.UserID, &st.UPN, &groups, &devices)
	st.Groups = strings.Fields(groups)
	for _, d := range strings.Fields(devices) {
		kind, use, _ := strings.Cut(d, "/")
		st.Devices = append(st.Devices, Registration{Kind: kind, Use: use})
	}
	return st, err
}
