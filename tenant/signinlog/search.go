package signinlog

import (
	"net/netip"
	"regexp"
	"strings"

	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

var (
	requestShape = regexp.MustCompile(`^[0-9a-f]{4}(-[0-9a-f]{4}){3}$`)
	accountShape = regexp.MustCompile(`^[^\s@]+@[^\s@]+$`)
)

// Search adds what somebody typed into a search field to a filter: a whole request id, account, address or code is looked up
// by its index, and everything else is looked for in the texts of each line.
func Search(f store.Filter, typed string) store.Filter {
	typed = strings.TrimSpace(typed)
	lower := strings.ToLower(typed)
	address, notAddress := netip.ParseAddr(typed)
	switch {
	case notAddress == nil && f.Address == "":
		f.Address = address.String()
	case requestShape.MatchString(lower) && f.Request == "":
		f.Request = lower
	case accountShape.MatchString(typed) && f.UPN == "":
		f.UPN = lower
	case outcome.Known(outcome.Code(lower)) && f.Code == "":
		f.Code = lower
	default:
		f.Text = typed
	}
	return f
}
