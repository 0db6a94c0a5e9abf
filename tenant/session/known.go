package session

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	maxKnown   = 5
	knownAge   = 180 * 24 * time.Hour
	knownComma = "|" // stands in no UPN
)

// Known are the UPNs that signed in from this browser, the newest first, as the browser tells: they are shown for
// choosing, and nothing else follows from them.
func (j *Jar) Known(r *http.Request) []string {
	c, err := r.Cookie(j.name(knownCookie))
	if err != nil || c.Value == "" || len(c.Value) > 2048 {
		return nil
	}
	list := strings.Split(c.Value, knownComma)
	return list[:min(len(list), maxKnown)]
}

func (j *Jar) know(w http.ResponseWriter, r *http.Request, upn string) {
	j.setKnown(w, append([]string{upn}, without(j.Known(r), upn)...))
	j.prove(w, r, upn)
}

// Unknow takes a UPN off the list, and its proof with it: the browser is then as new to the account as any other.
func (j *Jar) Unknow(w http.ResponseWriter, r *http.Request, upn string) {
	j.setKnown(w, without(j.Known(r), upn))
	j.setProofs(w, without(j.shown(r), j.proof(r.Context(), upn)))
}

func (j *Jar) setKnown(w http.ResponseWriter, list []string) {
	j.setList(w, knownCookie, list, knownComma)
}

// setList keeps the newest of a list in a cookie, and no cookie of an empty one.
func (j *Jar) setList(w http.ResponseWriter, cookie string, list []string, comma string) {
	age := knownAge
	if len(list) == 0 {
		age = -time.Second
	}
	j.set(w, cookie, strings.Join(list[:min(len(list), maxKnown)], comma), age)
}

func without(list []string, upn string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == upn })
}
