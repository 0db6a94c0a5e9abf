package service

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"tallykey/phone/link"
)

// A daemon that is started anew may find its port still held by the one before, which tells its phones the end first. Phones
// know the port, so it is worth waiting for: longer than an orderly end takes, which is bounded by two seconds.
const (
	portPatience = 3 * time.Second
	portAgain    = 50 * time.Millisecond
)

var errPortTaken = errors.New("service: another program has the port")

// portWait waits before each further try to open a port. It returns errPortTaken when it was enough.
func portWait(ctx context.Context) func() error {
	end := time.Now().Add(portPatience)
	return func() error {
		select {
		case <-time.After(portAgain):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if time.Now().Before(end) {
			return nil
		}
		return errPortTaken
	}
}

// listenUDP opens the port of the phone link, or any where it is 0; again waits before another try, see portWait. Where another program
// has taken it, it opens one of the next link.NextPorts, where phones look as well, and else any: a desktop that only native
// phones find, by mDNS, is still better than none. A port that the person insists on is that one or an error.
func listenUDP(port int, insists bool, again func() error) (*net.UDPConn, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{Port: port})
	for errors.Is(err, syscall.EADDRINUSE) {
		if end := again(); errors.Is(end, errPortTaken) {
			break
		} else if end != nil {
			return nil, end // whoever opens the link next may find the port free
		}
		conn, err = net.ListenUDP("udp", &net.UDPAddr{Port: port})
	}
	if err == nil || insists || !errors.Is(err, syscall.EADDRINUSE) {
		return conn, err
	}
	for _, next := range link.PortsAfter(uint16(port)) {
		if conn, err := net.ListenUDP("udp", &net.UDPAddr{Port: int(next)}); err == nil {
			return conn, nil
		}
	}
	return net.ListenUDP("udp", &net.UDPAddr{})
}
