package console

import (
	"net/http"

	"tallykey/daemon/api"
	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
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
	lang := language(c.Request)
	return problem{code, outcome.Text(code, lang), outcome.Of(code).State, requestOf(c)}
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
