//go:build !windows

package browsers

// Where there is no registry, browsers find a manifest by its place.

func registered(browser, string) bool { return true }

func register(browser, string) error { return nil }

func unregister(browser) error { return nil }
