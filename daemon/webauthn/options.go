package webauthn

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tallykey/phone/link"
)

// Limits of options.
const (
	MaxOptions   = 512 << 10 // bytes of JSON: 100 descriptors of the longest credential ID fit
	MaxChallenge = 4096      // bytes
	MaxUserID    = 64        // bytes, section 5.4.3
	MaxList      = 100       // entries of allowCredentials, excludeCredentials and pubKeyCredParams
)

// User is the account that a registration is for.
type User struct {
	ID   []byte // 1 to MaxUserID bytes
	Name string // fit to be shown: at most link.MaxText bytes, no control characters
	// DisplayName likewise; it may be empty.
	DisplayName string
}

// CreationOptions are those parts of PublicKeyCredentialCreationOptionsJSON that mean something to a phone. User
// verification, a discoverable credential and attestation "none" are what it always gives, so requests for more or less
// of them are not kept.
type CreationOptions struct {
	RPID      string // as asked for; empty: the host
	User      User
	Challenge []byte
	Exclude   [][]byte // credential IDs
	// Algorithms are those of pubKeyCredParams that a phone may be able to make, in the website's order: ES256, EdDSA.
	Algorithms  []int64
	CredProps   bool      // the extension was asked for
	PRF         *PRFInput // likewise; nil: it was not
	NumberMatch link.Mode // likewise: link.Choose or link.Type; empty: it was not
	Unregister  bool      // likewise
}

// RequestOptions are those parts of PublicKeyCredentialRequestOptionsJSON that mean something to a phone.
type RequestOptions struct {
	RPID         string // as asked for; empty: the host
	Challenge    []byte
	Discoverable bool     // the website named no credentials
	Allow        [][]byte // credential IDs; empty and not Discoverable: only kinds of credentials that nobody knows yet
	PRF          *PRFInput
	NumberMatch  link.Mode // as in CreationOptions; also link.Approve
}

type creationJSON struct {
	RP *struct {
		ID   *string `json:"id"`
		Name *string `json:"name"`
	} `json:"rp"`
	User *struct {
		ID          *string `json:"id"`
		Name        *string `json:"name"`
		DisplayName *string `json:"displayName"`
	} `json:"user"`
	Challenge *string      `json:"challenge"`
	Params    *[]paramJSON `json:"pubKeyCredParams"`
	Exclude   []descriptor `json:"excludeCredentials"`
	Selection struct {
		Attachment string `json:"authenticatorAttachment"`
	} `json:"authenticatorSelection"`
	Extensions extensionsJSON `json:"extensions"`
}

type requestJSON struct {
	RPID       *string        `json:"rpId"`
	Challenge  *string        `json:"challenge"`
	Allow      []descriptor   `json:"allowCredentials"`
	Extensions extensionsJSON `json:"extensions"`
}

type paramJSON struct {
	Type string     `json:"type"`
	Alg  *algorithm `json:"alg"`
}

type descriptor struct {
	Type string  `json:"type"`
	ID   *string `json:"id"`
}

const publicKey = "public-key"

// algorithm reads a COSEAlgorithmIdentifier. Some websites send the number as a text, which browsers convert.
type algorithm int64

// UnmarshalJSON implements json.Unmarshaler.
func (a *algorithm) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	*a = algorithm(n)
	return err
}

// ParseCreationOptions reads PublicKeyCredentialCreationOptionsJSON. The error wraps ErrOptions or ErrUnsupported.
func ParseCreationOptions(raw json.RawMessage) (CreationOptions, error) {
	var j creationJSON
	if err := decodeOptions(raw, &j); err != nil {
		return CreationOptions{}, err
	}
	o, err := j.required()
	if err != nil {
		return CreationOptions{}, err
	}
	if o.Exclude, err = credentialIDs("excludeCredentials", j.Exclude); err != nil {
		return CreationOptions{}, err
	}
	if o.PRF, err = j.Extensions.prf(nil); err != nil {
		return CreationOptions{}, err
	}
	if o.Algorithms, err = j.supported(); err != nil {
		return CreationOptions{}, err
	}
	o.CredProps, o.Unregister = j.Extensions.CredProps == true, j.Extensions.Unregister == true
	if o.NumberMatch = j.Extensions.numberMatch(); o.NumberMatch == link.Approve {
		o.NumberMatch = link.Choose // a new key is never made without a number
	}
	return o, nil
}

