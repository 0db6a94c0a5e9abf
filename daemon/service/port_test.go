package service

import (
	"net"
	"testing"

	"tallykey/phone/link"
)

// taken opens ports in a row, n of them, and returns the first.
func taken(t *testing.T, n int) int {
	t.Helper()
	for range 100 {
		first, err := net.ListenUDP("udp", &net.UDPAddr{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { first.Close() })
		port := first.LocalAddr().(*net.UDPAddr).Port
		i := 1
		for ; i < n; i++ {
			next, err := net.ListenUDP("udp", &net.UDPAddr{Port: port + i})
			if err != nil {
				break // somebody else's
			}
			t.Cleanup(func() { next.Close() })
		}
		if i == n {
			return port
		}
	}
	t.Fatal("no ports in a row")
	return 0
}

func TestTakenPort(t *testing.T) {
	all := taken(t, 1+link.NextPorts)
	far, err := listenUDP(all, false)
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	if got := far.LocalAddr().(*net.UDPAddr).Port; got >= all && got <= all+link.NextPorts {
		t.Errorf("port %d twice", got)
	}
	if conn, err := listenUDP(all, true); err == nil {
		conn.Close()
		t.Error("another port than the one that was insisted on")
	}
}
