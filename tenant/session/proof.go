package session

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"sync"

	"tallykey/tenant/store"
)

// A browser keeps a proof of each account that signed in from it: a MAC of the UPN, which says nothing else and opens
// nothing. Whoever shows it gets to the account's phone by its UPN alone, which would tell anybody else that the account
// exists, and is not counted among the strangers of its network, so that a flood from there, or an office behind one
// address, keeps nobody waiting who was here before.

const (
	proofUse   = "known" // of the key in the store
	proofBytes = 16
	proofComma = "." // stands in no proof
)

// proofs holds the key, which is made once and read when it is first needed.
type proofs struct {
	mu  sync.Mutex
	key []byte
}

func (p *proofs) read(ctx context.Context, s *store.Store, fresh store.Key) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.key != nil {
		return p.key, nil
	}
	if err := s.FirstKey(ctx, fresh); err != nil {
		return nil, err
	}
	keys, err := s.Keys(ctx, proofUse)
	if err == nil && len(keys) > 0 {
		p.key = keys[0].Material
	}
	return p.key, err
}

// proof is the MAC of a UPN, "" while the key can't be read: then nobody has one, and everybody is counted.
func (j *Jar) proof(ctx context.Context, upn string) string {
	fresh := store.Key{ID: proofUse, Use: proofUse, Alg: "HS256", Material: make([]byte, 32), Created: j.now()}
	rand.Read(fresh.Material)
	key, err := j.proofs.read(ctx, j.store, fresh)
	if err != nil || key == nil {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("tallykey/1 signed in here " + upn))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:proofBytes])
}

func (j *Jar) shown(r *http.Request) []string {
	c, err := r.Cookie(j.name(proofCookie))
	if err != nil || len(c.Value) > 256 {
		return nil
	}
	list := strings.Split(c.Value, proofComma)
	return list[:min(len(list), maxKnown)]
}

// prove gives the browser the proof of an account that has just signed in.
func (j *Jar) prove(w http.ResponseWriter, r *http.Request, upn string) {
	proof := j.proof(r.Context(), upn)
	if proof == "" {
		return
	}
	j.setProofs(w, append([]string{proof}, without(j.shown(r), proof)...))
}

func (j *Jar) setProofs(w http.ResponseWriter, list []string) {
	j.setList(w, proofCookie, list, proofComma)
}

// Proven says whether the browser proves that one of these accounts has signed in from it, and which; "" if none has.
func (j *Jar) Proven(r *http.Request, upns ...string) string {
	list := j.shown(r)
	if len(list) == 0 {
		return ""
	}
	for _, upn := range upns {
		proof := j.proof(r.Context(), upn)
		if proof != "" && slices.ContainsFunc(list, func(s string) bool { return hmac.Equal([]byte(s), []byte(proof)) }) {
			return upn
		}
	}
	return ""
}
