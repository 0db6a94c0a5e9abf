package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"tallykey/tenant/enrol"
	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// unregisterPath hears from desktops that their person removed a registration (docs/protocol.md). Whoever has the token
// may take the registration away and nothing else, so no session and no Origin is asked for. Every well-formed request has
// the same answer: whether there is such a credential, or was, is nobody's business.
const unregisterPath = "/unregister"

// Limits of a removal.
const (
	maxRemoval    = 4 << 10 // bytes of the request
	tokenBytes    = 16
	maxCredential = 1023 // bytes, WebAuthn section 4
)

// removal is what a desktop sends.
type removal struct {
	credential, token []byte
	on                string // for the log
}

// parseRemoval reads a request; false for one that is none.
func parseRemoval(body []byte) (m removal, ok bool) {
	var in struct{ Credential, Token, On string }
	if len(body) > maxRemoval || json.Unmarshal(body, &in) != nil {
		return m, false
	}
	var bad, worse error
	m.credential, bad = base64.RawURLEncoding.DecodeString(in.Credential)
	m.token, worse = base64.RawURLEncoding.DecodeString(in.Token)
	m.on = map[string]string{"phone": "unregistered on the phone", "desktop": "unregistered on a desktop"}[in.On]
	if m.on == "" {
		m.on = "unregistered by its token"
	}
	return m, bad == nil && worse == nil && len(m.token) == tokenBytes && len(m.credential) > 0 && len(m.credential) <= maxCredential
}

// unregister takes a registration away whose person removed it elsewhere.
func (s *Site) unregister(w http.ResponseWriter, r *http.Request) {
	if s.rush.count(s.address(r), "") > maxRush {
		w.Header().Set("Retry-After", strconv.Itoa(int(rushWindow.Seconds())))
		http.Error(w, "too many removals from this address", http.StatusTooManyRequests)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRemoval+1))
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	m, ok := parseRemoval(body)
	if err != nil || kind != "application/json" || !ok {
		http.Error(w, "not a removal", http.StatusBadRequest)
		return
	}
	if err := s.takeBack(r, m); err != nil {
		s.Log.Error("unregister", "err", err)
		http.Error(w, "try again later", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// takeBack removes the registration if the token is its own. What is not, a stranger made up or a desktop says again.
func (s *Site) takeBack(r *http.Request, m removal) error {
	owned, err := s.byToken(r.Context(), m)
	if errors.Is(err, store.ErrNotFound) {
		s.strayed(r, outcome.RegistrationUnknown, "unregister: no such registration with this token")
		return nil
	}
	if err != nil {
		return err
	}
	err = s.desk.Remove(r.Context(), owned, m.credential, enrol.Removal{ByToken: true, Detail: m.on}, s.asker(r, nil))
	if code, _ := outcome.CodeOf(err); err != nil && code == outcome.RegistrationUnknown {
		return nil // somebody removed it meanwhile
	}
	return err
}

// byToken is whose registration it is, where the token is its own; else store.ErrNotFound. The token is compared in
// constant time, also where there is nothing to compare it with.
func (s *Site) byToken(ctx context.Context, m removal) (store.User, error) {
	has, err := s.Store.Registration(ctx, m.credential)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.User{}, err
	}
	hash, want := sha256.Sum256(m.token), [sha256.Size]byte{}
	copy(want[:], has.Unregister)
	if subtle.ConstantTimeCompare(hash[:], want[:]) != 1 || len(has.Unregister) != sha256.Size {
		return store.User{}, store.ErrNotFound
	}
	return s.Store.User(ctx, has.UserID)
}

// A company's desktops may all come from one address, and remove few registrations an hour. No token is guessed at any
// pace; the limit is for the database.
const (
	rushWindow = time.Minute
	maxRush    = 120 // removals from one address in a window
)
