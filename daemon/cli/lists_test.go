package cli

import (
	"testing"

	"tallykey/daemon/api"
)

// Who removes a registration reads whether the website knows, where it asked to.
func TestRemovalSaysWhetherTheWebsiteKnows(t *testing.T) {
	for code, want := range map[api.Code]string{
		"":              "",
		api.WebsiteTold: "The website was told. It knows that this registration was removed and takes it no more.",
		api.WebsiteWaiting: "The website could not be told yet. The registration is removed here and on the phone. The website did not answer " +
			"and still lists it. Nothing has to be done: tallykey tells it again for 30 days. If it is urgent, remove the passkey on the website itself.",
	} {
		if got := website(api.Removed{Website: code}); got != want {
			t.Errorf("%q: %q", code, got)
		}
	}
}
