package webauthn

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"

	"tallykey/phone/link"
)

// Extensions that mean something here: credProps (section 10.1.3), prf (section 10.1.4), and numberMatch and
// unregister (docs/protocol.md).
// Every other one is ignored, as section 9 says of what a client does not support.

// MaxSalts is how many inputs the prf extension takes at once.
const MaxSalts = 2

// PRFInput is what a website asks the prf extension for, its inputs hashed to salts of 32 bytes each.
type PRFInput struct {
	Eval         [][]byte            // one or two salts for every credential; none: nothing to evaluate
	ByCredential map[string][][]byte // by credential ID in base64url; these count before Eval
}

// Salts are the salts for one credential: none, one or two.
func (p *PRFInput) Salts(credential []byte) [][]byte {
	if salts, ok := p.ByCredential[b64.EncodeToString(credential)]; ok {
		return salts
	}
	return p.Eval
}

type extensionsJSON struct {
	CredProps   any             `json:"credProps"`
	NumberMatch json.RawMessage `json:"numberMatch"`
	PRF         json.RawMessage `json:"prf"`
	Unregister  any             `json:"unregister"`
}

type prfJSON struct {
	Eval         *prfValuesJSON           `json:"eval"`
	ByCredential map[string]prfValuesJSON `json:"evalByCredential"`
}

type prfValuesJSON struct {
	First  *string `json:"first"`
	Second *string `json:"second"`
}

// numberMatch is the mode that a website wishes for, and empty where it did not ask. A mode that nobody knows yet counts
// as the usual one: the output tells the website what was done.
func (e extensionsJSON) numberMatch() link.Mode {
	if !bytes.HasPrefix(e.NumberMatch, []byte("{")) {
		return ""
	}
	var in struct {
		Mode any `json:"mode"`
	}
	if json.Unmarshal(e.NumberMatch, &in) != nil {
		return ""
	}
	switch in.Mode {
	case string(link.Type):
		return link.Type
	case string(link.Approve):
		return link.Approve
	}
	return link.Choose
}

// prf reads the input of the prf extension; nil where the website did not ask. allow are the credential IDs of
// allowCredentials. The error wraps ErrOptions: browsers refuse these calls too, each with its own exception.
func (e extensionsJSON) prf(allow [][]byte) (*PRFInput, error) {
	if len(e.PRF) == 0 {
		return nil, nil
	}
	var j prfJSON
	if err := json.Unmarshal(e.PRF, &j); err != nil {
		return nil, badOptions("prf: %v", err)
	}
	in := &PRFInput{}
	var err error
	if j.Eval != nil {
		if in.Eval, err = j.Eval.salts(); err != nil {
			return nil, err
		}
	}
	if len(j.ByCredential) > 0 {
		in.ByCredential, err = j.byCredential(allow)
	}
	return in, err
}

// byCredential: each key must be the base64url of a credential that the website allows.
func (j prfJSON) byCredential(allow [][]byte) (map[string][][]byte, error) {
	allowed := map[string]bool{}
	for _, id := range allow {
		allowed[b64.EncodeToString(id)] = true
	}
	out := make(map[string][][]byte, len(j.ByCredential))
	for id, values := range j.ByCredential {
		if !allowed[id] {
			return nil, badOptions("prf.evalByCredential names a credential that is not allowed")
		}
		salts, err := values.salts()
		if err != nil {
			return nil, err
		}
		out[id] = salts
	}
	return out, nil
}

func (v prfValuesJSON) salts() ([][]byte, error) {
	if v.First == nil {
		return nil, badOptions("prf: first is missing")
	}
	var out [][]byte
	for _, text := range []*string{v.First, v.Second} {
		if text == nil {
			continue
		}
		input, err := b64.DecodeString(*text)
		if err != nil {
			return nil, badOptions("prf: an input is not base64url")
		}
		out = append(out, PRFSalt(input))
	}
	return out, nil
}

// PRFSalt is what the authenticator evaluates for a website's input: SHA-256 of "WebAuthn PRF", a zero byte and the
// input, so that no website reaches what the same secret gives for other purposes.
func PRFSalt(input []byte) []byte {
	salt := sha256.Sum256(append([]byte("WebAuthn PRF\x00"), input...))
	return salt[:]
}

// ExtensionResults are the client extension results of one answer.
type ExtensionResults struct {
	CredProps bool       // every credential of a phone is discoverable; say so
	PRF       *PRFResult // nil: the website did not ask
	// Unregister is the token by which the website will be told that the registration was removed; it gets the hash. Empty:
	// it did not ask.
	Unregister []byte
}

// PRFResult is the output of the prf extension. Results are secret: they go to the page and nowhere else.
type PRFResult struct {
	Enabled *bool    // on creation only
	Results [][]byte // one or two, or none
}

// JSON is AuthenticationExtensionsClientOutputsJSON; bytes are base64url, and the client makes ArrayBuffers of them.
func (r ExtensionResults) JSON() json.RawMessage {
	out := map[string]any{}
	if r.CredProps {
		out["credProps"] = map[string]bool{"rk": true}
	}
	if r.PRF != nil {
		out["prf"] = r.PRF.output()
	}
	if len(r.Unregister) > 0 {
		hash := sha256.Sum256(r.Unregister)
		out["unregister"] = map[string]string{"hash": b64.EncodeToString(hash[:])}
	}
	j, err := json.Marshal(out)
	if err != nil {
		panic("webauthn: " + err.Error()) // texts and truths only
	}
	return j
}

func (r *PRFResult) output() map[string]any {
	out := map[string]any{}
	if r.Enabled != nil {
		out["enabled"] = *r.Enabled
	}
	results := map[string]string{}
	for i, name := range []string{"first", "second"}[:min(len(r.Results), MaxSalts)] {
		results[name] = b64.EncodeToString(r.Results[i])
	}
	if len(results) > 0 {
		out["results"] = results
	}
	return out
}
