package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"tallykey/tenant/enrol"
	"tallykey/tenant/outcome"
	"tallykey/tenant/policy"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

// device is a registration as the pages show it.
type device struct {
	store.Registration
	Off, Weak    bool // by policy
	Fresh        bool // it waits for its first sign-in, in which the one that it renews goes
	CanOptIn     bool
	UPN, Encoded string
}

// devices judges registrations, the newest first.
func (s *Site) devices(may policy.Decision, has []store.Registration) (list []device) {
	for _, r := range slices.Backward(has) {
		d := device{Registration: r, Encoded: base64.RawURLEncoding.EncodeToString(r.ID), Fresh: r.Renews != nil}
		d.Off = !may.MaySignIn(r) && !may.MayApprove(r)
		d.Weak = !may.StrongEnough(r.Kind, r.UV)
		d.CanOptIn = r.Use == policy.UseApprove && !may.Is(policy.SetPhone, policy.Off)
		list = append(list, d)
	}
	return list
}

// security is where people see and change how they sign in.
func (s *Site) security(w http.ResponseWriter, v visit) {
	may, has, err := s.standing(v.Context(), v.user.ID)
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	p := s.page(v.Request)
	p.UPN, p.Devices, p.Accepted = v.user.UPN, s.devices(may, has), s.accepted(v.user, has)
	p.PhoneOff, p.PasskeysOff = may.Is(policy.SetPhone, policy.Off), may.Is(policy.SetPasskeys, policy.Off)
	p.ApproveOff = may.Is(policy.SetApprove, policy.Off)
	p.PhoneDue, _ = s.mustEnrol(v.Context(), v)
	p.Guest = v.session.Method == methodInvitation
	p.Limited = enrolled(v.session, has)
	p.Due = string(may.Missing(has))
	p.NoPassword = !may.PasswordAllowed(has) || v.user.Password == ""
	p.Unset, p.Partner = v.user.Password == "", s.partnerOf(v.Context(), v.user.UPN)
	p.Enabled = slices.ContainsFunc(has, may.MaySignIn)
	p.Full = may.Is(policy.SetDevices, policy.One) && len(has) > 0
	p.New = len(has) > 0 && s.Now().Sub(has[len(has)-1].Created) < time.Minute
	s.show(w, http.StatusOK, "security", p)
}

// accepted is what PublicKeyCredential.signalAllAcceptedCredentials takes (WebAuthn Level 3, section 5.1.10.3): the
// browser tells authenticators, which then drop keys that are good for nothing.
func (s *Site) accepted(u store.User, has []store.Registration) string {
	ids := []string{}
	for _, r := range has {
		ids = append(ids, base64.RawURLEncoding.EncodeToString(r.ID))
	}
	raw, _ := json.Marshal(map[string]any{"rpId": s.Issuer.Hostname(), "userId": base64.RawURLEncoding.EncodeToString(u.Handle), "allAcceptedCredentialIds": ids})
	return string(raw)
}

// unknown is what PublicKeyCredential.signalUnknownCredential takes, for an answer whose key nobody has registered; "" for
// every other one: the signal makes the authenticator drop the key.
func (s *Site) unknown(r *http.Request, code outcome.Code) string {
	if code != outcome.RegistrationRemoved {
		return ""
	}
	var answer struct {
		RawID string `json:"rawId"`
	}
	if err := json.Unmarshal([]byte(r.PostForm.Get("credential")), &answer); err != nil {
		return ""
	}
	id, err := base64.RawURLEncoding.DecodeString(answer.RawID)
	if err != nil || len(id) < 16 {
		return ""
	}
	if has, err := s.Store.HasRegistration(r.Context(), id); err != nil || has {
		return ""
	}
	raw, _ := json.Marshal(map[string]string{"rpId": s.Issuer.Hostname(), "credentialId": answer.RawID})
	return string(raw)
}

// endpoints is the document by which password managers and phones find the pages for passkeys (W3C, "A Well-Known URL for
// Passkey Endpoints"), and desktops the address that hears of registrations that were removed (docs/protocol.md).
func (s *Site) endpoints(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"enroll": s.origin() + "/security/enable", "manage": s.origin() + "/security",
		"unregister": s.origin() + unregisterPath})
}

// named finds the registration that the form or the address names among the visitor's own.
func (s *Site) named(v visit, field string) (r store.Registration, of int, err error) {
	id, err := base64.RawURLEncoding.DecodeString(v.Form.Get(field))
	if err != nil {
		return r, 0, outcome.Errorf(outcome.RegistrationUnknown, "not an id")
	}
	list, err := s.Store.Registrations(v.Context(), v.user.ID)
	if err != nil {
		return r, 0, err
	}
	i := slices.IndexFunc(list, func(r store.Registration) bool { return string(r.ID) == string(id) })
	if i < 0 {
		return r, 0, outcome.Errorf(outcome.RegistrationUnknown, "not among the user's registrations")
	}
	return list[i], len(list), nil
}

func (s *Site) removePage(w http.ResponseWriter, v visit) {
	r, of, err := s.named(v, "id")
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	p := s.page(v.Request)
	p.UPN, p.Name, p.ID, p.Last = v.user.UPN, r.Name, v.Form.Get("id"), of == 1
	p.Bare = p.Last && !vouched(v.session)
	s.show(w, http.StatusOK, "remove", p)
}

func (s *Site) remove(w http.ResponseWriter, v visit) {
	r, _, err := s.named(v, "id")
	if err == nil {
		err = s.desk.Remove(v.Context(), v.user, r.ID, enrol.Removal{Keep: v.session.TokenHash, Vouched: vouched(v.session)}, s.asker(v.Request, nil))
	}
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	http.Redirect(w, v.Request, "/security", http.StatusSeeOther)
}

// notEnabled logs and shows why nothing changed. An attempt that is not known was logged when it ended.
func (s *Site) notEnabled(w http.ResponseWriter, v visit, a store.Attempt, err error) {
	code, detail := outcome.CodeOf(err)
	if code == outcome.StorageFailed {
		s.broken(w, v.Request, err)
		return
	}
	if a.Created.IsZero() {
		a = store.Attempt{ID: signin.NewRequest(), Kind: "register", UserID: v.user.ID, UPN: v.user.UPN, Created: s.Now(), Policy: s.decided(v.Context(), v.user.ID)}
		by := s.asker(v.Request, nil)
		a.Address, a.Agent = by.Address.String(), by.Agent
	}
	if err := s.desk.Refused(v.Context(), a, code, detail); err != nil {
		s.broken(w, v.Request, err)
		return
	}
	s.end(w, v.Request, ending{status: http.StatusForbidden, code: code, request: a.ID, onward: "/security"})
}
