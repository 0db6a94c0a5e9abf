package main

import "slices"

// View is which of the windows this process is.
type View string

// The views.
const (
	ViewPrompt View = "prompt" // the sign-in that waits for an answer
	ViewMain   View = "main"   // everything else, in sections
)

// String implements fmt.Stringer.
func (v View) String() string { return string(v) }

// Section is a part of the main window. The zero value is none: the window decides.
type Section string

// The sections in their order.
const (
	SectionPair          Section = "pair"
	SectionPhones        Section = "phones"
	SectionRegistrations Section = "registrations"
	SectionActivity      Section = "activity"
	SectionSettings      Section = "settings"
	SectionDoctor        Section = "doctor"
	SectionAbout         Section = "about"
)

// sections are all of them, in the order of the navigation.
var sections = []Section{SectionPair, SectionPhones, SectionRegistrations, SectionActivity, SectionSettings, SectionDoctor, SectionAbout}

// String implements fmt.Stringer.
func (s Section) String() string { return string(s) }

func (s Section) valid() bool { return s == "" || slices.Contains(sections, s) }

// size is the window's inner size in pixels at which the view was drawn.
func (v View) size() (width, height int) {
	if v == ViewMain {
		return 920, 680
	}
	return 460, 624
}

// title names the window. It never holds the number: titles are seen by task bars, screen recorders and other programs.
func (v View) title(language string) string {
	switch {
	case v == ViewMain:
		return "tallykey"
	case language == "de":
		return "Mit dem Telefon anmelden"
	}
	return "Sign in with your phone"
}
