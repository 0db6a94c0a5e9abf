//go:build !linux && !darwin && !windows

package browsers

const exe = ""

// table is empty: which browsers this system has is not known.
var table []browser
