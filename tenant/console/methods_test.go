package console

import (
	"strings"
	"testing"

	"tallykey/tenant/signinlog"
)

// Each method of a line has its text, and is offered by the filter; and no text is of a method that there is not.
func TestMethodsHaveTexts(t *testing.T) {
	known := map[string]bool{}
	for _, m := range signinlog.Methods {
		known["method."+m] = true
		if texts["method."+m]["en"] == "" || texts["method."+m]["de"] == "" {
			t.Errorf("%s has no text", m)
		}
	}
	for key := range texts {
		if strings.HasPrefix(key, "method.") && !known[key] {
			t.Errorf("%s is the text of nothing", key)
		}
	}
}
