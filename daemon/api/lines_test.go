package api

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

type sink struct{ bytes.Buffer }

func (*sink) Close() error { return nil }

func TestLinesRoundTrip(t *testing.T) {
	var wire sink
	l := NewLines(&wire, &wire)
	for _, msg := range []string{`{}`, `{"a":"ü"}`, `"` + strings.Repeat("x", MaxLine-2) + `"`} {
		if err := l.Send([]byte(msg)); err != nil {
			t.Fatal(err)
		}
		got, err := l.Recv()
		if err != nil || string(got) != msg {
			t.Errorf("got %d bytes, %v; want %d", len(got), err, len(msg))
		}
	}
}

func TestLinesRefuseWhatIsTooLong(t *testing.T) {
	var wire sink
	l := NewLines(&wire, &wire)
	if err := l.Send(make([]byte, MaxLine+1)); !errors.Is(err, ErrTooLong) {
		t.Errorf("send: %v", err)
	}
	if err := l.Send([]byte("{\n}")); err == nil {
		t.Error("a line break inside a message was sent")
	}
	long := NewLines(strings.NewReader(strings.Repeat("x", MaxLine+1)+"\n{}\n"), &wire)
	if _, err := long.Recv(); !errors.Is(err, ErrTooLong) {
		t.Errorf("receive: %v", err)
	}
	endless := NewLines(neverEnding{}, &wire)
	if _, err := endless.Recv(); !errors.Is(err, ErrTooLong) {
		t.Errorf("endless line: %v", err)
	}
}

type neverEnding struct{}

func (neverEnding) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("{}\n{}\n"))
	f.Add([]byte("\n\n"))
	f.Add([]byte("no end"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := NewLines(bytes.NewReader(data), &sink{})
		var got [][]byte
		for {
			line, err := l.Recv()
			if err != nil {
				if err != io.EOF && !errors.Is(err, ErrTooLong) {
					t.Fatal(err)
				}
				break
			}
			got = append(got, line)
		}
		if !bytes.HasPrefix(data, append(bytes.Join(got, []byte("\n")), "\n"...)) && len(got) > 0 {
			t.Errorf("lines %q are not the beginning of %q", got, data)
		}
	})
}
