package main

import (
	"embed"
	"html/template"
	"net/http"
	"strconv"
)

//go:embed web
var web embed.FS

var pages = template.Must(template.ParseFS(web, "web/*.html"))

// message is a made-up one.
type message struct {
	From, Subject, Time string
	Text                []string
	New                 bool
}

var messages = []message{
	{"Bob Hansen", "Site visit on Thursday", "09:41", []string{"The harbour office confirmed ten o’clock. Please bring the survey drawings, the old ones too.", "I’ll wait at the north gate with the badges."}, true},
	{"Facilities", "The lift in building 4 runs again", "09:02", []string{"It was inspected this morning. Thank you for taking the stairs."}, true},
	{"Chen Li", "Draft of the tender", "08:15", []string{"Sections 2 and 3 are final. Section 4 still waits for the figures of the laboratory.", "Could you look at the wording of 4.2?"}, false},
	{"Payroll", "Your statement for October", "Fri", []string{"It is in the personnel portal. The portal asks for your phone, as this site did."}, false},
	{"Marta Oliveira", "Lunch?", "Thu", []string{"The new place at the canal has a table for four at half past twelve."}, false},
}

// view is the inbox with one message open.
type view struct {
	Person
	Messages []message
	Open     int
}

// Message is the open one.
func (v view) Message() message { return v.Messages[v.Open] }

func inbox(w http.ResponseWriter, r *http.Request, p Person) {
	open, err := strconv.Atoi(r.URL.Query().Get("open"))
	if err != nil || open < 0 || open >= len(messages) {
		open = 0
	}
	show(w, http.StatusOK, "inbox.html", view{p, messages, open})
}

func refuse(w http.ResponseWriter, why string) { show(w, http.StatusForbidden, "refused.html", why) }

func show(w http.ResponseWriter, status int, name string, data any) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = pages.ExecuteTemplate(w, name, data) // the browser left: nobody to tell
}
