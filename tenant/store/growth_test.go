package store

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// lines is how long the sign-in log is in both sizes.
const lines = 1_000_000

var grown = time.Date(2026, 11, 23, 14, 3, 12, 0, time.UTC)

// grow fills a store with users, each in one of ten groups, and with a log of 90 days in which one line of 500 is a wrong
// number and one person has 40 lines.
func grow(b *testing.B, users int) *Store {
	b.Helper()
	s, err := Open(context.Background(), filepath.Join(b.TempDir(), "tenant.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	const count = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1) `
	began := grown.Add(-90 * 24 * time.Hour).UnixMilli()
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{`PRAGMA synchronous = off`, nil}, // while it is filled
		{count + `INSERT INTO users (id, handle, upn, name, password, created) SELECT printf('%032x', i), randomblob(32), printf('user%07d@contoso.example', i),
			printf('Person %07d', (i * 7919) % ?1), '', ?2 FROM n`, []any{users, began}},
		{count + `INSERT INTO groups (id, name, created) SELECT printf('g%031x', i), printf('Group %d', i), ?2 FROM n`, []any{10, began}},
		{count + `INSERT INTO members (group_id, user_id) SELECT printf('g%031x', i % 10), printf('%032x', i) FROM n`, []any{users}},
		{count + `INSERT INTO registrations (id, user_id, name, public_key, sign_count, flags, aaguid, transports, created, used, uv)
			SELECT randomblob(32), printf('%032x', i), 'Pixel 9', randomblob(77), 0, 5, randomblob(16), 'internal', ?2, 0, 'platform' FROM n`, []any{users, began}},
		{count + `INSERT INTO signins (time, request, upn, user_id, app, method, code, detail, policy, device, address, agent, millis)
			SELECT ?2 + i * 7776, printf('%04x-%04x-%04x-0000', i % 65536, i / 65536, i % 4096), printf('user%07d@contoso.example', (i * 31) % ?3),
			printf('%032x', (i * 31) % ?3), 'mail', 'phone', iif(i % 500 = 0, 'wrong_number', 'approved'), 'number by choose, verified by platform', 'phone=optional',
			'Pixel 9', printf('192.0.2.%d', i % 250), 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140', 4200 FROM n`, []any{lines, began, min(users, lines/40)}},
		{`ANALYZE`, nil},
		{`PRAGMA synchronous = full`, nil},
	} {
		if _, err := s.write.Exec(step.sql, step.args...); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// BenchmarkGrowth is what pages and sign-ins ask of the store, in a small and in a large tenant. It reports the median and
// p99 in milliseconds; a page of the log is to stay under 50.
func BenchmarkGrowth(b *testing.B) {
	for _, users := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			s := grow(b, users)
			for _, c := range questions(b, s, users) {
				b.Run(c.name, func(b *testing.B) { each(b, c.do) })
			}
		})
	}
}

// question is something that an admin or a sign-in asks of the store; do returns how many rows it got for the n-th time.
type question struct {
	name string
	do   func(n int) (int, error)
}

func questions(b *testing.B, s *Store, users int) []question {
	upn := func(i int) string { return fmt.Sprintf("user%07d@contoso.example", (i*7919)%min(users, lines/40)) }
	page := func(f func(int) Filter) func(int) (int, error) {
		return func(i int) (int, error) { list, err := s.Find(b.Context(), f(i), 100); return len(list), err }
	}
	search := func(f Filter) func(int) (int, error) {
		return func(int) (int, error) {
			list, onward, err := s.Search(b.Context(), f, 100)
			return len(list) + int(onward), err
		}
	}
	return []question{
		{"log/newest", page(func(int) Filter { return Filter{} })},
		{"log/middle", page(func(i int) Filter { return Filter{Before: int64(lines/2 + i)} })},
		{"log/person", page(func(i int) Filter { return Filter{UPN: upn(i)} })},
		{"log/code", page(func(int) Filter { return Filter{Code: "wrong_number"} })},
		{"log/request", page(func(int) Filter { return Filter{Request: "0007-0001-0007-0000"} })},
		{"log/day", page(func(i int) Filter {
			return Filter{Since: grown.AddDate(0, 0, -i%80-2), Until: grown.AddDate(0, 0, -i%80-1)}
		})},
		{"log/person+method", page(func(i int) Filter { return Filter{UPN: upn(i), Method: "phone"} })},
		{"log/address", search(Filter{Address: "192.0.2.17"})},
		{"log/text", search(Filter{Text: "192.0.2.17"})},
		{"log/text-of-none", search(Filter{Text: "198.51.100."})},
		{"log/text-of-none+code", search(Filter{Text: "198.51.100.", Code: "approved"})},
		{"log/text-of-none+days", search(Filter{Text: "198.51.100.", Since: grown.AddDate(0, 0, -60), Until: grown.AddDate(0, 0, -30)})},
		{"log/device-of-none", search(Filter{Device: "Pixel 3"})},
		{"users/first", func(int) (int, error) {
			list, err := s.FindUsers(b.Context(), UserFilter{}, 100)
			return len(list), err
		}},
		{"users/behind", func(i int) (int, error) {
			list, err := s.FindUsers(b.Context(), UserFilter{After: upn(i)}, 100)
			return len(list), err
		}},
		{"users/named", func(int) (int, error) {
			list, err := s.FindUsers(b.Context(), UserFilter{Prefix: "person 00001", ByName: true}, 100)
			return len(list), err
		}},
		{"signin/lookup", func(i int) (int, error) {
			u, err := s.UserByUPN(b.Context(), upn(i))
			if err != nil {
				return 0, err
			}
			list, err := s.Registrations(b.Context(), u.ID)
			return len(list), err
		}},
		{"signin/write", func(i int) (int, error) {
			u, err := s.UserByUPN(b.Context(), upn(i))
			if err != nil {
				return 0, err
			}
			n := Session{TokenHash: fmt.Appendf(nil, "%s %d", b.Name(), time.Now().UnixNano()), UserID: u.ID, Method: "password", Started: grown, Expires: grown.Add(time.Hour)}
			return 1, s.SignIn(b.Context(), n, nil, 0, Entry{Time: grown, UPN: u.UPN, UserID: u.ID, Method: "password", Code: "password_right"})
		}},
	}
}

func each(b *testing.B, do func(int) (int, error)) {
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		n, err := do(i)
		took = append(took, time.Since(began))
		if err != nil || n == 0 {
			b.Fatal(n, err)
		}
	}
	slices.Sort(took)
	ms := func(share float64) float64 {
		return took[min(int(share*float64(len(took))), len(took)-1)].Seconds() * 1000
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ms(.5), "p50-ms")
	b.ReportMetric(ms(.99), "p99-ms")
}
