package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Code is the stable name of one way in which something can end. The same code stands on the phone, in the window, on
// the command line and in the activity log.
type Code string

// The codes. The table in codes.json says for each what happened and what to do; it is append-only, and every surface,
// Go or TypeScript, renders its rows from that file.
const (
	Approved            Code = "approved"
	Registered          Code = "registered"
	Paired              Code = "paired"
	Declined            Code = "declined"
	Reported            Code = "reported"
	WrongNumber         Code = "wrong_number"
	TimedOut            Code = "timed_out"
	PhoneUnreachable    Code = "phone_unreachable"
	CancelledByPage     Code = "cancelled_by_page"
	CancelledOnDesktop  Code = "cancelled_on_desktop"
	AnsweredElsewhere   Code = "answered_elsewhere"
	VerificationFailed  Code = "verification_failed"
	KeyGone             Code = "key_gone"
	SignatureInvalid    Code = "signature_invalid"
	MessageInvalid      Code = "message_invalid"
	VersionUnknown      Code = "version_unknown"
	PhoneRemoved        Code = "phone_removed"
	Paused              Code = "paused"
	Busy                Code = "busy"
	DesktopLocked       Code = "desktop_locked"
	DaemonStopped       Code = "daemon_stopped"
	RegistrationExists  Code = "registration_exists"
	NotOurs             Code = "not_ours"
	NoPhone             Code = "no_phone"
	OptionsUnsupported  Code = "options_unsupported"
	OptionsInvalid      Code = "options_invalid"
	OriginMismatch      Code = "origin_mismatch"
	KeyringLocked       Code = "keyring_locked"
	KeyringMissing      Code = "keyring_missing"
	KeyringFailed       Code = "keyring_failed"
	LinkFailed          Code = "link_failed"
	PairingExpired      Code = "pairing_expired"
	NoScreenLock        Code = "no_screen_lock"
	RequestUnknown      Code = "request_unknown"
	PhoneUnknown        Code = "phone_unknown"
	RegistrationUnknown Code = "registration_unknown"
	PromptsPaused       Code = "prompts_paused"
	SettingsNewer       Code = "settings_newer"
	SettingsFailed      Code = "settings_failed"
	SettingInvalid      Code = "setting_invalid"
	KeysErased          Code = "keys_erased"
	PageUnknown         Code = "page_unknown"
	ExportFailed        Code = "export_failed"
	DoctorFailed        Code = "doctor_failed"

	KeyringFileLocked      Code = "keyring_file_locked"
	KeyringFileMissing     Code = "keyring_file_missing"
	KeyringFileDamaged     Code = "keyring_file_damaged"
	KeyringFileUnsafe      Code = "keyring_file_unsafe"
	KeyringFileInUse       Code = "keyring_file_in_use"
	KeyringFileExists      Code = "keyring_file_exists"
	KeyringPassphraseWrong Code = "keyring_passphrase_wrong"
	KeyringPassphraseShort Code = "keyring_passphrase_short"
	KeyringNotFile         Code = "keyring_not_file"
	StateNewer             Code = "state_newer"
	IssuerUnknown          Code = "issuer_unknown"
	LoginRefused           Code = "login_refused"
	LoginMismatch          Code = "login_mismatch"
	LoginNeeded            Code = "login_needed"
	AskedTooOften          Code = "asked_too_often"
	AnotherWay             Code = "another_way"
	WebsiteTold            Code = "website_told"
	WebsiteWaiting         Code = "website_waiting"
	WebsiteNotTold         Code = "website_not_told"
	PhoneStorageFailed     Code = "phone_storage_failed"
)

// Text is an outcome in one language.
type Text struct {
	Title  string `json:"title"`
	What   string `json:"what"`
	Remedy string `json:"remedy"` // empty where there is nothing to do
}

// Outcome is a row of the code table.
type Outcome struct {
	Code        Code   `json:"code"`
	State       string `json:"state"` // which of the eight states of the look it is shown as
	En          Text   `json:"en"`
	De          Text   `json:"de"`
	Entra       int    `json:"entra"`       // the number that Microsoft Entra logs for the same; 0: none
	Error       string `json:"error"`       // the DOMException's name that a page gets; empty: no page asks for it
	FallThrough bool   `json:"fallThrough"` // the browser's own WebAuthn takes over and the page gets no error of ours
	Bad         bool   `json:"bad"`         // counts towards the pause of an account
}

//go:embed codes.json
var codesJSON []byte

var outcomes = func() map[Code]Outcome {
	var rows []Outcome
	if err := json.Unmarshal(codesJSON, &rows); err != nil {
		panic("api: codes.json: " + err.Error()) // embedded: a build that starts once starts always
	}
	m := make(map[Code]Outcome, len(rows))
	for _, r := range rows {
		m[r.Code] = r
	}
	return m
}()

// Outcome is the code's row. A code without one (it came from a newer program) gives a row that says so.
func (c Code) Outcome() Outcome {
	if o, ok := outcomes[c]; ok {
		return o
	}
	unknown := fmt.Sprintf("This program is older than the one that sent %q.", string(c))
	return Outcome{Code: c, State: "problem", Error: "NotAllowedError",
		En: Text{"Unknown outcome", unknown, "Update tallykey."},
		De: Text{"Unbekanntes Ergebnis", unknown, "tallykey aktualisieren."}}
}

// Error is a failure with its row in the code table. Detail is for logs and developers; it holds no secret and no number.
type Error struct {
	Code   Code
	Detail string
}

// Errorf makes an Error.
func Errorf(c Code, format string, a ...any) *Error { return &Error{c, fmt.Sprintf(format, a...)} }

// Error implements error: the title and the detail.
func (e *Error) Error() string {
	if e.Detail == "" {
		return string(e.Code) + ": " + e.Code.Outcome().En.Title
	}
	return string(e.Code) + ": " + e.Detail
}

// Is makes errors.Is(err, &Error{Code: c}) true for every Error of that code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}