func (j *creationJSON) required() (o CreationOptions, err error) {
	if j.RP == nil || j.RP.Name == nil || j.User == nil || j.User.Name == nil || j.User.DisplayName == nil {
		return o, badOptions("rp or user is missing, or a name in it")
	}
	if j.Params == nil || len(*j.Params) > MaxList {
		return o, badOptions("pubKeyCredParams")
	}
	if o.RPID, err = optionalRPID(j.RP.ID); err != nil {
		return o, err
	}
	if o.Challenge, err = bytesMember("challenge", j.Challenge, MaxChallenge); err != nil {
		return o, err
	}
	if o.User.ID, err = bytesMember("user.id", j.User.ID, MaxUserID); err != nil {
		return o, err
	}
	o.User.Name, o.User.DisplayName = shown(*j.User.Name), shown(*j.User.DisplayName)
	return o, nil
}

// supported lists the algorithms to choose from: an empty list of parameters stands for ES256 and RS256 (section 5.1.3
// step 10). Attachment "cross-platform" asks for a security key, and values nobody knows are ignored (section 2.1.1).
func (j *creationJSON) supported() ([]int64, error) {
	if j.Selection.Attachment == "cross-platform" {
		return nil, fmt.Errorf("%w: authenticatorAttachment cross-platform", ErrUnsupported)
	}
	if len(*j.Params) == 0 {
		return []int64{ES256}, nil
	}
	var out []int64
	for _, p := range *j.Params {
		if p.Type != publicKey || p.Alg == nil || slices.Contains(out, int64(*p.Alg)) {
			continue
		}
		if *p.Alg == ES256 || *p.Alg == EdDSA {
			out = append(out, int64(*p.Alg))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: neither ES256 nor EdDSA is in pubKeyCredParams", ErrUnsupported)
	}
	return out, nil
}

// ParseRequestOptions reads PublicKeyCredentialRequestOptionsJSON. The error wraps ErrOptions.
func ParseRequestOptions(raw json.RawMessage) (RequestOptions, error) {
	var j requestJSON
	if err := decodeOptions(raw, &j); err != nil {
		return RequestOptions{}, err
	}
	o := RequestOptions{Discoverable: len(j.Allow) == 0}
	var err error
	if o.RPID, err = optionalRPID(j.RPID); err != nil {
		return RequestOptions{}, err
	}
	if o.Challenge, err = bytesMember("challenge", j.Challenge, MaxChallenge); err != nil {
		return RequestOptions{}, err
	}
	if o.Allow, err = credentialIDs("allowCredentials", j.Allow); err != nil {
		return RequestOptions{}, err
	}
	if o.PRF, err = j.Extensions.prf(o.Allow); err != nil {
		return RequestOptions{}, err
	}
	o.NumberMatch = j.Extensions.numberMatch()
	return o, nil
}

func decodeOptions(raw json.RawMessage, into any) error {
	if len(raw) > MaxOptions {
		return badOptions("%d bytes", len(raw))
	}
	if !strings.HasPrefix(strings.TrimLeft(string(raw), " \t\r\n"), "{") {
		return badOptions("not a JSON object")
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return badOptions("%v", err)
	}
	return nil
}

// optionalRPID: absent means the host. Present but empty is an error in every browser, so it isn't taken for absent.
func optionalRPID(id *string) (string, error) {
	if id == nil {
		return "", nil
	}
	if *id == "" || len(*id) > MaxRPID {
		return "", badOptions("RP ID of %d bytes", len(*id))
	}
	return *id, nil
}

func bytesMember(name string, s *string, limit int) ([]byte, error) {
	if s == nil {
		return nil, badOptions("%s is missing", name)
	}
	b, err := b64.DecodeString(*s)
	if err != nil || len(b) == 0 || len(b) > limit {
		return nil, badOptions("%s is not base64url of 1 to %d bytes", name, limit)
	}
	return b, nil
}

// credentialIDs leaves out descriptors of a type that nobody knows (section 5.8.3), and never looks at transports: what
// counts is whether the phone holds the credential.
func credentialIDs(name string, list []descriptor) ([][]byte, error) {
	if len(list) > MaxList {
		return nil, badOptions("%s of %d entries", name, len(list))
	}
	var out [][]byte
	for _, d := range list {
		id, err := bytesMember(name+".id", d.ID, MaxCredentialID)
		if err != nil {
			return nil, err
		}
		if d.Type == publicKey {
			out = append(out, id)
		}
	}
	return out, nil
}

// shown makes a name of the website's fit for a screen. It drops control characters and those that turn the direction
// of text, with which a name could pose as another (section 6.4.2), and cuts at link.MaxText bytes before a rune, which
// is more than the 64 bytes that section 6.4.1 asks an authenticator to keep.
func shown(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || isBidiControl(r) || !link.Printable(string(r), utf8.UTFMax) {
			return -1
		}
		return r
	}, name)
	if len(name) <= link.MaxText {
		return name
	}
	cut := link.MaxText
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut]
}

func isBidiControl(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

func badOptions(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrOptions, fmt.Sprintf(format, a...))
}
