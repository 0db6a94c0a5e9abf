package link

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// The checks bound every field by size and grammar. They say nothing about truth: who may say what, and when, is for
// the side that receives it.

func (m *Hello) check() error {
	return first(
		rule(ValidID(m.Phone), "hello: phone id"),
		rule(name(m.Name) && appName(m.App), "hello: name or app"),
		rule(len(m.Signature) == 64, "hello: signature of %d bytes", len(m.Signature)))
}

func (m *PairWith) check() error {
	return first(
		rule(name(m.Name) && appName(m.App), "pairWith: name or app"),
		rule(m.Origin != "" && Printable(m.Origin, MaxOrigin), "pairWith: origin"))
}

func (m *Received) check() error { return requestID("received", m.ID) }

func (m *Number) check() error {
	return first(requestID("number", m.ID),
		rule(twoDigits(m.Number), "number: %.8q is not two digits", m.Number),
		rule(m.Credential == "" || credentialID(m.Credential), "number: credential"))
}

func (m *Answer) check() error {
	return first(requestID("answer", m.ID),
		rule(m.Credential == "" || credentialID(m.Credential), "answer: credential"),
		rule(object(m.Verification, MaxCeremony), "answer: verification"),
		rule(len(m.DeviceSignature) == 64, "answer: device signature"),
		rule(len(m.AuthenticatorData) <= 1024, "answer: authenticatorData of %d bytes", len(m.AuthenticatorData)),
		rule(len(m.Signature) == 0 || len(m.Signature) == 64, "answer: signature"),
		rule(len(m.DeviceKey) <= 256, "answer: device key"),
		rule(len(m.PlatformKey) <= MaxPublicKey, "answer: platform key"),
		rule(slices.Contains([]KeyProtection{"", PRF, Device, PIN}, m.KeyProtection), "answer: key protection"),
		m.PRF.check())
}

func (m *PRFOutput) check() error {
	return rule(m == nil || salts(m.Results), "answer: prf")
}

// salts: what the prf extension takes and gives, none, one or two values of 32 bytes.
func salts(list []Bytes) bool {
	return len(list) <= 2 && !slices.ContainsFunc(list, func(b Bytes) bool { return len(b) != 32 })
}

func (m *Decline) check() error {
	return first(requestID("decline", m.ID), rule(slices.Contains(DeclineCodes, m.Code), "decline: code %.32q", m.Code))
}

func (m *Welcome) check() error {
	return first(
		rule(ValidID(m.Desktop) && name(m.Name), "welcome: desktop"),
		rule(m.Port != 0 && len(m.Addresses) <= MaxAddresses, "welcome: port or addresses"),
		rule(!slices.ContainsFunc(m.Addresses, unusable), "welcome: address"),
		rule(m.Ends >= 0 && m.Ends <= maxTime, "welcome: end"))
}

func (m *Request) check() error {
	return first(requestID("request", m.ID),
		rule(slices.Contains([]Action{Pair, Create, Get}, m.Action), "request: action %.16q", m.Action),
		rule(m.Action == Pair || m.Origin != "" && m.RPID != "" && len(m.ClientData) > 0, "request: no website"),
		rule(Printable(m.Origin, MaxOrigin) && Printable(m.Domain, 253) && Printable(m.RPID, 253), "request: website"),
		rule(len(m.ClientData) <= MaxClientData, "request: clientDataJSON of %d bytes", len(m.ClientData)),
		rule(Printable(m.Browser, MaxName), "request: browser"),
		rule(m.SecondsLeft >= 0 && m.SecondsLeft <= OfferSeconds, "request: %d seconds left", m.SecondsLeft),
		rule(len(m.Algorithms) <= MaxAlgorithms, "request: %d algorithms", len(m.Algorithms)),
		rule(removalToken(m.Unregister) && (m.Action == Create || len(m.Unregister) == 0), "request: unregister"),
		m.checkAccounts(), m.checkNumbers())
}

func (m *Request) checkAccounts() error {
	n := len(m.Accounts)
	if m.Action == Pair && n != 0 || m.Action == Create && n != 1 || m.Action == Get && (n < 1 || n > MaxAccounts) {
		return malformed("request: %d accounts for %s", n, m.Action)
	}
	for _, a := range m.Accounts {
		if len(a.UserID) > MaxUserID || !Printable(a.Name, MaxText) || !Printable(a.DisplayName, MaxText) {
			return malformed("request: account name")
		}
		if !salts(a.PRF) {
			return malformed("request: prf of an account")
		}
		if m.Action == Get && !credentialID(a.Credential) {
			return malformed("request: account without credential")
		}
	}
	return nil
}

