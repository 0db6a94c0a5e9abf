// Package outcome is the table of every way in which something at the tenant can end: a stable code, what happened and
// what to do in English and German, and the number that a Microsoft Entra admin would know. The web pages, the sign-in
// log and the command line render these rows; none of them has a text of its own for a failure.
//
// Codes that the desktop's table (package daemon/api) already has, such as timed_out, mean the same here. A row in this
// package's codes.json wins, so that a shared code can be told from the website's side. Like that table, this one is
// append-only.
package outcome

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"tallykey/daemon/api"
)

// Code names an outcome. It is the same type as on the desktop.
type Code = api.Code

// The codes of the tenant; codes.json has their texts.
const (
	PasswordRight             Code = "password_right"
	PasswordWrong             Code = "password_wrong"
	UPNUnknown                Code = "upn_unknown" // in the log only: the page says password_wrong, see Public
	UPNInvalid                Code = "upn_invalid"
	AccountLocked             Code = "account_locked"
	AddressLocked             Code = "address_locked"
	AddressBusy               Code = "address_busy"
	PasswordChosen            Code = "password_chosen"
	NotCompleted              Code = "not_completed"
	PageLeft                  Code = "page_left"
	RequestReplaced           Code = "request_replaced"
	ChallengeExpired          Code = "challenge_expired"
	OriginWrong               Code = "origin_wrong"
	UserVerificationUnset     Code = "user_verification_unset"
	AnswerUnreadable          Code = "answer_unreadable"
	WebAuthnMissing           Code = "webauthn_missing"
	RegistrationRemoved       Code = "registration_removed"
	RegistrationLimit         Code = "registration_limit"
	ConfirmationNeeded        Code = "confirmation_needed"
	CrossSite                 Code = "cross_site"
	HostWrong                 Code = "host_wrong"
	FormUnreadable            Code = "form_unreadable"
	PageUnknown               Code = "page_unknown"
	StorageFailed             Code = "storage_failed"
	PhoneDisabledByPolicy     Code = "phone_disabled_by_policy"
	PhoneRequired             Code = "phone_required"
	PasswordNotAllowed        Code = "password_not_allowed"
	AccountDisabled           Code = "account_disabled"
	AppApproved               Code = "app_approved"
	AppRequestInvalid         Code = "app_request_invalid"
	AppRequestUnknown         Code = "app_request_unknown"
	RequestUnknown            Code = "request_unknown"
	SignatureInvalid          Code = "signature_invalid"
	RegistrationExists        Code = "registration_exists"
	Registered                Code = "registered"
	RegistrationUnknown       Code = "registration_unknown"
	Approved                  Code = "approved"
	TimedOut                  Code = "timed_out"
	NumberTooWeak             Code = "number_too_weak"
	VerificationTooWeak       Code = "verification_too_weak"
	PasskeyNotAllowed         Code = "passkey_not_allowed"
	ApproveNotAllowed         Code = "approve_not_allowed"
	OneRegistration           Code = "one_registration"
	SecondFactorNeeded        Code = "second_factor_needed"
	PasswordDisabled          Code = "password_disabled_by_policy"
	Invited                   Code = "invited"
	InvitationUnknown         Code = "invitation_unknown"
	InvitationExpired         Code = "invitation_expired"
	InvitationUsed            Code = "invitation_used"
	RegistrationRenewed       Code = "registration_renewed"
	NotMe                     Code = "not_me"
	AccountAtRisk             Code = "account_at_risk"
	PhoneSignInEnabled        Code = "phone_signin_enabled"
	PhoneSignInNotEnabled     Code = "phone_signin_not_enabled"
	PasswordRequired          Code = "password_required"
	SignedOut                 Code = "signed_out"
	NameInvalid               Code = "name_invalid"
	UserExists                Code = "user_exists"
	UserUnknown               Code = "user_unknown"
	GroupExists               Code = "group_exists"
	GroupUnknown              Code = "group_unknown"
	AppUnknown                Code = "app_unknown"
	RedirectInvalid           Code = "redirect_invalid"
	CSVInvalid                Code = "csv_invalid"
	Federated                 Code = "federated"
	FederationUnreachable     Code = "federation_unreachable"
	FederationRefused         Code = "federation_refused"
	FederationAnswerInvalid   Code = "federation_answer_invalid"
	FederationWrongAccount    Code = "federation_wrong_account"
	FederationUserUnknown     Code = "federation_user_unknown"
	DomainInvalid             Code = "domain_invalid"
	DomainExists              Code = "domain_exists"
	DomainUnknown             Code = "domain_unknown"
	IssuerInvalid             Code = "issuer_invalid"
	RoleNeeded                Code = "role_needed"
	AdminSignInWeak           Code = "admin_signin_weak"
	LastAdministrator         Code = "last_administrator"
	UserHasRole               Code = "user_has_role"
	RoleUnknown               Code = "role_unknown"
	PolicyInvalid             Code = "policy_invalid"
	DeviceCodeUnknown         Code = "device_code_unknown"
	DeviceCodeLocked          Code = "device_code_locked"
	DeviceApproved            Code = "device_approved"
	DeviceDenied              Code = "device_denied"
	AppDenied                 Code = "app_denied"
	AppNeedsPhone             Code = "app_needs_phone"
	InvitationNeeded          Code = "invitation_needed"
	InvitationWithdrawn       Code = "invitation_withdrawn"
	AppUnauthorized           Code = "app_unauthorized"
	TokenRefused              Code = "token_refused"
	TokenReused               Code = "token_reused"
	AppSignInRequired         Code = "app_signin_required"
	AppConsentRequired        Code = "app_consent_required"
	FederationEmailUnverified Code = "federation_email_unverified"
	PasswordChanged           Code = "password_changed"
	PasswordRemoved           Code = "password_removed"
	PasswordUnfit             Code = "password_unfit"
	PasswordNeeded            Code = "password_needed"
)

