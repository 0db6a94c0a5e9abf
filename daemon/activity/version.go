package activity

import (
	"bytes"
	"encoding/json"
	"fmt"

	"tallykey/daemon/api"
)

// Version is the version of the file that this program writes, in its first line. A file without such a line is from
// before there were versions; a later one is left alone.
const Version = 1

// head is the first line.
type head struct {
	V int `json:"v"`
}

// header is the first line as this program writes it.
var header = fmt.Appendf(nil, "{\"v\":%d}\n", Version)

// split takes the first line off, where it is a version. *api.Error with StateNewer: a later version wrote the file.
func split(data []byte) (version int, lines []byte, err error) {
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	var h head
	if json.Unmarshal(first, &h) != nil || h.V == 0 {
		return 0, data, nil
	}
	if h.V > Version {
		return h.V, nil, api.Errorf(api.StateNewer, "the activity log is of version %d; this program reads up to %d", h.V, Version)
	}
	return h.V, rest, nil
}
