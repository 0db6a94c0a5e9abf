package service

import (
	"errors"
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
	far, err := listenUDP(all, false, never)
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	if got := far.LocalAddr().(*net.UDPAddr).Port; got >= all && got <= all+link.NextPorts {
		t.Errorf("port %d twice", got)
	}
	if conn, err := listenUDP(all, true, never); err == nil {
		conn.Close()
		t.Error("another port than the one that was insisted on")
	}
}

func never() error { return errPortTaken }

// The daemon before this one still holds the port, and leaves it a moment later: phones find the desktop where it was.
func TestPortOfTheDaemonBefore(t *testing.T) {
	before, err := net.ListenUDP("udp", &net.UDPAddr{})
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	port, tries := before.LocalAddr().(*net.UDPAddr).Port, 0
	stop := errors.New("the request has ended")
	if _, err := listenUDP(port, false, func() error { return stop }); !errors.Is(err, stop) {
		t.Errorf("where there is no time to wait: %v", err)
	}
	conn, err := listenUDP(port, false, func() error {
		if tries++; tries == 3 {
			before.Close()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := conn.LocalAddr().(*net.UDPAddr).Port; got != port || tries != 3 {
		t.Errorf("port %d after %d tries, want %d", got, tries, port)
	}
}
