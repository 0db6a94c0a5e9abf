package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"tallykey/tenant/account"
	"tallykey/tenant/oidc"
	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// deviceWaits stands before the code of a device in the cookie that otherwise names an app's request: a person does one of
// the two in a browser at a time, the one begun last.
const deviceWaits = "device:"

// deviceStart is where a device begins. It notes from where, for the person who decides.
func (s *Site) deviceStart(w http.ResponseWriter, r *http.Request) {
	s.appEndpoint(w, oidc.From(r, s.address(r).String()))
}

// waitingDevice is the code, perhaps "", with which somebody came to the device page before signing in.
func (s *Site) waitingDevice(r *http.Request) (code string, waits bool) {
	code, waits = strings.CutPrefix(s.jar.Remembered(r), deviceWaits)
	return oidc.UserCode(code), waits
}

func deviceAddress(code string) string {
	if code == "" {
		return oidc.DevicePage
	}
	return oidc.DevicePage + "?" + url.Values{"user_code": {code}}.Encode()
}

// devicePage asks for the code that a device shows. One that came with the address is filled in, and must be compared and
// sent by the person: else a link would be enough to sign in a stranger's device (RFC 8628 section 5.4). Codes are looked
// up for people who are signed in only, so that nobody else can try any.
func (s *Site) devicePage(w http.ResponseWriter, r *http.Request) {
	code := oidc.UserCode(r.Form.Get("user_code"))
	switch v, err := s.who(r); {
	case errors.Is(err, store.ErrNotFound):
		s.jar.Remember(w, deviceWaits+code, oidc.RequestLife)
		http.Redirect(w, r, "/signin", http.StatusSeeOther)
	case err != nil:
		s.broken(w, r, err)
	default:
		if _, waits := s.waitingDevice(r); waits {
			s.jar.Forget(w)
		}
		s.showApp(w, http.StatusOK, "device", appPage{page: s.personal(v), UserCode: code})
	}
}

func (s *Site) personal(v visit) page {
	p := s.page(v.Request)
	p.UPN = v.user.UPN
	return p
}

// deviceCode shows whom the code lets in, and asks.
func (s *Site) deviceCode(w http.ResponseWriter, v visit) {
	d, must, err := s.device(v)
	if err != nil {
		s.deviceRefused(w, v, err)
		return
	}
	if must {
		s.jar.Remember(w, deviceWaits+d.Code(), oidc.RequestLife)
		http.Redirect(w, v.Request, "/security", http.StatusSeeOther)
		return
	}
	p, err := s.about(v, d.App(), d.Scopes())
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	p.UserCode, p.Address = d.Code(), d.Address()
	s.showApp(w, http.StatusOK, "decide", p)
}

// device finds what the typed code belongs to, and says whether policy wants a phone of the visitor first. The error
// carries device_code_unknown or device_code_locked.
func (s *Site) device(v visit) (d oidc.Device, must bool, err error) {
	if err := s.accounts.GuessDevice(v.Context(), v.user.ID); err != nil {
		return d, false, err
	}
	d, err = s.provider.Device(v.Context(), oidc.UserCode(v.PostForm.Get("user_code")))
	if errors.Is(err, store.ErrNotFound) {
		return d, false, outcome.Errorf(outcome.DeviceCodeUnknown, "no device waits for the code")
	}
	if err == nil {
		err = s.accounts.RightDevice(v.Context(), v.user.ID)
	}
	if err == nil {
		must, err = s.mustEnrol(v.Context(), v)
	}
	return d, must, err
}

// deviceRefused logs and shows why no device was let in.
func (s *Site) deviceRefused(w http.ResponseWriter, v visit, err error) {
	code, detail := outcome.CodeOf(err)
	if code == outcome.StorageFailed {
		s.broken(w, v.Request, err)
		return
	}
	e := s.appEntry(v, "", code)
	e.Method, e.Detail = "device", detail
	var locked *account.Locked
	if !errors.As(err, &locked) || locked.Telling() {
		if err := s.Store.Log(v.Context(), e); err != nil {
			s.broken(w, v.Request, err)
			return
		}
	}
	p := appPage{page: s.personal(v).failed(code, e.Request), UserCode: v.PostForm.Get("user_code")}
	s.showApp(w, http.StatusUnprocessableEntity, "device", p)
}

// deviceDecision keeps what the person decided.
func (s *Site) deviceDecision(w http.ResponseWriter, v visit) {
	d, must, err := s.device(v)
	if err != nil {
		s.deviceRefused(w, v, err)
		return
	}
	code, let := outcome.DeviceDenied, v.PostForm.Get("decision") == "let" && !must
	if let {
		code = outcome.DeviceApproved
	}
	err = s.provider.Decide(v.Context(), d, v.session, let)
	if errors.Is(err, store.ErrNotFound) {
		s.deviceRefused(w, v, outcome.Errorf(outcome.DeviceCodeUnknown, "decided or expired meanwhile"))
		return
	}
	e := s.appEntry(v, d.App(), code)
	e.Method = "device"
	if err == nil {
		err = s.Store.Log(v.Context(), e)
	}
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	p, _ := s.about(v, d.App(), nil) // it has gone since: its id is shown
	p.page = p.failed(code, e.Request)
	s.showApp(w, http.StatusOK, "decided", p)
}
