package signin

import (
	"errors"
	"fmt"

	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

// wired are salts as they travel to the phone.
func wired(salts [][]byte) []link.Bytes {
	var out []link.Bytes
	for _, s := range salts {
		out = append(out, s)
	}
	return out
}

// prfResult is the output of the prf extension from an answer to a request with that many salts: nil where the website
// did not ask, and without results where the credential has no secret. Nothing of it goes into an error or a log.
func prfResult(asked *webauthn.PRFInput, salts int, m *link.Answer) (*webauthn.PRFResult, error) {
	switch {
	case asked == nil && m.PRF == nil:
		return nil, nil
	case asked == nil:
		return nil, errors.New("a prf output that nobody asked for")
	case m.PRF == nil:
		return &webauthn.PRFResult{}, nil
	case len(m.PRF.Results) != salts:
		return nil, fmt.Errorf("%d prf results for %d salts", len(m.PRF.Results), salts)
	}
	out := &webauthn.PRFResult{}
	for _, r := range m.PRF.Results {
		out.Results = append(out.Results, r)
	}
	return out, nil
}
