package web

import (
	"testing"
	"time"

	"tallykey/tenant/store"
)

const longer = "battery staple correct horse"

// Somebody without a device changes the password after the old one: the other sessions by password end, and apps' tokens.
func TestChangePassword(t *testing.T) {
	b, a, w := atApp(t, store.App{ID: "mail"}, "s3cret")
	w.byPassword(alice)
	token := a.tokens(a.code(w.get(a.path())))
	other := b.browser(t)
	other.byPassword(alice)
	w.post("/security/password", "password", longer, "again", longer).is(403).code("confirmation_needed")
	w.get("/security").has(`href="/security/password"`)
	page := w.get("/security/password").has("Before your password changes")
	page = w.post(page.path, "for", "password", "password", password).is(200).has("Change your password").lacks("Remove the password")
	for _, typed := range [][2]string{{"", ""}, {longer, longer + "r"}, {"too short", "too short"}} {
		w.post(page.path, "password", typed[0], "again", typed[1]).is(422).code("password_unfit")
		b.lastIs(t, "password-change", "password_unfit", alice)
	}
	w.post(page.path, "remove", "1").is(422).code("password_needed")
	b.lastIs(t, "password-change", "password_needed", alice)
	w.post(page.path, "password", longer, "again", longer).is(200).code("password_changed")
	b.lastIs(t, "password-change", "password_changed", alice)

	w.get("/").has("Signed in as " + alice)
	if got := other.get("/"); got.path != "/signin" {
		t.Errorf("the other session opens %s", got.path)
	}
	if _, err := a.refresh(token.RefreshToken); refusal(err) != "invalid_grant" {
		t.Errorf("the app’s token: %v", err)
	}
	other.post("/password", "username", alice, "password", password).is(403).code("password_wrong")
	other.post("/password", "username", alice, "password", longer).is(200).has("Signed in as " + alice)
}

// Where a device can say who is there, the password alone changes nothing; and with one, it can go.
func TestRemovePassword(t *testing.T) {
	b := newBench(t)
	w, thief := b.browser(t), b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	b.clock = b.clock.Add(time.Hour)
	thief.byPassword(alice)
	thief.post("/security/confirm", "for", "password", "password", password).has("The number is on your desktop")
	thief.post("/security/password", "password", longer, "again", longer).is(403).code("confirmation_needed")

	asked := w.waiting(alice)
	w.answer(asked, w.assert(key, asked)).has("Signed in as " + alice)
	page := w.confirmByPhone(key, "for", "password").is(200).has("Change your password", "Remove the password")
	w.post(page.path, "remove", "1").is(200).code("password_removed")
	e := b.lastIs(t, "password-change", "password_removed", alice)
	if e.Device != "P" {
		t.Errorf("%+v", e)
	}
	if got := thief.get("/"); got.path != "/signin" {
		t.Errorf("the thief's session opens %s", got.path)
	}
	thief.post("/password", "username", alice, "password", password).is(403).code("password_wrong")
	w.get("/security").has("You have none.")
	w.get(page.path).has("Set a password")
	w.post(page.path, "password", longer, "again", longer).is(200).code("password_changed")
}
