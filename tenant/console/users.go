package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"tallykey/tenant/admin"
	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

func (k *Console) begin(w http.ResponseWriter, c *call) error { return to(w, c, "/admin/users") }

// userList is the body of the list of users.
type userList struct {
	Find, Order, State string
	Users              []store.User
}

// users is the list of users, by UPN or by name, a page at a time.
func (k *Console) users(w http.ResponseWriter, c *call) error {
	b := userList{Find: strings.TrimSpace(c.Form.Get("find")), Order: c.Form.Get("order"), State: c.Form.Get("state")}
	f := store.UserFilter{Prefix: b.Find, ByName: b.Order == "name", Disabled: b.State == "blocked", AtRisk: b.State == "reported", After: c.Form.Get("after")}
	list, err := k.Office.Store.FindUsers(c.Context(), f, rows+1)
	if err != nil {
		return err
	}
	p, more := k.page(c, "users"), false
	b.Users, more = turn(list)
	p.First, p.Next = turns("/admin/users", f.After != "", more, func() string { return b.Users[len(b.Users)-1].UPN }, "find", b.Find, "order", b.Order, "state", b.State)
	k.show(w, http.StatusOK, "users", p.with(b))
	return nil
}

// turns gives the addresses of the first and the next page of a list with a filter.
func turns(path string, inside, more bool, last func() string, filter ...string) (first, next string) {
	if inside {
		first = at(path, filter...)
	}
	if more {
		next = at(path, append(slices.Clone(filter), "after", last())...)
	}
	return first, next
}

// newUserForm is the body of the page for a new user.
type newUserForm struct{ UPN, Name string }

// newUser makes an account without a password: its owner comes in by an invitation.
func (k *Console) newUser(w http.ResponseWriter, c *call) error {
	b := newUserForm{c.PostForm.Get("upn"), strings.TrimSpace(c.PostForm.Get("name"))}
	if c.Method == http.MethodGet {
		return k.form(w, c, "newuser", k.page(c, "users").with(b), nil)
	}
	u, err := k.Office.AddUser(c.Context(), b.UPN, b.Name, "", c.by())
	if err != nil {
		return k.form(w, c, "newuser", k.page(c, "users").with(b), err)
	}
	return to(w, c, userAt(u.ID))
}

func userAt(id string) string { return "/admin/users/" + id }

// importForm is the body of the page that takes a CSV file as text.
type importForm struct {
	CSV          string
	Detail       string // which line was wrong
	Done         bool
	Added, There int
}

func (k *Console) importUsers(w http.ResponseWriter, c *call) error {
	b := importForm{CSV: c.PostForm.Get("csv")}
	p := k.page(c, "users")
	if c.Method == http.MethodGet {
		return k.form(w, c, "import", p.with(b), nil)
	}
	added, there, err := k.Office.Import(c.Context(), strings.NewReader(b.CSV), c.by())
	if err != nil {
		_, b.Detail = outcome.CodeOf(err)
		return k.form(w, c, "import", p.with(b), err)
	}
	b.Done, b.Added, b.There = true, len(added), there
	return k.form(w, c, "import", p.with(b), nil)
}

// named finds the user that the address names.
func (k *Console) named(c *call) (store.User, error) {
	u, err := k.Office.Store.User(c.Context(), c.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) {
		err = outcome.Errorf(outcome.UserUnknown, "no such id")
	}
	return u, err
}

// touched finds the user that the address names, for somebody who is about to change something.
func (k *Console) touched(c *call) (store.User, error) {
	u, err := k.named(c)
	if err != nil {
		return u, err
	}
	return u, k.Office.MayTouch(c.Context(), c.role, u)
}

// editUser changes the UPN and the name.
func (k *Console) editUser(w http.ResponseWriter, c *call) error {
	u, err := k.touched(c)
	if err != nil {
		return err
	}
	b := userForm{User: u, UPN: u.UPN, Name: u.Name}
	if c.Method == http.MethodPost {
		b.UPN, b.Name = c.PostForm.Get("upn"), strings.TrimSpace(c.PostForm.Get("name"))
		if err = k.Office.Edit(c.Context(), u, b.UPN, b.Name, c.by()); err == nil {
			return to(w, c, userAt(u.ID))
		}
	}
	return k.form(w, c, "edituser", k.page(c, "users").with(b), err)
}

// userForm is the body of pages with a form about one user.
type userForm struct {
	User      store.User
	UPN, Name string
	Role      admin.Role
	Roles     []admin.Role
}

// setRole gives a user a role, or takes it.
func (k *Console) setRole(w http.ResponseWriter, c *call) error {
	u, err := k.named(c)
	if err != nil {
		return err
	}
	b := userForm{User: u, Roles: admin.Roles}
	if b.Role, err = k.Office.RoleOf(c.Context(), u.ID); err != nil {
		return err
	}
	if c.Method == http.MethodPost {
		var r admin.Role
		if r, err = admin.ParseRole(c.PostForm.Get("role")); err == nil {
			err = k.Office.SetRole(c.Context(), u, r, c.by())
		}
		if err == nil {
			return to(w, c, userAt(u.ID))
		}
	}
	return k.form(w, c, "role", k.page(c, "users").with(b), err)
}
