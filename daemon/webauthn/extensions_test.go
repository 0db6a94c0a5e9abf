package webauthn

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/phone/link"
)

func TestAlgorithmsInTheWebsitesOrder(t *testing.T) {
	params := func(algs ...any) []any {
		list := []any{map[string]any{"type": "of next year", "alg": -8}}
		for _, a := range algs {
			list = append(list, map[string]any{"type": "public-key", "alg": a})
		}
		return list
	}
	for name, tt := range map[string]struct {
		params any
		want   []int64
	}{
		"none is the default": {[]any{}, []int64{ES256}},
		"ES256":               {params(-7), []int64{ES256}},
		"EdDSA":               {params(-8), []int64{EdDSA}},
		"both":                {params(-8, -7), []int64{EdDSA, ES256}},
		"both, turned around": {params(-7, -8), []int64{ES256, EdDSA}},
		"among others":        {params(-257, "-8", -35, -8, -7, -7), []int64{EdDSA, ES256}},
	} {
		got, err := ParseCreationOptions(with(creation(), "pubKeyCredParams", tt.params))
		if err != nil || cmp.Diff(tt.want, got.Algorithms) != "" {
			t.Errorf("%s: %v, %v", name, got.Algorithms, err)
		}
	}
}

// What a website may wish of user verification, discoverable credentials and attestation changes nothing: it gets all of
// the first two and none of the third.
func TestWishesThatChangeNothing(t *testing.T) {
	want, err := ParseCreationOptions(with(creation(), "timeout", 1))
	if err != nil {
		t.Fatal(err)
	}
	for path, values := range map[string][]any{
		"authenticatorSelection.residentKey":        {"discouraged", "preferred", "required"},
		"authenticatorSelection.requireResidentKey": {true, false},
		"authenticatorSelection.userVerification":   {"discouraged", "preferred", "required"},
		"attestation":             {"none", "indirect", "direct", "enterprise", "of next year"},
		"attestationFormats":      {[]any{}, []any{"packed", "tpm"}},
		"extensions.minPinLength": {true},
		"extensions.credProtect":  {map[string]any{}},
		"extensions.of next year": {[]any{1}},
		"timeout":                 {0, 1e12},
	} {
		for _, v := range values {
			got, err := ParseCreationOptions(with(creation(), path, v))
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("%s as %v: %v %s", path, v, err, d)
			}
		}
	}
}

func TestNumberMatchInput(t *testing.T) {
	for name, tt := range map[string]struct {
		in          any
		create, get link.Mode
	}{
		"absent":       {nil, "", ""},
		"choose":       {map[string]any{"mode": "choose"}, link.Choose, link.Choose},
		"type":         {map[string]any{"mode": "type"}, link.Type, link.Type},
		"approve":      {map[string]any{"mode": "approve"}, link.Choose, link.Approve},
		"no mode":      {map[string]any{}, link.Choose, link.Choose},
		"another mode": {map[string]any{"mode": "sing"}, link.Choose, link.Choose},
		"a number":     {map[string]any{"mode": 7}, link.Choose, link.Choose},
		"no object":    {true, "", ""},
	} {
		extensions := map[string]any{}
		if tt.in != nil {
			extensions["numberMatch"] = tt.in
		}
		c, err := ParseCreationOptions(with(creation(), "extensions", extensions))
		if err != nil || c.NumberMatch != tt.create {
			t.Errorf("%s on creation: %q, %v", name, c.NumberMatch, err)
		}
		g, err := ParseRequestOptions(with(request(), "extensions", extensions))
		if err != nil || g.NumberMatch != tt.get {
			t.Errorf("%s: %q, %v", name, g.NumberMatch, err)
		}
	}
}

func values(texts ...string) map[string]any {
	v := map[string]any{"first": texts[0]}
	if len(texts) > 1 {
		v["second"] = texts[1]
	}
	return v
}

