package console

import (
	"errors"
	"net/http"
	"time"

	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// guest is an invitation with its state at this moment: "open", "used" or "expired".
type guest struct {
	store.Guest
	State string
}

func stateOf(g store.Guest, now time.Time) string {
	switch {
	case !g.Used.IsZero():
		return "used"
	case !now.Before(g.Expires):
		return "expired"
	}
	return "open"
}

func (k *Console) invitations(w http.ResponseWriter, c *call) error {
	after := c.Form.Get("after")
	list, err := k.Office.Store.Guests(c.Context(), "", after, rows+1)
	if err != nil {
		return err
	}
	list, more := turn(list)
	var body []guest
	for _, g := range list {
		body = append(body, guest{g, stateOf(g, k.Office.Now())})
	}
	p := k.page(c, "invitations")
	p.First, p.Next = turns("/admin/invitations", after != "", more, func() string { return list[len(list)-1].ID })
	k.show(w, http.StatusOK, "invitations", p.with(body))
	return nil
}

// revoke takes an invitation back.
func (k *Console) revoke(w http.ResponseWriter, c *call) error {
	g, err := k.Office.Store.Guest(c.Context(), c.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) {
		err = outcome.Errorf(outcome.InvitationUnknown, "no such id")
	}
	if err != nil {
		return err
	}
	if c.Method == http.MethodGet {
		return k.question(w, c, "invitations", question{Act: "revoke", Name: g.UPN, Cancel: "/admin/invitations"})
	}
	if err := k.Office.Revoke(c.Context(), g, c.by()); err != nil {
		return err
	}
	return to(w, c, "/admin/invitations")
}
