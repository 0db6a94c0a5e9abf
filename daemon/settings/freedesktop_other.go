//go:build windows || darwin

package settings

const freedesktop = false
