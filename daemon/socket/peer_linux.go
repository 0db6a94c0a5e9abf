package socket

import (
	"bytes"
	"cmp"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// peerOf asks the kernel who connected (SO_PEERCRED: the process at the time of connect).
func peerOf(conn net.Conn) (Peer, error) {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return Peer{}, err
	}
	var cred *unix.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err != nil || failed != nil {
		return Peer{UID: -1}, cmp.Or(err, failed)
	}
	return Peer{PID: int(cred.Pid), UID: int(cred.Uid)}, nil
}

func procPath(pid int, name string) string {
	return filepath.Join("/proc", strconv.Itoa(pid), name)
}

// parent reads the parent's process id from /proc/PID/stat: the fourth field, after a name in parentheses that may
// itself hold spaces and parentheses.
func parent(pid int) int {
	stat, err := os.ReadFile(procPath(pid, "stat"))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0
	}
	ppid, _ := strconv.Atoi(string(fields[1]))
	return ppid
}
