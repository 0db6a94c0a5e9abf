package console

import (
	"net/http"
	"slices"
	"strings"

	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// groupRow is a group as the list shows it.
type groupRow struct {
	store.Group
	Members int
	Rule    bool // it has a rule of its own
}

func (k *Console) groups(w http.ResponseWriter, c *call) error {
	list, err := k.Office.Store.Groups(c.Context())
	if err != nil {
		return err
	}
	counts, err := k.Office.Store.CountMembers(c.Context())
	if err != nil {
		return err
	}
	rules, err := k.Office.Store.Rules(c.Context())
	if err != nil {
		return err
	}
	var body []groupRow
	for _, g := range list {
		body = append(body, groupRow{g, counts[g.ID], slices.ContainsFunc(rules, func(r store.Rule) bool { return r.Group == g.ID })})
	}
	k.show(w, http.StatusOK, "groups", k.page(c, "groups").with(body))
	return nil
}

// groupForm is the body of the pages of one group.
type groupForm struct {
	Group   store.Group
	Name    string
	Members []store.User
	Count   int
	UPNs    string
	Detail  string
}

func groupAt(id string) string { return "/admin/groups/" + id }

func (k *Console) newGroup(w http.ResponseWriter, c *call) error {
	b := groupForm{Name: strings.TrimSpace(c.PostForm.Get("name"))}
	if c.Method == http.MethodGet {
		return k.form(w, c, "newgroup", k.page(c, "groups").with(b), nil)
	}
	g, err := k.Office.AddGroup(c.Context(), b.Name, c.by())
	if err != nil {
		return k.form(w, c, "newgroup", k.page(c, "groups").with(b), err)
	}
	return to(w, c, groupAt(g.ID))
}

func (k *Console) namedGroup(c *call) (store.Group, error) {
	g, err := k.Office.Group(c.Context(), c.PathValue("id"))
	if err == nil && g.ID != c.PathValue("id") {
		err = outcome.Errorf(outcome.GroupUnknown, "a name where an id belongs")
	}
	return g, err
}

func (k *Console) group(w http.ResponseWriter, c *call) error {
	g, err := k.namedGroup(c)
	if err != nil {
		return err
	}
	after := c.Form.Get("after")
	list, err := k.Office.Store.MembersPage(c.Context(), g.ID, after, rows+1)
	if err != nil {
		return err
	}
	counts, err := k.Office.Store.CountMembers(c.Context())
	if err != nil {
		return err
	}
	b, p, more := groupForm{Group: g, Count: counts[g.ID]}, k.page(c, "groups"), false
	b.Members, more = turn(list)
	p.First, p.Next = turns(groupAt(g.ID), after != "", more, func() string { return b.Members[len(b.Members)-1].UPN })
	k.show(w, http.StatusOK, "group", p.with(b))
	return nil
}

// members puts users into a group, or takes one out.
func (k *Console) members(w http.ResponseWriter, c *call) error {
	g, err := k.namedGroup(c)
	if err != nil {
		return err
	}
	b := groupForm{Group: g, UPNs: c.PostForm.Get("add")}
	if c.Method == http.MethodPost {
		if err = k.joinAndLeave(c, g); err == nil {
			return to(w, c, groupAt(g.ID))
		}
		_, b.Detail = outcome.CodeOf(err)
	}
	return k.form(w, c, "members", k.page(c, "groups").with(b), err)
}

// joinAndLeave looks all names up before it changes anything: one that is wrong leaves the group as it was.
func (k *Console) joinAndLeave(c *call, g store.Group) error {
	var in []store.User
	for _, upn := range strings.FieldsFunc(c.PostForm.Get("add"), func(r rune) bool { return strings.ContainsRune(",; \t\r\n", r) }) {
		u, err := k.Office.User(c.Context(), upn)
		if err != nil {
			return err
		}
		in = append(in, u)
	}
	for _, u := range in {
		if err := k.Office.Join(c.Context(), g, u, c.by()); err != nil {
			return err
		}
	}
	if id := c.PostForm.Get("remove"); id != "" {
		u, err := k.Office.Store.User(c.Context(), id)
		if err != nil {
			return outcome.Errorf(outcome.UserUnknown, "no such id")
		}
		return k.Office.Leave(c.Context(), g, u, c.by())
	}
	return nil
}

func (k *Console) removeGroup(w http.ResponseWriter, c *call) error {
	g, err := k.namedGroup(c)
	if err != nil {
		return err
	}
	if c.Method == http.MethodGet {
		return k.question(w, c, "groups", question{Act: "ungroup", Name: g.Name, Cancel: groupAt(g.ID)})
	}
	if err := k.Office.RemoveGroup(c.Context(), g, c.by()); err != nil {
		return err
	}
	return to(w, c, "/admin/groups")
}
