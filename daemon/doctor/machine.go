package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// commandTimeout bounds every other program that is asked.
const commandTimeout = 3 * time.Second

// Machine fills in the parts of an Env that are the same for everybody: files, programs, ports, the clock.
func Machine(e Env) Env {
	e.Stat, e.ReadFile, e.Now = os.Stat, os.ReadFile, time.Now
	e.PortHeld, e.Multicast, e.Command = portHeld, multicastPossible, command
	return e
}

// portHeld tries to take the port and gives it back at once.
func portHeld(port int) bool {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{Port: port})
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.EADDRINUSE)
}

// mdnsGroup is where questions for names are sent, RFC 6762 section 3.
var mdnsGroup = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}

// multicastPossible joins the group on one interface after the other and sends nothing.
func multicastPossible() error {
	all, err := net.Interfaces()
	if err != nil {
		return err
	}
	why := errors.New("no interface carries multicast")
	for _, i := range all {
		const need = net.FlagUp | net.FlagRunning | net.FlagMulticast
		if i.Flags&need != need || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		conn, err := net.ListenMulticastUDP("udp4", &i, mdnsGroup)
		if err == nil {
			conn.Close()
			return nil
		}
		why = fmt.Errorf("%s: %w", i.Name, err)
	}
	return why
}

func command(ctx context.Context, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}
