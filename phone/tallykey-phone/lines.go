package main

import (
	"bufio"
	"context"
	"io"
)

// maxInput bounds one line of input in bytes: a pairing link or a decision.
const maxInput = 64 << 10

// lines is input, read a line at a time so that waiting for it can end.
type lines chan string

// read starts to read. The channel closes at the end of input. A read that waits for a terminal can't be interrupted:
// the goroutine ends with the program.
func read(from io.Reader) lines {
	l := make(lines)
	go func() {
		defer close(l)
		s := bufio.NewScanner(from)
		s.Buffer(nil, maxInput)
		for s.Scan() {
			l <- s.Text()
		}
	}()
	return l
}

// next waits for a line; false at the end of input or of ctx.
func (l lines) next(ctx context.Context) (string, bool) {
	select {
	case line, ok := <-l:
		return line, ok
	case <-ctx.Done():
		return "", false
	}
}
