// Package breaking holds tests alone: they break each thing that the doctor checks on a machine with a network, buses, a
// keyring, a daemon and a phone of its own, run the doctor as a person does, and repair it, where there is a command for
// that by the very command that the doctor names. The same machine lives a heavy day, after which nothing may be left over.
package breaking
