package webauthn

import "encoding/json"

// SignalKind is which of the signals of section 5.1.10 a website sends.
type SignalKind string

// The kinds.
const (
	UnknownCredential      SignalKind = "unknownCredential"      // it does not know the credential
	AllAcceptedCredentials SignalKind = "allAcceptedCredentials" // it takes these credentials of a user and no other
	CurrentUserDetails     SignalKind = "currentUserDetails"     // it calls a user so now
)

// String implements fmt.Stringer.
func (k SignalKind) String() string { return string(k) }

// MaxAccepted is how many credentials one user's signal may name.
const MaxAccepted = 1000

// Signal is what a website says of its credentials.
type Signal struct {
	Kind        SignalKind
	RPID        string   // never empty
	UserID      []byte   // AllAcceptedCredentials, CurrentUserDetails
	Credentials [][]byte // UnknownCredential: exactly one
	Name        string   // CurrentUserDetails; fit to be shown, as in User
	DisplayName string
}

type signalJSON struct {
	RPID        *string   `json:"rpId"`
	Credential  *string   `json:"credentialId"`
	UserID      *string   `json:"userId"`
	Accepted    *[]string `json:"allAcceptedCredentialIds"`
	Name        *string   `json:"name"`
	DisplayName *string   `json:"displayName"`
}

// ParseSignal reads UnknownCredentialOptions, AllAcceptedCredentialsOptions or CurrentUserDetailsOptions. The error wraps
// ErrOptions.
func ParseSignal(kind SignalKind, raw json.RawMessage) (Signal, error) {
	var j signalJSON
	if err := decodeOptions(raw, &j); err != nil {
		return Signal{}, err
	}
	s := Signal{Kind: kind}
	if j.RPID == nil {
		return Signal{}, badOptions("rpId is missing")
	}
	var err error
	if s.RPID, err = optionalRPID(j.RPID); err != nil {
		return Signal{}, err
	}
	switch kind {
	case UnknownCredential:
		err = s.unknown(j)
	case AllAcceptedCredentials:
		err = s.accepted(j)
	case CurrentUserDetails:
		err = s.details(j)
	default:
		err = badOptions("signal %.32q", string(kind))
	}
	if err != nil {
		return Signal{}, err
	}
	return s, nil
}

func (s *Signal) unknown(j signalJSON) error {
	id, err := bytesMember("credentialId", j.Credential, MaxCredentialID)
	s.Credentials = [][]byte{id}
	return err
}

func (s *Signal) accepted(j signalJSON) (err error) {
	if s.UserID, err = bytesMember("userId", j.UserID, MaxUserID); err != nil {
		return err
	}
	if j.Accepted == nil || len(*j.Accepted) > MaxAccepted {
		return badOptions("allAcceptedCredentialIds is missing or too long")
	}
	for _, text := range *j.Accepted {
		id, err := bytesMember("allAcceptedCredentialIds", &text, MaxCredentialID)
		if err != nil {
			return err
		}
		s.Credentials = append(s.Credentials, id)
	}
	return nil
}

func (s *Signal) details(j signalJSON) (err error) {
	if s.UserID, err = bytesMember("userId", j.UserID, MaxUserID); err != nil {
		return err
	}
	if j.Name == nil || j.DisplayName == nil {
		return badOptions("name or displayName is missing")
	}
	s.Name, s.DisplayName = shown(*j.Name), shown(*j.DisplayName)
	return nil
}
