// Package pipe joins a browser and the daemon: frames from the one are lines to the other, and back. It checks that what
// passes is JSON within the size limits and looks at nothing else, so that the protocol can grow without it.
package pipe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tallykey/daemon/api"
	"tallykey/native-messaging/frame"
)

// ErrDaemonGone means that the daemon closed the connection.
var ErrDaemonGone = errors.New("the tallykey daemon closed the connection")

// ErrUnanswerable means that the browser sent more than the limit, and nothing tells which call it was.
var ErrUnanswerable = errors.New("a message over 1 MiB, without an id to answer to")

// Run carries messages until one side ends, and closes both. It returns nil when the browser ended it (in is at its end),
// ErrDaemonGone when the daemon did, and what was wrong otherwise. The daemon sees the end of the connection at once and
// cancels the calls of it.
//
// One goroutine outlives Run where closing in does not end a Read of it, as with a terminal: it ends with that Read.
func Run(in io.ReadCloser, out io.Writer, daemon io.ReadWriteCloser) error {
	p := &pipe{in: in, frames: frame.NewWriter(out), lines: api.NewLines(daemon, daemon)}
	ended := make(chan error, 2)
	go func() { ended <- p.up() }()
	go func() { ended <- p.down() }()
	err := <-ended
	daemon.Close()
	in.Close()
	return err
}

type pipe struct {
	in     io.Reader
	frames *frame.Writer
	lines  *api.Lines
}

// up carries what the browser says.
func (p *pipe) up() error {
	for {
		payload, err := frame.Read(p.in)
		var tooLong *frame.TooLong
		switch {
		case err == io.EOF:
			return nil
		case errors.As(err, &tooLong):
			err = p.refuse(tooLong)
		case err == nil:
			err = p.send(payload)
		}
		if err != nil {
			return err
		}
	}
}

func (p *pipe) send(payload []byte) error {
	var line bytes.Buffer
	if err := json.Compact(&line, payload); err != nil {
		return p.answer(json.RawMessage("null"), codeParse, "parse error: "+err.Error())
	}
	if err := p.lines.Send(line.Bytes()); err != nil {
		return ErrDaemonGone
	}
	return nil
}

// refuse answers a message that is too long, so that its caller need not wait for ever.
func (p *pipe) refuse(message *frame.TooLong) error {
	id := idOf(message.Head)
	if id == nil {
		return ErrUnanswerable
	}
	return p.answer(id, codeInvalid, message.Error())
}

// down carries what the daemon says.
func (p *pipe) down() error {
	for {
		line, err := p.lines.Recv()
		if errors.Is(err, api.ErrTooLong) {
			return fmt.Errorf("from the daemon: %w", err)
		}
		if err != nil {
			return ErrDaemonGone
		}
		if err := p.frames.Write(line); err != nil {
			return err
		}
	}
}
