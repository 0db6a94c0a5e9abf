package socket

import (
	"context"
	"fmt"
	"net"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"

	"tallykey/daemon/api"
)

// Listen opens the pipe, which this user alone may use. It fails with ErrRunning where a daemon of this user answers; a
// pipe that somebody else made under the name is an error too, for a second one would share its connections.
func Listen(path string) (net.Listener, error) {
	if c, err := api.Connect(context.Background(), path); err == nil {
		c.Close()
		return nil, fmt.Errorf("%w (%s)", ErrRunning, path)
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, err
	}
	only := "D:P(A;;GA;;;" + user.User.Sid.String() + ")"
	return winio.ListenPipe(path, &winio.PipeConfig{SecurityDescriptor: only})
}
