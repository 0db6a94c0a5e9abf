// Package network makes networks for tests: hosts, cables between them, and a relay in the middle of a cable that loses,
// delays and reorders packets. A host is a network namespace; the relay is a program, for many kernels lack the devices
// that would do the same. It needs Linux, and root or user namespaces. Nothing but tests imports it.
package network