func (m *Request) checkNumbers() error {
	distinct := slices.Compact(slices.Sorted(slices.Values(m.Numbers)))
	none := m.Mode == Type || m.Mode == Approve && m.Action == Get
	ok := none && len(m.Numbers) == 0 || m.Mode == Choose && len(m.Numbers) == 3 && len(distinct) == 3
	return rule(ok && !slices.ContainsFunc(m.Numbers, func(s string) bool { return !twoDigits(s) }), "request: numbers")
}

func (m *NumberRight) check() error { return requestID("numberRight", m.ID) }
func (m *Ended) check() error {
	return first(requestID("ended", m.ID), rule(code(m.Code), "ended: code"))
}
func (m *Refused) check() error { return rule(code(m.Code), "refused: code") }
func (m *Ping) check() error    { return nil }
func (m *Pong) check() error    { return nil }

func (m *Forget) check() error {
	return rule(credentialID(m.Credential), "forget: credential")
}
func (m *Goodbye) check() error { return nil }

func (m *PushSubscription) check() error {
	if m.Endpoint == "" {
		return rule(len(m.P256DH)+len(m.Auth)+len(m.VAPID) == 0, "pushSubscription: keys without an endpoint")
	}
	return first(
		rule(strings.HasPrefix(m.Endpoint, "https://") && Printable(m.Endpoint, MaxEndpoint), "pushSubscription: endpoint"),
		rule(len(m.P256DH) == 65 && len(m.Auth) == 16 && len(m.VAPID) == 32, "pushSubscription: keys"))
}

func (m *Registrations) check() error {
	if len(m.Items) > MaxPage || len(m.Kept) > MaxKept {
		return malformed("registrations: %d and %d", len(m.Items), len(m.Kept))
	}
	if slices.ContainsFunc(m.Kept, func(s string) bool { return !credentialID(s) }) {
		return malformed("registrations: kept credential")
	}
	for _, r := range m.Items {
		if err := r.check(); err != nil {
			return err
		}
	}
	return nil
}

// maxTime is the largest whole number that every JSON reader has.
const maxTime = 1<<53 - 1

func (r Registration) check() error {
	return first(
		rule(credentialID(r.Credential), "registration: credential"),
		rule(r.RPID != "" && Printable(r.RPID, 253), "registration: RP ID"),
		rule(len(r.UserID) > 0 && len(r.UserID) <= MaxUserID, "registration: user id of %d bytes", len(r.UserID)),
		rule(Printable(r.Name, MaxText) && Printable(r.DisplayName, MaxText), "registration: name"),
		rule(len(r.PublicKey) > 0 && len(r.PublicKey) <= MaxPublicKey, "registration: public key"),
		rule(slices.Contains([]KeyProtection{PRF, Device, PIN}, r.KeyProtection), "registration: key protection"),
		rule(r.Created >= 0 && r.Created <= maxTime, "registration: time"),
		rule(removalToken(r.Unregister), "registration: unregister"))
}

// removalToken: none, or one of its size.
func removalToken(b Bytes) bool { return len(b) == 0 || len(b) == RemovalToken }

func (m *Paired) check() error {
	return first(requestID("paired", m.ID), rule(ValidID(m.Phone), "paired: phone id"),
		rule(len(m.Secret) == PhoneSecretBytes, "paired: secret"))
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func rule(ok bool, format string, a ...any) error {
	if ok {
		return nil
	}
	return malformed(format, a...)
}

// requestID: 16 random bytes in base64url.
func requestID(of, id string) error {
	b, err := decode64(id)
	return rule(err == nil && len(b) == 16, "%s: request id", of)
}

func credentialID(s string) bool {
	b, err := decode64(s)
	return err == nil && len(b) >= MinCredential && len(b) <= MaxCredential
}

func object(j json.RawMessage, limit int) bool {
	return len(j) <= limit && bytes.HasPrefix(bytes.TrimSpace(j), []byte("{")) && json.Valid(j)
}

func name(s string) bool    { return s != "" && Printable(s, MaxName) }
func appName(s string) bool { return s != "" && Printable(s, 32) }
func code(s string) bool    { return s != "" && Printable(s, 32) }

func twoDigits(s string) bool {
	return len(s) == 2 && s[0] >= '0' && s[0] <= '9' && s[1] >= '0' && s[1] <= '9'
}
