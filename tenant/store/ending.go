package store

import (
	"context"
	"database/sql"
	"strings"
)

// Way is how a session began: by which method and, for a second factor, after which kind and use of device.
type Way struct {
	Method string // of the session
	Device string // such as "phone/approve" where Method has a second factor; empty: whatever it was
}

// Ending says which ways of beginning a session policy takes from a user: what began so ends.
type Ending struct {
	UserID, UPN string
	Ways        []Way
}

// deviceOf is the kind and use of the device that began a row of one of the tables below. Of one that was removed, the
// weaker use is assumed.
const deviceOf = `coalesce((SELECT kind || '/' || use FROM registrations WHERE id = registration), 'phone/approve')`

// opened are the tables of what a sign-in begins: the session, and what apps got or are about to get by it.
var opened = []string{"sessions", "grants", "authorizations", "devices"}

// endWays ends, within a change, what began in ways that it takes from users. Each user who is signed out by it has a line
// of the audit log, the same as by an admin's hand, which names the change.
func endWays(ctx context.Context, tx *sql.Tx, c Change, list []Ending) error {
	if len(list) == 0 {
		return nil
	}
	open, err := somethingOpen(ctx, tx)
	if err != nil {
		return err
	}
	for _, e := range list {
		if !open[e.UserID] { // most of a large tenant: nothing to look for
			continue
		}
		ended, err := endWaysOf(ctx, tx, e)
		if err != nil {
			return err
		}
		if ended["sessions"]+ended["grants"] == 0 {
			continue
		}
		before := map[string]int64{"sessions": ended["sessions"], "tokens": ended["grants"]}
		after := map[string]any{"sessions": 0, "tokens": 0, "by": c.Action + " " + c.Target}
		if err := insertAudit(ctx, tx, Change{Time: c.Time, Actor: c.Actor, Action: "user.signout", Target: e.UPN}, before, after); err != nil {
			return err
		}
	}
	return nil
}

// somethingOpen are the ids of all users who have a session, or by whom an app has something.
func somethingOpen(ctx context.Context, tx *sql.Tx) (map[string]bool, error) {
	ids := map[string]bool{}
	rows, err := tx.QueryContext(ctx, `SELECT user_id FROM sessions UNION SELECT user_id FROM grants
		UNION SELECT user_id FROM authorizations WHERE user_id IS NOT NULL UNION SELECT user_id FROM devices WHERE user_id IS NOT NULL`)
	_, err = collect(rows, err, func(row scanner) (none struct{}, err error) {
		var id string
		err = row.Scan(&id)
		ids[id] = true
		return none, err
	})
	return ids, err
}

// endWaysOf says how many rows of each table ended.
func endWaysOf(ctx context.Context, tx *sql.Tx, e Ending) (map[string]int64, error) {
	ended := map[string]int64{}
	for _, way := range e.Ways {
		for _, table := range opened {
			r, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE user_id = ?1 AND method = ?2 AND (?3 = '' OR `+deviceOf+` = ?3)`,
				e.UserID, way.Method, way.Device)
			if err != nil {
				return nil, err
			}
			n, err := r.RowsAffected()
			if err != nil {
				return nil, err
			}
			ended[table] += n
		}
	}
	return ended, nil
}

// waysOf is how a user's sessions that have not expired began, in a query with the table users and the time as ?1.
const waysOf = `coalesce((SELECT group_concat(method || '|' || iif(instr(method, '+'), ` + deviceOf + `, ''), ' ') FROM sessions
	WHERE user_id = users.id AND expires > ?1), '')`

// readWays reads what waysOf gives: one way for each session.
func readWays(text string) (ways []Way) {
	for _, one := range strings.Fields(text) {
		method, device, _ := strings.Cut(one, "|")
		ways = append(ways, Way{method, device})
	}
	return ways
}
