package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// process is the program, run within the test.
type process struct {
	t     *testing.T
	in    *io.PipeWriter
	out   *bufio.Scanner
	err   *buffer
	ended chan int
	stop  context.CancelFunc
	rest  sync.Once
}

// buffer is a bytes.Buffer that may be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// start runs a command. What it writes must be read: by line, or by until.
func start(t *testing.T, state string, args ...string) *process {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	p := &process{t: t, in: inW, out: bufio.NewScanner(outR), err: &buffer{}, ended: make(chan int, 1), stop: stop}
	p.out.Split(scanAny)
	e := env{in: inR, out: outW, err: p.err, getenv: func(name string) string {
		return map[string]string{"XDG_STATE_HOME": state}[name]
	}}
	go func() {
		code := e.main(ctx, args)
		outW.Close()
		p.ended <- code
	}()
	t.Cleanup(func() {
		stop()
		inW.Close()
		outR.Close()
	})
	return p
}

// scanAny gives output as it comes: a question has no line break.
func scanAny(data []byte, atEOF bool) (int, []byte, error) {
	if len(data) == 0 {
		return 0, nil, nil
	}
	return len(data), data, nil
}

// until reads output up to a text.
func (p *process) until(text string) string {
	p.t.Helper()
	var all string
	for !strings.Contains(all, text) {
		if !p.out.Scan() {
			p.t.Fatalf("output ends without %q:\n%s\n%s", text, all, p.err)
		}
		all += p.out.Text()
	}
	return all
}

func (p *process) type_(line string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) wait(code int) {
	p.t.Helper()
	p.drain()
	select {
	case got := <-p.ended:
		if got != code {
			p.t.Errorf("exit code %d, want %d\n%s", got, code, p.err)
		}
	case <-time.After(30 * time.Second):
		p.t.Fatal("does not end")
	}
}

// drain reads the rest of the output, so that nothing waits for it to be read.
func (p *process) drain() {
	p.rest.Do(func() {
		go func() {
			for p.out.Scan() {
			}
		}()
	})
}

// A person pairs and registers on the terminal.
func TestOnTheTerminal(t *testing.T) {
	d, state := newDesk(t), t.TempDir()
	p := start(t, state, "pair", "--name", "Alice’s phone")
	p.until("Pairing link: ")
	p.type_(d.offer())
	p.until("Number on the desktop (26, 07, 91)")
	p.type_("26")
	p.until("yes in place of your screen lock")
	p.type_("yes")
	d.want("paired")
	p.wait(0)

	p = start(t, state, "run")
	p.until("connected to alice-desktop")
	shown := p.until("Number on the desktop")
	for _, text := range []string{"Register with https://login.contoso.example?", "alice@contoso.example", "Firefox"} {
		if !strings.Contains(shown, text) {
			t.Errorf("%q is not shown:\n%s", text, shown)
		}
	}
	p.type_("26")
	p.until("screen lock")
	p.type_("yes")
	d.want("registered")
	p.until("Registered (registered)")
	p.stop()
	p.wait(0)

	p = start(t, state, "list")
	p.until("alice@contoso.example")
	p.wait(0)
	if strings.Contains(p.err.String(), "one-time") {
		t.Error("a secret was logged")
	}
}

func TestAnswersOnTheTerminal(t *testing.T) {
	for _, c := range []struct {
		name  string
		typed []string
		code  string
	}{
		{"declined", []string{"d"}, "declined"},
		{"reported", []string{"r"}, "reported"},
		{"wrong number", []string{"07", "yes"}, "wrong_number"},
		{"no number", []string{"77", "yes"}, "declined"},
		{"no screen lock", []string{"26", "no"}, "verification_failed"},
		{"an empty line first", []string{"", "d"}, "declined"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			p := start(t, t.TempDir(), "pair")
			p.drain()
			p.type_(d.offer())
			for _, line := range c.typed {
				p.type_(line)
			}
			d.want(c.code)
			p.wait(exitFailed)
			if !strings.Contains(p.err.String(), "("+c.code+")") {
				t.Errorf("%q is not explained:\n%s", c.code, p.err)
			}
		})
	}
}

