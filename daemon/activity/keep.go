package activity

import (
	"slices"
	"time"

	"tallykey/daemon/api"
)

// badFor is how long a bad end is kept whatever comes after it. The pause of an account looks back that far: a page that
// asks and takes back a thousand times must not push out of the log what pauses it.
const badFor = 15 * time.Minute

// trim drops the oldest entries beyond Keep, but for bad ends of the last badFor before now.
func trim(all []api.Activity, now time.Time) []api.Activity {
	over := len(all) - Keep
	if over <= 0 {
		return all
	}
	kept := slices.DeleteFunc(slices.Clone(all[:over]), func(a api.Activity) bool {
		return !a.Code.Outcome().Bad || now.Sub(a.Time) >= badFor
	})
	return append(kept, all[over:]...)
}
