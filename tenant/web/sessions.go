package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
	"tallykey/tenant/words"
)

// opened is a session as its owner sees it.
type opened struct {
	store.Session
	Name    string // by which a form names it: nothing that could open it
	Browser string
	Here    bool // it is the one that asks
}

func sessionName(n store.Session) string {
	sum := sha256.Sum256(append([]byte("tallykey/1 session name "), n.TokenHash...))
	return hex.EncodeToString(sum[:8])
}

func (s *Site) opened(v visit) (list []opened, err error) {
	all, err := s.Store.SessionsOf(v.Context(), v.user.ID, s.Now())
	for _, n := range all {
		list = append(list, opened{n, sessionName(n), words.Browser(n.Agent), string(n.TokenHash) == string(v.session.TokenHash)})
	}
	return list, err
}

// sessions shows people where they are signed in.
func (s *Site) sessions(w http.ResponseWriter, v visit) {
	list, err := s.opened(v)
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	p := s.page(v.Request)
	p.UPN, p.Sessions = v.user.UPN, list
	s.show(w, http.StatusOK, "sessions", p)
}

// endOwn ends one of the visitor's other sessions, or with the name "" all of them. One that is gone is as wanted.
func (s *Site) endOwn(w http.ResponseWriter, v visit) {
	list, err := s.opened(v)
	name := v.PostForm.Get("session")
	for _, one := range list {
		if err != nil || one.Here || name != "" && one.Name != name {
			continue
		}
		e := s.entry(v.Request, one.Method, v.user.UPN, signin.NewRequest(), s.Now())
		e.UserID, e.Code, e.Registration, e.Detail = v.user.ID, string(outcome.SignedOut), one.Registration, "from another session"
		if err = s.Store.EndSession(v.Context(), one.TokenHash); err == nil {
			err = s.Store.Log(v.Context(), e)
		}
	}
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	http.Redirect(w, v.Request, "/sessions", http.StatusSeeOther)
}
