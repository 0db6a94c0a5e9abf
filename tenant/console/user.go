package console

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"tallykey/tenant/admin"
	"tallykey/tenant/invitation"
	"tallykey/tenant/outcome"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

// said is one setting and what counts for somebody.
type said struct {
	Setting policy.Setting
	policy.Verdict
}

// device is a registration with its id as addresses have it.
type device struct {
	store.Registration
	Encoded string
}

// userView is the body of the page of one user.
type userView struct {
	User     store.User
	Role     admin.Role
	Touch    bool // the visitor may act on the account
	Groups   []store.Group
	Devices  []device
	Sessions []store.Session
	Policy   []said
	Guests   []store.Guest
	Entries  []store.Entry
}

// lately is how many lines of the log and invitations the page of a user has.
const lately = 8

func (k *Console) user(w http.ResponseWriter, c *call) error {
	u, err := k.named(c)
	if err != nil {
		return err
	}
	b, err := k.userView(c.Context(), u)
	if err != nil {
		return err
	}
	b.Touch = k.Office.MayTouch(c.Context(), c.role, u) == nil
	k.show(w, http.StatusOK, "user", k.page(c, "users").with(b))
	return nil
}

func (k *Console) userView(ctx context.Context, u store.User) (b userView, err error) {
	db := k.Office.Store
	b.User = u
	if b.Role, err = k.Office.RoleOf(ctx, u.ID); err != nil {
		return b, err
	}
	if b.Groups, err = db.GroupsOf(ctx, u.ID); err != nil {
		return b, err
	}
	has, err := db.Registrations(ctx, u.ID)
	if err != nil {
		return b, err
	}
	for _, r := range slices.Backward(has) {
		b.Devices = append(b.Devices, device{r, base64.RawURLEncoding.EncodeToString(r.ID)})
	}
	if b.Sessions, err = db.SessionsOf(ctx, u.ID, k.Office.Now()); err != nil {
		return b, err
	}
	may, err := k.Office.Policy.For(ctx, u.ID)
	if err != nil {
		return b, err
	}
	for _, s := range policy.Settings {
		b.Policy = append(b.Policy, said{s.Setting, may[s.Setting]})
	}
	if b.Guests, err = db.Guests(ctx, u.ID, "", lately); err != nil {
		return b, err
	}
	b.Entries, err = db.Find(ctx, store.Filter{UserID: u.ID}, lately)
	return b, err
}

// question is the body of a page that asks once before something is done.
type question struct {
	Act    string // of the texts: NAME.title, NAME.what, NAME.go
	Name   string // what it is about
	Action string // where the answer goes
	Cancel string
	Field  string // of the form; empty: none
	Value  string
}

func (k *Console) question(w http.ResponseWriter, c *call, here string, q question) error {
	q.Action = c.URL.Path
	k.show(w, http.StatusOK, "question", k.page(c, here).with(q))
	return nil
}

// ask asks once before something is done to a user.
func ask(act string) func(*Console, http.ResponseWriter, *call) error {
	return func(k *Console, w http.ResponseWriter, c *call) error {
		u, err := k.touched(c)
		if err != nil {
			return err
		}
		return k.question(w, c, "users", question{Act: act, Name: u.UPN, Cancel: userAt(u.ID)})
	}
}

// do does something to a user.
func do(what func(*admin.Office, context.Context, store.User, admin.By) error) func(*Console, http.ResponseWriter, *call) error {
	return func(k *Console, w http.ResponseWriter, c *call) error {
		u, err := k.touched(c)
		if err == nil {
			err = what(k.Office, c.Context(), u, c.by())
		}
		if err != nil {
			return err
		}
		return to(w, c, userAt(u.ID))
	}
}

// signOut ends a user's sessions, but not the one in which an admin asks.
func (k *Console) signOut(w http.ResponseWriter, c *call) error {
	u, err := k.touched(c)
	if err == nil {
		err = k.Office.SignOut(c.Context(), u, c.Session.TokenHash, c.by())
	}
	if err != nil {
		return err
	}
	return to(w, c, userAt(u.ID))
}

// unregister takes a device from a user.
func (k *Console) unregister(w http.ResponseWriter, c *call) error {
	u, err := k.touched(c)
	if err != nil {
		return err
	}
	r, err := k.deviceOf(c, u)
	if err != nil {
		return err
	}
	if c.Method == http.MethodGet {
		return k.question(w, c, "devices", question{Act: "unregister", Name: r.Name + ", " + u.UPN, Cancel: userAt(u.ID), Field: "device", Value: c.Form.Get("device")})
	}
	if err := k.Office.Unregister(c.Context(), u, r, c.by()); err != nil {
		return err
	}
	return to(w, c, userAt(u.ID))
}

func (k *Console) deviceOf(c *call, u store.User) (r store.Registration, err error) {
	id, err := base64.RawURLEncoding.DecodeString(c.Form.Get("device"))
	if err != nil {
		return r, outcome.Errorf(outcome.RegistrationUnknown, "not an id")
	}
	list, err := k.Office.Store.Registrations(c.Context(), u.ID)
	if err != nil {
		return r, err
	}
	i := slices.IndexFunc(list, func(r store.Registration) bool { return string(r.ID) == string(id) })
	if i < 0 {
		return r, outcome.Errorf(outcome.RegistrationUnknown, "not among the user's registrations")
	}
	return list[i], nil
}

// inviteForm is the body of the pages of an invitation.
type inviteForm struct {
	User       store.User
	Hours      []int
	Link, Pass string
	Picture    string // path of the QR code
	Size       int
	Until      time.Time
}

// invite makes a one-time pass, which is shown once.
func (k *Console) invite(w http.ResponseWriter, c *call) error {
	u, err := k.touched(c)
	if err != nil {
		return err
	}
	b := inviteForm{User: u, Hours: []int{1, 24, 72, 168}}
	if c.Method == http.MethodGet {
		return k.form(w, c, "invite", k.page(c, "users").with(b), nil)
	}
	life, err := time.ParseDuration(c.PostForm.Get("hours") + "h")
	if err != nil {
		life = invitation.Life
	}
	i, pass, err := k.Office.Invite(c.Context(), u, life, c.by())
	if err != nil {
		return k.form(w, c, "invite", k.page(c, "users").with(b), err)
	}
	b.Pass, b.Until, b.Link = pass, i.Expires, invitation.Link(k.Issuer.String(), pass)
	if b.Picture, b.Size, err = invitation.SVG(b.Link); err != nil {
		return err
	}
	return k.form(w, c, "invited", k.page(c, "users").with(b), nil)
}
