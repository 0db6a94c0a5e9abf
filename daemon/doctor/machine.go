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

// Machine fills in the parts of an Env that are the same for everybody: files, programs, ports, buses, the clock.
func Machine(e Env) Env {
	e.Stat, e.ReadFile, e.Chmod, e.Now = os.Stat, os.ReadFile, os.Chmod, time.Now
	e.PortHeld, e.Multicast, e.Resolve, e.Command = portHeld, multicastPossible, resolve, command
	e.Offers, e.Property, e.Allowed = offers, property, allowed
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

// multicastPossible joins the group on one interface after the other and sends nothing.
func multicastPossible() error {
	all, err := multicasting()
	if err != nil {
		return err
	}
	why := errors.New("no interface carries multicast")
	for _, i := range all {
		conn, err := net.ListenMulticastUDP("udp4", &i, mdnsGroup)
		if err == nil {
			conn.Close()
			return nil
		}
		why = fmt.Errorf("%s: %w", i.Name, err)
	}
	return why
}

// multicasting are the interfaces that could carry multicast to others.
func multicasting() (out []net.Interface, err error) {
	all, err := net.Interfaces()
	for _, i := range all {
		const need = net.FlagUp | net.FlagRunning | net.FlagMulticast
		if i.Flags&need == need && i.Flags&net.FlagLoopback == 0 {
			out = append(out, i)
		}
	}
	return out, err
}

func command(ctx context.Context, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}
