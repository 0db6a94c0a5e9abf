package registration

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tallykey/phone/link"
)

// The limits of other systems' keyrings.
const (
	windowsBlob   = 2560 // bytes of CREDENTIALW.CredentialBlob: CRED_MAX_CREDENTIAL_BLOB_SIZE, wincred.h
	windowsTarget = 512  // go-keyring's limit for the service's name
	macOSLine     = 4096 // bytes of a line that security(1) reads, of which go-keyring makes one for each item
)

// An item of the greatest size is taken by the keyrings of Windows and macOS under the longest name there is.
func TestLargestItemFitsEverySystem(t *testing.T) {
	if MaxItem > windowsBlob {
		t.Errorf("Windows takes %d bytes, not %d", windowsBlob, MaxItem)
	}
	if n := len(Service); n >= windowsTarget {
		t.Errorf("the service's name has %d bytes", n)
	}
	id := link.NewID([link.IDBytes]byte{1})
	for _, name := range []string{identityName, trialName, phoneName(id), pushName(id), pageName(maxPages), nameOf(1)} {
		value := "go-keyring-base64:" + base64.StdEncoding.EncodeToString(make([]byte, MaxItem))
		line := fmt.Sprintf("add-generic-password -U -s %s -a '%s' -w '%s'\n", Service, name, value)
		if len(line) >= macOSLine { // at exactly the limit, security(1) may store nothing and say nothing
			t.Errorf("%s: macOS takes less than %d bytes, not %d", name, macOSLine, len(line))
		}
	}
}

// What would not fit on one system is refused on every one, whichever item it is, and nothing of it is written.
func TestTooLargeIsRefusedEverywhere(t *testing.T) {
	large := strings.Repeat("a", MaxItem)
	for name, k := range holding(t, nil) {
		ctx, s := t.Context(), open(t, k)
		must(t, s.AddPhone(ctx, samplePhone(1)))
		must(t, s.Add(ctx, sampleRegistration(1, samplePhone(1).ID)))
		phone, registration := samplePhone(2), sampleRegistration(2, samplePhone(1).ID)
		phone.Name, registration.User.Name = large, large
		for what, err := range map[string]error{
			"identity":     s.SetIdentity(ctx, Identity{CertificatePEM: []byte(large)}),
			"trial":        s.SetTrial(ctx, Trial{CertificatePEM: []byte(large)}),
			"phone":        s.AddPhone(ctx, phone),
			"new name":     s.RenamePhone(ctx, samplePhone(1).ID, large),
			"registration": s.Add(ctx, registration),
			"change":       s.Update(ctx, sampleRegistration(1, "").Credential, func(r *Registration) { r.User.Name = large }),
			"push":         s.SetPush(ctx, samplePhone(1).ID, link.PushSubscription{Endpoint: large}),
		} {
			if !errors.Is(err, ErrFailed) {
				t.Errorf("%s: %s: got %v, want ErrFailed", name, what, err)
			}
		}
		sameAfterRestart(t, s, k)
		if c := contentsOf(s); c.Identity != nil || len(c.Phones) != 1 || len(c.Registrations) != 1 {
			t.Errorf("%s: %+v", name, c)
		}
	}
}
