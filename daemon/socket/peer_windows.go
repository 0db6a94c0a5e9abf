package socket

import (
	"errors"
	"net"
	"os"

	"golang.org/x/sys/windows"

	"tallykey/daemon/api"
)

// errOtherUser means that the process at the other end is not this user's.
var errOtherUser = errors.New("socket: a process of another user")

// peerOf asks the system which process opened the pipe and whose it is. Windows has no user numbers: a process of this
// user has the number that os.Getuid gives there, -1.
func peerOf(conn net.Conn) (Peer, error) {
	var pid uint32
	handle := windows.Handle(conn.(interface{ Fd() uintptr }).Fd())
	if err := windows.GetNamedPipeClientProcessId(handle, &pid); err != nil {
		return Peer{}, err
	}
	if !api.SameUser(pid) {
		return Peer{PID: int(pid)}, errOtherUser
	}
	return Peer{PID: int(pid), UID: os.Getuid()}, nil
}

// Which programs stand above a client is not read here yet, so a prompt names no browser.
func procPath(int, string) string { return "" }

func parent(int) int { return 0 }
