package store

import "testing"

// What an admin takes away and its line in the audit log are one: without the line nothing goes.
func TestRemovalIsAudited(t *testing.T) {
	s := openSQLite(t)
	u, by := alice(t, s), Change{Time: now, Actor: "cli", Action: "user.unregister", Target: "alice@contoso.example"}
	for _, id := range []string{"one", "two"} {
		check(t, s.CreateRegistration(ctx, phone(id, u.ID), Entry{}))
	}
	check(t, s.RemoveRegistration(ctx, Removal{UserID: u.ID, ID: []byte("one"), By: by}, Entry{}))
	list, err := s.Audits(ctx, 9)
	check(t, err)
	same(t, []string{list[0].Action, string(list[0].Before), string(list[0].After)}, []string{"user.unregister", `{"device":"Alice’s phone","kind":"phone"}`, "null"})
	want(t, s.RemoveRegistration(ctx, Removal{UserID: u.ID, ID: []byte("one"), By: by}, Entry{}), ErrNotFound)

	_, err = s.write.Exec(`ALTER TABLE audit RENAME TO gone`)
	check(t, err)
	if err := s.RemoveRegistration(ctx, Removal{UserID: u.ID, ID: []byte("two"), By: by}, Entry{}); err == nil {
		t.Error("removed without a line")
	}
	has, err := s.Registrations(ctx, u.ID)
	check(t, err)
	same(t, len(has), 1)
}

// A user who lost the last device in a session for which none vouched is noted as such, until there is another.
func TestBare(t *testing.T) {
	s := openSQLite(t)
	u := alice(t, s)
	for _, c := range []struct {
		ids  []string
		gone Removal
		bare bool
	}{
		{[]string{"one", "two"}, Removal{ID: []byte("one"), Bare: now}, false}, // another is left
		{nil, Removal{ID: []byte("two"), Bare: now}, true},
		{[]string{"three"}, Removal{ID: []byte("three")}, false}, // it vouched
	} {
		for _, id := range c.ids {
			check(t, s.CreateRegistration(ctx, phone(id, u.ID), Entry{}))
		}
		c.gone.UserID = u.ID
		check(t, s.RemoveRegistration(ctx, c.gone, Entry{}))
		got, err := s.User(ctx, u.ID)
		check(t, err)
		same(t, !got.Bare.IsZero(), c.bare)
	}
}