//go:embed codes.json
var codesJSON []byte

var rows = func() map[Code]api.Outcome {
	var list []api.Outcome
	if err := json.Unmarshal(codesJSON, &list); err != nil {
		panic("outcome: codes.json: " + err.Error()) // embedded: a build that starts once starts always
	}
	m := make(map[Code]api.Outcome, len(list))
	for _, r := range list {
		m[r.Code] = r
	}
	return m
}()

// Of is the code's row: the tenant's own, else the desktop's.
func Of(c Code) api.Outcome {
	if r, ok := rows[c]; ok {
		return r
	}
	return c.Outcome()
}

// Known says whether the tenant has a row for a code.
func Known(c Code) bool { _, ok := rows[c]; return ok }

// Codes are all codes of the tenant, in alphabetical order.
func Codes() []Code { return slices.Sorted(maps.Keys(rows)) }

// Public is what may be told to somebody who is not signed in. That a UPN does not exist is for the log only.
func Public(c Code) Code {
	if c == UPNUnknown {
		return PasswordWrong
	}
	return c
}

// Text is the row's text in the language, "de" or any other for English.
func Text(c Code, lang string) api.Text {
	if lang == "de" {
		return Of(c).De
	}
	return Of(c).En
}

// Errorf makes an error that carries a code. The detail goes to the sign-in log: it holds no secret.
func Errorf(c Code, format string, a ...any) error {
	return &api.Error{Code: c, Detail: fmt.Sprintf(format, a...)}
}

// CodeOf gives the code and the detail of an error. An error without a code is a fault of the tenant itself; nil has none.
func CodeOf(err error) (Code, string) {
	var e *api.Error
	if errors.As(err, &e) {
		return e.Code, e.Detail
	}
	if err == nil {
		return "", ""
	}
	return StorageFailed, err.Error()
}
