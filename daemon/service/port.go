package service

import (
	"errors"
	"net"
	"syscall"

	"tallykey/phone/link"
)

// listenUDP opens the port of the phone link, or any where it is 0. Where another program has taken it, it opens one of
// the next link.NextPorts, where phones look as well, and else any: a desktop that only native phones find, by mDNS, is
// still better than none. A port that the person insists on is that one or an error.
func listenUDP(port int, insists bool) (*net.UDPConn, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{Port: port})
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
