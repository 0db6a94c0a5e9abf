package frame

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func framed(payload string) []byte {
	return append(binary.NativeEndian.AppendUint32(nil, uint32(len(payload))), payload...)
}

func TestReadTakesFramesOneByOne(t *testing.T) {
	want := []string{`{"id":1}`, ``, strings.Repeat("a", Max)}
	var stream bytes.Buffer
	for _, payload := range want {
		stream.Write(framed(payload))
	}
	for _, payload := range want {
		got, err := Read(&stream)
		if err != nil || string(got) != payload {
			t.Fatalf("got %d bytes, %v; want %d bytes", len(got), err, len(payload))
		}
	}
	if _, err := Read(&stream); err != io.EOF {
		t.Errorf("at the end: got %v, want EOF", err)
	}
}

func TestReadSaysHowTheStreamEnded(t *testing.T) {
	tests := []struct {
		name   string
		stream []byte
		want   error
	}{
		{"nothing", nil, io.EOF},
		{"half a length", []byte{1, 0}, io.ErrUnexpectedEOF},
		{"no payload", framed("abc")[:4], io.ErrUnexpectedEOF},
		{"half a payload", framed("abc")[:6], io.ErrUnexpectedEOF},
		{"half of a long payload", framed(strings.Repeat("a", Max+1))[:Max], io.ErrUnexpectedEOF},
		{"less than the head of a long one", framed(strings.Repeat("a", Max+1))[:100], io.ErrUnexpectedEOF},
		{"a length beyond reason", []byte{255, 255, 255, 255, 1}, ErrOutOfStep},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Read(bytes.NewReader(test.stream)); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestReadGoesOnAfterATooLongFrame(t *testing.T) {
	long := `{"id":7,` + strings.Repeat(" ", Max) + `}`
	stream := bytes.NewReader(append(framed(long), framed("next")...))
	var tooLong *TooLong
	if _, err := Read(stream); !errors.As(err, &tooLong) {
		t.Fatalf("got %v, want TooLong", err)
	}
	if diff := cmp.Diff(&TooLong{Size: uint32(len(long)), Head: []byte(long[:head])}, tooLong); diff != "" {
		t.Errorf("too long (-want +got):\n%s", diff)
	}
	if got, err := Read(stream); err != nil || string(got) != "next" {
		t.Errorf("then got %q, %v", got, err)
	}
}

func TestWriterWritesWhatReadReads(t *testing.T) {
	var stream bytes.Buffer
	w := NewWriter(&stream)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if err := w.Write([]byte(`{"jsonrpc":"2.0"}`)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for range 50 {
		if got, err := Read(&stream); err != nil || string(got) != `{"jsonrpc":"2.0"}` {
			t.Fatalf("got %q, %v", got, err)
		}
	}
}

func TestWriterRefusesWhatBrowsersRefuse(t *testing.T) {
	var stream bytes.Buffer
	var tooLong *TooLong
	if err := NewWriter(&stream).Write(make([]byte, Max+1)); !errors.As(err, &tooLong) {
		t.Errorf("got %v, want TooLong", err)
	}
	if stream.Len() != 0 {
		t.Errorf("wrote %d bytes", stream.Len())
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add(framed(`{"id":1}`))
	f.Add(append(framed("a"), framed("b")...))
	f.Add([]byte{0, 0, 16, 0, 'x'})
	f.Add([]byte{255, 255, 255, 255})
	f.Add([]byte{1, 0})
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := bytes.NewReader(stream)
		for before := r.Len(); ; before = r.Len() {
			payload, err := Read(r)
			if len(payload) > Max {
				t.Fatalf("%d bytes", len(payload))
			}
			var tooLong *TooLong
			if err != nil && !errors.As(err, &tooLong) {
				return
			}
			if err == nil && before-r.Len() != 4+len(payload) {
				t.Fatalf("took %d bytes for a payload of %d", before-r.Len(), len(payload))
			}
		}
	})
}

func BenchmarkReadWrite(b *testing.B) {
	payload := bytes.Repeat([]byte("a"), 4<<10)
	var stream bytes.Buffer
	w := NewWriter(&stream)
	b.SetBytes(int64(len(payload)))
	for b.Loop() {
		if err := w.Write(payload); err != nil {
			b.Fatal(err)
		}
		if _, err := Read(&stream); err != nil {
			b.Fatal(err)
		}
	}
}
