//go:build linux

package network_test

import (
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/phonelink/network"
	"tallykey/phone/virtual"
)

// worst is the worst of radio links: three packets in ten are lost each way, every one takes half a second each way, and
// one in ten is overtaken.
var worst = network.Weather{Loss: 0.3, Delay: 500 * time.Millisecond, Swap: 0.1}

// All of it at once: a phone pairs and signs in, though perhaps not at the first try. Nothing is lost and nothing is
// answered twice.
func TestWorst(t *testing.T) {
	t.Parallel()
	w := unpaired(t, 36)
	w.relay.Set(worst)
	w.persist("pair", api.Paired, w.pairing)
	w.relay.Set(network.Weather{})
	eventually(t, "the phone is connected", w.desktop.connected)
	w.register()
	w.relay.Set(worst)
	w.persist("sign in", api.Approved, w.signIn)
	w.relay.Set(network.Weather{})
	w.mustSignIn()
	w.consistent()
	if n := w.phone.count(virtual.Paired, "", ""); n != 1 {
		t.Errorf("the phone was paired %d times", n)
	}
}

// pairing has the phone pair, and returns how that ended: at the latest when the link does.
func (w *world) pairing() (code api.Code) {
	w.t.Helper()
	var p api.Pairing
	w.desktop.must(api.MethodPair, nil, &p)
	w.phone.order(order{Pair: p.Link})
	within(w.t, 3*patience, "the pairing ends", func() bool {
		if all := w.logged(p.Request); len(all) > 0 {
			code = all[0]
		}
		return code != ""
	})
	return code
}
