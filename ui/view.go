package main

// View is which of the windows this process is.
type View string

// The views.
const (
	ViewPrompt View = "prompt" // the sign-in that waits for an answer
	ViewPair   View = "pair"   // a code that pairs a phone
	ViewMain   View = "main"   // phones, registrations, health
)

// String implements fmt.Stringer.
func (v View) String() string { return string(v) }

func (v View) valid() bool { return v == ViewPrompt || v == ViewPair || v == ViewMain }

// size is the window's inner size in pixels at which the view was drawn.
func (v View) size() (width, height int) {
	switch v {
	case ViewPair:
		return 720, 712
	case ViewMain:
		return 900, 640
	}
	return 460, 560
}

// title names the window. It never holds the number: titles are seen by task bars, screen recorders and other programs.
func (v View) title(language string) string {
	if language == "de" {
		return map[View]string{ViewPrompt: "Mit dem Telefon anmelden", ViewPair: "Telefon koppeln", ViewMain: "tallykey"}[v]
	}
	return map[View]string{ViewPrompt: "Sign in with your phone", ViewPair: "Pair a phone", ViewMain: "tallykey"}[v]
}
