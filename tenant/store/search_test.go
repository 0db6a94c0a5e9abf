package store

import (
	"strings"
	"testing"
	"time"
)

// A page looks at so many lines and no more, whatever is looked for; going on from page to page finds every line that a look
// at all of them finds, once.
func TestSearchIsBounded(t *testing.T) {
	s := openSQLite(t)
	const window, lines = 100, 250
	_, err := s.write.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
		INSERT INTO signins (time, request, upn, user_id, app, method, code, detail, policy, device, address, agent, millis)
		SELECT ?2 + i * 1000, '', iif(i % 2, 'odd', 'even'), '', '', 'phone', 'approved', '', '', iif(i IN (3, 4, ?3, ?1), 'Old phone', 'Phone'), '192.0.2.1', '', 0 FROM n`,
		lines, millis(now), window+7)
	check(t, err)
	for _, c := range []struct {
		filter Filter
		pages  int
		found  []int64
	}{
		{Filter{Text: "old PHONE"}, 3, []int64{lines, window + 7, 4, 3}},
		{Filter{Device: "Old phone"}, 3, []int64{lines, window + 7, 4, 3}},
		{Filter{Device: "Old phone", UPN: "odd"}, 2, []int64{window + 7, 3}}, // only every second line is looked at
		{Filter{Device: "Old phone", Address: "192.0.2.1", Code: "approved"}, 3, []int64{lines, window + 7, 4, 3}},
		{Filter{Device: "Old phone", Until: now.Add((window + 8) * time.Second)}, 2, []int64{window + 7, 4, 3}},
		{Filter{Device: "Old phone", Since: now.Add((window + 7) * time.Second)}, 2, []int64{lines, window + 7}},
		{Filter{Device: "Old phone", Since: now.Add((lines - 9) * time.Second)}, 1, []int64{lines}},
		{Filter{Text: "none"}, 3, nil},
		{Filter{UPN: "nobody", Text: "none"}, 1, nil},
	} {
		pages, found := 0, []int64(nil)
		for onward := int64(-1); onward != 0; pages++ {
			var list []Entry
			list, onward, err = s.search(ctx, c.filter, 10, window)
			check(t, err)
			for _, e := range list {
				found = append(found, e.Seq)
			}
			c.filter.Before = onward
		}
		same(t, found, c.found)
		same(t, pages, c.pages)
	}
	list, onward, err := s.search(ctx, Filter{UPN: "odd"}, 10, window)
	check(t, err)
	same(t, []int64{int64(len(list)), onward}, []int64{10, 0}) // a full page goes on from its last line
}

// What is looked up by its index is, with each bound in time too: no line is read that is not on the page.
func TestLogWalksAlongAnIndex(t *testing.T) {
	s := openSQLite(t)
	for column, f := range map[string]Filter{"request": {Request: "x"}, "upn": {UPN: "x"}, "address": {Address: "x"}, "app": {App: "x"}, "code": {Code: "x"}} {
		f.Method, f.Before, f.Since, f.Until = "phone", 7, now, now
		w := f.wanted()
		got := plan(t, s, ask(`SELECT seq FROM signins`+w.where()+` ORDER BY seq DESC LIMIT 9`, w.args))
		if !strings.Contains(got, "SEARCH signins USING INDEX signins_"+column) && !strings.Contains(got, "SEARCH signins USING COVERING INDEX signins_"+column) || strings.Contains(got, "TEMP B-TREE") {
			t.Errorf("%s: %s", column, got)
		}
	}
}
