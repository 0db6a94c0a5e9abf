package pipe

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"tallykey/daemon/api"
	"tallykey/native-messaging/frame"
)

// A rig is a pipe with a browser and a daemon at its ends.
type rig struct {
	t       *testing.T
	browser *io.PipeWriter // what the browser writes
	shown   *io.PipeReader // what the browser reads
	daemon  net.Conn
	lines   *api.Lines
	ended   chan error
}

// run starts a pipe in a bubble that fails the test if a goroutine is left when it ends.
func run(t *testing.T, play func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		in, browser := io.Pipe()
		shown, out := io.Pipe()
		ours, daemon := net.Pipe()
		r := &rig{t, browser, shown, daemon, api.NewLines(daemon, daemon), make(chan error, 1)}
		go func() {
			r.ended <- Run(in, out, ours)
			out.Close()
		}()
		play(t, r)
	})
}

func (r *rig) say(payload string) {
	r.t.Helper()
	if err := frame.NewWriter(r.browser).Write([]byte(payload)); err != nil {
		r.t.Error(err)
	}
}

func (r *rig) hear() string {
	r.t.Helper()
	payload, err := frame.Read(r.shown)
	if err != nil {
		r.t.Error(err)
	}
	return string(payload)
}

func (r *rig) end(want error) {
	r.t.Helper()
	if err := <-r.ended; !errors.Is(err, want) {
		r.t.Errorf("ended with %v, want %v", err, want)
	}
	if _, err := r.daemon.Read(make([]byte, 1)); err != io.EOF && err != io.ErrClosedPipe {
		r.t.Errorf("the daemon reads %v, want the end", err)
	}
}

func TestFramesBecomeLinesAndBack(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		go r.say("{ \"id\": 1,\n \"params\": { \"text\": \"a\\nb ü\" } }")
		if line, err := r.lines.Recv(); err != nil || string(line) != `{"id":1,"params":{"text":"a\nb ü"}}` {
			t.Errorf("the daemon got %s, %v", line, err)
		}
		go r.lines.Send([]byte(`{"id":1,"result":{}}`))
		if got := r.hear(); got != `{"id":1,"result":{}}` {
			t.Errorf("the browser got %s", got)
		}
		r.browser.Close()
		r.end(nil)
	})
}

func TestBrokenJSONGetsAnErrorAndTheNextMessagePasses(t *testing.T) {
	for _, broken := range []string{``, `{`, `{"id":1}x`, "\xff", `{"a":"` + "\n" + `"}`} {
		run(t, func(t *testing.T, r *rig) {
			go r.say(broken)
			if got := r.hear(); !strings.HasPrefix(got, `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,`) {
				t.Errorf("%q: the browser got %s", broken, got)
			}
			go r.say(`{"id":2}`)
			if line, err := r.lines.Recv(); err != nil || string(line) != `{"id":2}` {
				t.Errorf("%q: then the daemon got %s, %v", broken, line, err)
			}
			r.browser.Close()
			r.end(nil)
		})
	}
}

// sayLong writes a frame whatever its size.
func (r *rig) sayLong(payload string) {
	r.browser.Write(binary.NativeEndian.AppendUint32(nil, uint32(len(payload))))
	r.browser.Write([]byte(payload))
}

func TestATooLongMessageIsAnsweredByItsID(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		go r.sayLong(`{"jsonrpc":"2.0","id":41,"method":"webauthn.create","params":"` + strings.Repeat("a", frame.Max) + `"}`)
		if got := r.hear(); !strings.HasPrefix(got, `{"jsonrpc":"2.0","id":41,"error":{"code":-32600,"message":"frame: `) {
			t.Errorf("the browser got %s", got)
		}
		go r.say(`{"id":42}`)
		if line, err := r.lines.Recv(); err != nil || string(line) != `{"id":42}` {
			t.Errorf("then the daemon got %s, %v", line, err)
		}
		r.browser.Close()
		r.end(nil)
	})
}

func TestATooLongMessageWithoutAnIDEnds(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		go r.sayLong(`{"params":"` + strings.Repeat("a", frame.Max) + `","id":41}`)
		r.end(ErrUnanswerable)
	})
}

func TestATooLongAnswerEnds(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		go io.WriteString(r.daemon, strings.Repeat("a", api.MaxLine+10)+"\n")
		r.end(api.ErrTooLong)
		r.daemon.Close()
	})
}

func TestTheDaemonsEndEnds(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.daemon.Close()
		r.end(ErrDaemonGone)
	})
}

func TestAnEndInTheMiddleOfAFrameEnds(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		go func() {
			r.browser.Write([]byte{9, 0, 0, 0, '{'})
			r.browser.Close()
		}()
		r.end(io.ErrUnexpectedEOF)
	})
}

func TestIDOf(t *testing.T) {
	tests := []struct{ begin, want string }{
		{`{"id":1,"params":"aaa`, `1`},
		{`{"jsonrpc":"2.0","id":"a-b","params":{"id":9`, `"a-b"`},
		{`{"x":{"id":9},"id":-2.5,`, `-2.5`},
		{`{"id":12`, ``},         // perhaps 123
		{`{"id":null,"a":1`, ``}, // of a notification, or of nothing
		{`{"id":{},"a":1`, ``},
		{`{"params":{"id":9`, ``},
		{`[{"id":9},`, ``},
		{`{}`, ``},
		{``, ``},
	}
	for _, test := range tests {
		if got := string(idOf([]byte(test.begin))); got != test.want {
			t.Errorf("idOf(%s) = %q, want %q", test.begin, got, test.want)
		}
	}
}

func FuzzIDOf(f *testing.F) {
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"params":"aaa`))
	f.Add([]byte(`{"id":"a`))
	f.Add([]byte(`{"x":[{}],"id":1e9,`))
	f.Fuzz(func(t *testing.T, begin []byte) {
		if id := idOf(begin); id != nil && !json.Valid(id) {
			t.Errorf("idOf(%q) = %q", begin, id)
		}
	})
}
