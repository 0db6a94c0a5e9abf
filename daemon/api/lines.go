package api

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// MaxLine is the size limit of one message on the socket in bytes: what a browser takes from a native messaging host.
const MaxLine = 1 << 20

// ErrTooLong means a message was over MaxLine. The connection ends, for there is no telling where the next one starts.
var ErrTooLong = errors.New("api: message over 1 MiB")

// Lines frames JSON values, one a line, over a stream. It implements jrpc2's channel.Channel and, other than jrpc2's own
// framing, bounds what a peer can make it hold.
type Lines struct {
	in  *bufio.Reader
	out io.WriteCloser
	mu  sync.Mutex // one writer at a time: answers and pushes come from different goroutines
}

// NewLines reads from in and writes to out.
func NewLines(in io.Reader, out io.WriteCloser) *Lines {
	return &Lines{in: bufio.NewReaderSize(in, 16<<10), out: out}
}

// Send writes one value. It fails with ErrTooLong instead of sending what the other side must refuse.
func (l *Lines) Send(msg []byte) error {
	if len(msg) > MaxLine {
		return ErrTooLong
	}
	if bytes.IndexByte(msg, '\n') >= 0 {
		return fmt.Errorf("api: message holds a line break")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.out.Write(append(msg[:len(msg):len(msg)], '\n'))
	return err
}

// Recv reads one value without its line break. The slice is the caller's.
func (l *Lines) Recv() ([]byte, error) {
	var line []byte
	for {
		chunk, err := l.in.ReadSlice('\n')
		if len(line)+len(chunk) > MaxLine+1 {
			return nil, ErrTooLong
		}
		line = append(line, chunk...)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err != nil:
			return nil, err
		}
		return bytes.TrimSuffix(line, []byte("\n")), nil
	}
}

// Close closes the writing side.
func (l *Lines) Close() error { return l.out.Close() }