func TestPairingLinkFromPipe(t *testing.T) {
	d := newDesk(t)
	var out buffer
	e := env{in: strings.NewReader(d.offer() + "\n"), out: &out, err: &out,
		getenv:   func(string) string { return t.TempDir() },
		terminal: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("26\nyes\n")), nil }}
	if code := e.main(t.Context(), []string{"pair"}); code != 0 {
		t.Errorf("exit code %d\n%s", code, &out)
	}
	d.want("paired")
}

func (p *process) event(name string) map[string]any {
	p.t.Helper()
	lines := bufio.NewScanner(strings.NewReader(p.until(`"event":"` + name + `"`)))
	for lines.Scan() {
		var e map[string]any
		if json.Unmarshal(lines.Bytes(), &e) == nil && e["event"] == name {
			return e
		}
	}
	p.t.Fatalf("no event %q", name)
	return nil
}

// A program pairs and registers in one run.
func TestJSON(t *testing.T) {
	d := newDesk(t)
	p := start(t, t.TempDir(), "run", "--json")
	p.type_("this is no order")
	p.event("error")
	p.type_(`{"id":"x","decision":"maybe"}`)
	p.event("error")
	p.type_(fmt.Sprintf(`{"pair":%q}`, d.offer()))
	pairing := p.event("request")
	p.type_(fmt.Sprintf(`{"id":%q,"decision":"approve","number":"26"}`, pairing["id"]))
	d.want("paired")
	p.event("connected")
	register := p.event("request")
	if r, _ := register["request"].(map[string]any); r["origin"] != origin || register["desktop"] != deskID {
		t.Errorf("request %v", register)
	}
	p.type_(fmt.Sprintf(`{"id":%q,"decision":"decline"}`, register["id"]))
	d.want("declined")
	if e := p.event("ended"); e["code"] != "declined" {
		t.Errorf("ended %v", e)
	}
	p.in.Close() // the phone ends with its input
	p.wait(0)
}

func TestJSONPairFails(t *testing.T) {
	p := start(t, t.TempDir(), "run", "--json")
	p.type_(`{"pair":"https://phone.contoso.example/#v=1&s=c2VjcmV0"}`)
	if e := p.event("error"); strings.Contains(fmt.Sprint(e), "c2VjcmV0") {
		t.Errorf("the secret is repeated: %v", e)
	}
}

func TestPairJSON(t *testing.T) {
	d := newDesk(t)
	p := start(t, t.TempDir(), "pair", "--json")
	p.type_(fmt.Sprintf(`{"id":%q,"decision":"approve","number":"26"}`, request("pair").ID)) // before it is asked
	p.type_(fmt.Sprintf(`{"pair":%q}`, d.offer()))
	p.event("paired")
	d.want("paired")
	p.wait(0)
}

func TestAlwaysDeclines(t *testing.T) {
	d, state := newDesk(t), t.TempDir()
	p := start(t, state, "pair")
	p.drain()
	p.type_(d.offer())
	p.type_("26")
	p.type_("yes")
	p.wait(0)
	d.want("paired")
	for answer, code := range map[string]string{"decline": "declined", "report": "reported"} {
		p := start(t, state, "run", "--answer", answer)
		p.drain()
		d.want(code)
		p.stop()
		p.wait(0)
	}
}

func TestServe(t *testing.T) {
	p := start(t, t.TempDir(), "serve", "--listen", "127.0.0.1:0")
	line := p.until("\n")
	url := strings.TrimSpace(strings.TrimPrefix(line, "phone app on "))
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("not the phone app: %v", response.Header)
	}
	p.stop()
	p.wait(0)
	if _, err := http.Get(url); err == nil {
		t.Error("it still serves")
	}
}

// errors of the writer must not end the phone.
func TestMachineWithoutReader(t *testing.T) {
	m := newMachine(brokenWriter{})
	m.write(fault{Event: "error"})
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("nobody reads") }
