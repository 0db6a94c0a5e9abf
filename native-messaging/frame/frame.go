// Package frame reads and writes native messaging frames, the form in which browsers speak to a host: four bytes of
// length in the machine's own byte order, then that many bytes of JSON. It knows nothing of what the JSON says.
package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Max is the size limit of a frame in bytes, the same in both directions: what a browser takes from a host.
const Max = 1 << 20

// head is how much of a frame over Max is kept for whoever wants to tell the sender.
const head = 4 << 10

// maxSkip bounds what is read past for the sake of the next frame. Browsers send up to 64 MiB; a length beyond it is no
// length but a stream that has lost its step.
const maxSkip = 64 << 20

// TooLong is the error for a frame over Max. The stream stands at the next frame.
type TooLong struct {
	Size uint32 // in bytes
	Head []byte // how it begins, at most 4 KiB
}

// Error implements error.
func (e *TooLong) Error() string {
	return fmt.Sprintf("frame: %d bytes, over the limit of %d", e.Size, Max)
}

// ErrOutOfStep means that a length is beyond all reason: the stream can't be read any further.
var ErrOutOfStep = errors.New("frame: the stream is out of step")

// Read reads one frame. It returns io.EOF at a clean end, io.ErrUnexpectedEOF in the middle of a frame, a *TooLong after
// which reading can go on, and ErrOutOfStep after which it can't. The slice is the caller's.
func Read(r io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	size := binary.NativeEndian.Uint32(length[:])
	if size > Max {
		return nil, skip(r, size)
	}
	payload := make([]byte, size)
	return payload, whole(io.ReadFull(r, payload))
}

// skip reads past a frame of the given size and says how it began.
func skip(r io.Reader, size uint32) error {
	if size > maxSkip {
		return ErrOutOfStep
	}
	begin := make([]byte, head)
	if err := whole(io.ReadFull(r, begin)); err != nil {
		return err
	}
	if err := discard(r, int64(size)-head); err != nil {
		return err
	}
	return &TooLong{Size: size, Head: begin}
}

func discard(r io.Reader, n int64) error {
	_, err := io.CopyN(io.Discard, r, n)
	return whole(0, err)
}

// whole turns an end in the middle of a frame into io.ErrUnexpectedEOF.
func whole(_ any, err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Writer writes frames. It is safe for use by several goroutines.
type Writer struct {
	mu  sync.Mutex // guards out: a frame is written as a whole
	out io.Writer
}

// NewWriter writes to out.
func NewWriter(out io.Writer) *Writer { return &Writer{out: out} }

// Write writes one frame. It refuses with *TooLong what a browser would answer by closing the connection.
func (w *Writer) Write(payload []byte) error {
	if len(payload) > Max {
		return &TooLong{Size: uint32(min(len(payload), 1<<32-1)), Head: payload[:head]}
	}
	buffer := binary.NativeEndian.AppendUint32(make([]byte, 0, 4+len(payload)), uint32(len(payload)))
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.out.Write(append(buffer, payload...))
	return err
}
