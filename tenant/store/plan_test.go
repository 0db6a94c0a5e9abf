package store

import (
	"strings"
	"testing"
)

// plan is how SQLite would answer a query, step by step.
func plan(t *testing.T, s *Store, q query) string {
	t.Helper()
	rows, err := s.read.QueryContext(ctx, `EXPLAIN QUERY PLAN `+q.text, q.args...)
	steps, err := collect(rows, err, func(row scanner) (step string, err error) {
		var id, parent, unused int
		err = row.Scan(&id, &parent, &unused, &step)
		return step, err
	})
	check(t, err)
	return strings.Join(steps, "; ")
}

// A page of a list walks along an index from where the last one ended: nothing is sorted, and only what the first page
// begins with is read from the start. So it costs the same anywhere among a million users.
func TestPagesWalkAlongAnIndex(t *testing.T) {
	s := openSQLite(t)
	for name, c := range map[string]struct {
		query
		index string
	}{
		"users":         {ask(UserFilter{After: "m"}.query(51)), "upn>"},
		"users by name": {ask(UserFilter{ByName: true, After: "m"}.query(51)), "users_name"},
		"beginning so":  {ask(UserFilter{Prefix: "m", After: "ma"}.query(51)), "upn>"},
		"name so":       {ask(UserFilter{Prefix: "m", ByName: true}.query(51)), "users_name"},
		"blocked":       {ask(UserFilter{Disabled: true, After: "m"}.query(51)), "users_disabled"},
		"reported":      {ask(UserFilter{AtRisk: true, After: "m"}.query(51)), "users_risk"},
		"devices":       {ask(DevicePage{AfterUPN: "m", AfterRow: 7}.query(51)), "upn>"},
	} {
		got := plan(t, s, c.query)
		if strings.Contains(got, "TEMP B-TREE FOR ORDER BY") || !strings.Contains(got, "SEARCH users") || !strings.Contains(got, c.index) || strings.Contains(got, "SCAN registrations") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// query is what is asked of the database.
type query struct {
	text string
	args []any
}

func ask(text string, args []any) query { return query{text, args} }
