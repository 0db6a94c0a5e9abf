//go:build !unix

package desktop

import "os"

// terminate kills: there is no signal that asks.
func terminate(p *os.Process) { p.Kill() }
