package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"tallykey/daemon/api"
	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

// requestOf is the id under which a call stands on the page and in the log; it is made when it is first needed.
func requestOf(c *call) string {
	if c.request == "" {
		c.request = signin.NewRequest()
	}
	return c.request
}

// problem is a failure as a page shows it.
type problem struct {
	Code    outcome.Code
	Text    api.Text
	State   string
	Request string
}

func (k *Console) problem(c *call, err error) problem {
	code, detail := outcome.CodeOf(err)
	if code == outcome.StorageFailed {
		k.Log.Error("admin page", "path", c.URL.Path, "request", requestOf(c), "err", detail)
	}
	k.note(c, code, detail)
	lang := language(c.Request)
	return problem{code, outcome.Text(code, lang), outcome.Of(code).State, requestOf(c)}
}

// typed are the codes about what somebody typed into a form. The log gets the code alone: a pass or a password may have
// been pasted into the wrong field.
var typed = []outcome.Code{outcome.NameInvalid, outcome.UPNInvalid, outcome.RedirectInvalid, outcome.CSVInvalid, outcome.PolicyInvalid, outcome.RoleUnknown,
	outcome.UserExists, outcome.GroupExists, outcome.UserUnknown, outcome.GroupUnknown, outcome.StorageFailed}

// note writes a refusal into the sign-in log: of everybody whom the gate does not let in, and of each change that was not
// made, whatever the reason. So an admin who tries what is not theirs, a session that is used after its confirmation grew
// old, and a form that was filled by something else than its page are seen. Reading what is not there refuses nothing.
func (k *Console) note(c *call, code outcome.Code, detail string) {
	kept := code == outcome.RoleNeeded || code == outcome.AdminSignInWeak
	if c.Method == http.MethodGet && !kept {
		return
	}
	if slices.Contains(typed, code) {
		detail = ""
	}
	detail = strings.TrimSuffix(c.Pattern+": "+detail, ": ")
	e := store.Entry{Time: k.Office.Now(), Request: requestOf(c), UPN: c.User.UPN, UserID: c.User.ID, Method: "admin", Code: string(code), Detail: detail,
		Registration: c.Session.Registration, Address: c.Address, Agent: c.Agent}
	if err := k.Office.Store.Log(context.WithoutCancel(c.Context()), e); err != nil {
		k.Log.Error("log", "request", requestOf(c), "err", err)
	}
}

// refuse shows why nothing was done.
func (k *Console) refuse(w http.ResponseWriter, c *call, err error) {
	p := k.page(c, "")
	p.Problem = k.problem(c, err)
	if p.Problem.Code == outcome.ConfirmationNeeded {
		p.Back = confirmAt(c.URL.Path)
	}
	k.show(w, statusOf(p.Problem.Code), "refused", p)
}

func statusOf(code outcome.Code) int {
	switch code {
	case outcome.StorageFailed:
		return http.StatusInternalServerError
	case outcome.PageUnknown, outcome.UserUnknown, outcome.GroupUnknown, outcome.AppUnknown, outcome.InvitationUnknown, outcome.RegistrationUnknown:
		return http.StatusNotFound
	case outcome.NameInvalid, outcome.UPNInvalid, outcome.RedirectInvalid, outcome.CSVInvalid, outcome.PolicyInvalid, outcome.RoleUnknown, outcome.UserExists, outcome.GroupExists:
		return http.StatusUnprocessableEntity
	}
	return http.StatusForbidden
}
