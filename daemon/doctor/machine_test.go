package doctor

import (
	"net"
	"testing"
)

func TestPortHeld(t *testing.T) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{})
	if err != nil {
		t.Fatal(err)
	}
	port := conn.LocalAddr().(*net.UDPAddr).Port
	if !portHeld(port) {
		t.Error("a port that is held counts as free")
	}
	conn.Close()
	if portHeld(port) {
		t.Error("a free port counts as held")
	}
}

func TestCommand(t *testing.T) {
	if out, err := command(t.Context(), "echo", "active"); out != "active" || err != nil {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := command(t.Context(), "false"); err == nil {
		t.Error("a command that fails is no answer")
	}
	if _, err := command(t.Context(), "tallykey-no-such-program"); err == nil {
		t.Error("a command that is missing is no answer")
	}
}
