//go:build !unix

package virtual

// lock does nothing: on this system it is up to the person to start one phone only.
func lock(string) (unlock func(), err error) { return func() {}, nil }