func TestPRFInput(t *testing.T) {
	one, two := PRFSalt([]byte{0, 1}), PRFSalt(nil)
	for name, tt := range map[string]struct {
		prf           any
		named, others [][]byte
	}{
		"no input":       {map[string]any{}, nil, nil},
		"one":            {map[string]any{"eval": values("AAE")}, [][]byte{one}, [][]byte{one}},
		"two, one empty": {map[string]any{"eval": values("AAE", "")}, [][]byte{one, two}, [][]byte{one, two}},
		"by credential": {map[string]any{"evalByCredential": map[string]any{"AAEC": values("", "AAE")}},
			[][]byte{two, one}, nil},
		"by credential before the others": {map[string]any{"eval": values("AAE"),
			"evalByCredential": map[string]any{"AAEC": values("")}}, [][]byte{two}, [][]byte{one}},
	} {
		o, err := ParseRequestOptions(with(request(), "extensions", map[string]any{"prf": tt.prf}))
		if err != nil || o.PRF == nil {
			t.Errorf("%s: %+v, %v", name, o.PRF, err)
			continue
		}
		if d := cmp.Diff(tt.named, o.PRF.Salts([]byte{0, 1, 2})); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if d := cmp.Diff(tt.others, o.PRF.Salts([]byte{9})); d != "" {
			t.Errorf("%s, another credential: %s", name, d)
		}
	}
	if o, err := ParseRequestOptions(with(request(), "timeout", 1)); err != nil || o.PRF != nil {
		t.Errorf("not asked for: %+v, %v", o.PRF, err)
	}
}

// The salt is what every browser makes of the input; this one was computed with sha256sum.
func TestPRFSalt(t *testing.T) {
	const want = "fH-JLs_jTp_7z5ttzNODLOL6kbrPiENdxxnmAMFEolk"
	if got := b64.EncodeToString(PRFSalt([]byte("tallykey"))); got != want {
		t.Errorf("got %s", got)
	}
}

func TestPRFInputRefuses(t *testing.T) {
	byCredential := func(id string) any { return map[string]any{"evalByCredential": map[string]any{id: values("AA")}} }
	for name, prf := range map[string]any{
		"no object":                     true,
		"eval without first":            map[string]any{"eval": map[string]any{"second": "AA"}},
		"first is no base64url":         map[string]any{"eval": values("AA==")},
		"first is a number":             map[string]any{"eval": map[string]any{"first": 1}},
		"second is no base64url":        map[string]any{"eval": values("AA", "+/")},
		"a credential that is not held": byCredential("AwQF"),
		"an empty credential":           byCredential(""),
		"a credential with padding":     byCredential("AAEC="),
	} {
		if _, err := ParseRequestOptions(with(request(), "extensions", map[string]any{"prf": prf})); !errors.Is(err, ErrOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Without allowCredentials, and on creation, inputs by credential make no sense (section 10.1.4).
	discoverable := request()
	delete(discoverable, "allowCredentials")
	in := map[string]any{"prf": byCredential("AAEC")}
	if _, err := ParseRequestOptions(with(discoverable, "extensions", in)); !errors.Is(err, ErrOptions) {
		t.Errorf("without an allow list: %v", err)
	}
	if _, err := ParseCreationOptions(with(creation(), "extensions", in)); !errors.Is(err, ErrOptions) {
		t.Errorf("on creation: %v", err)
	}
}

// Only the truth asks: another form is one of a later version, of which nothing is known.
func TestUnregister(t *testing.T) {
	for _, in := range []any{true, false, "true", 1, map[string]any{}, []any{true}, nil} {
		got, err := ParseCreationOptions(with(creation(), "extensions.unregister", in))
		if err != nil || got.Unregister != (in == true) {
			t.Errorf("%v: %t, %v", in, got.Unregister, err)
		}
	}
}

func TestExtensionResults(t *testing.T) {
	yes, no := true, false
	for want, r := range map[string]ExtensionResults{
		`{}`: {},
		`{"credProps":{"rk":true},"prf":{"enabled":true}}`:         {CredProps: true, PRF: &PRFResult{Enabled: &yes}},
		`{"prf":{"enabled":false}}`:                                {PRF: &PRFResult{Enabled: &no}},
		`{"prf":{}}`:                                               {PRF: &PRFResult{}},
		`{"prf":{"results":{"first":"AQ"}}}`:                       {PRF: &PRFResult{Results: [][]byte{{1}}}},
		`{"prf":{"results":{"first":"AQ","second":"Ag"}}}`:         {PRF: &PRFResult{Results: [][]byte{{1}, {2}}}},
		`{"prf":{"enabled":true,"results":{"first":"AQ"}}}`:        {PRF: &PRFResult{Enabled: &yes, Results: [][]byte{{1}}}},
		`{"credProps":{"rk":true},"prf":{"results":{"first":""}}}`: {CredProps: true, PRF: &PRFResult{Results: [][]byte{{}}}},
		// SHA-256 of the bytes 0 to 15.
		`{"unregister":{"hash":"vkXLJgW_Nr695oSEGijw_UPGmFCj3OX-26aZKO46iZE"}}`: {Unregister: []byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f")},
	} {
		if got := string(r.JSON()); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
