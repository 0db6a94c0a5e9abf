package link

// NumberMatchOutput is what authenticatorData of a website that asked for the numberMatch extension ends with: the
// extension map {"numberMatch": {"uv": …, "mode": …}} in CTAP2 canonical CBOR, with the ED flag set. mode is how the
// person showed that they saw the desktop's number; uv is "platform" for the phone's screen lock, fingerprint or face,
// and "pin" for the app's own PIN. It stands under the website's signature and under the person's approval.
func NumberMatchOutput(mode Mode, protection KeyProtection) []byte {
	out := append([]byte{0xa1}, cborText("numberMatch")...)
	out = append(append(out, 0xa2), cborText("uv")...)
	out = append(append(out, cborText(protection.UserVerification())...), cborText("mode")...)
	return append(out, cborText(string(mode))...)
}

// UserVerification names what verifies the person on a phone that keeps keys this way: "platform" or "pin".
func (k KeyProtection) UserVerification() string {
	if k == PIN {
		return "pin"
	}
	return "platform"
}

// cborText encodes a text of at most 23 bytes.
func cborText(s string) []byte { return append([]byte{0x60 | byte(len(s))}, s...) }
