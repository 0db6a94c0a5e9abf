package api

import (
	"context"
	"errors"
	"net"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

// SocketPath is where the daemon of this user listens: a named pipe with the user's security identifier in its name.
func SocketPath() string {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return `\\.\pipe\tallykey` // leads nowhere: Connect lets in only this user's daemon
	}
	return `\\.\pipe\tallykey-` + user.User.Sid.String()
}

// connect opens the pipe. Names of pipes are free for all: who came first could pose as the daemon, so the process at
// the other end must be this user's.
func connect(ctx context.Context, path string) (net.Conn, error) {
	conn, err := winio.DialPipeContext(ctx, path)
	if err != nil {
		return nil, err
	}
	var pid uint32
	handle := windows.Handle(conn.(interface{ Fd() uintptr }).Fd())
	if err := windows.GetNamedPipeServerProcessId(handle, &pid); err != nil || !SameUser(pid) {
		conn.Close()
		return nil, errors.Join(err, errors.New("the pipe is another user's"))
	}
	return conn, nil
}

// SameUser says whether a process runs as the user of this one. Windows only.
func SameUser(pid uint32) bool {
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return false
	}
	defer windows.CloseHandle(process)
	var token windows.Token
	if err := windows.OpenProcessToken(process, windows.TOKEN_QUERY, &token); err != nil {
		return false
	}
	defer token.Close()
	theirs, err := token.GetTokenUser()
	if err != nil {
		return false
	}
	ours, err := windows.GetCurrentProcessToken().GetTokenUser()
	return err == nil && ours.User.Sid.Equals(theirs.User.Sid)
}
