//go:build !linux && !darwin

package browsers

import "runtime"

var exe = map[bool]string{true: ".exe"}[runtime.GOOS == "windows"]

// table is empty where manifests are not found by folder: Windows looks them up in the registry.
var table []browser
