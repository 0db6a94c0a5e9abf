package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"tallykey/daemon/api"
	"tallykey/native-messaging/frame"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tallykey-native-messaging": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"daemon":  startDaemon,
			"closed":  awaitClosed,
			"browser": converse,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_RUNTIME_DIR", e.WorkDir)
			e.Values["closed"] = make(chan struct{}, 16)
			return nil
		},
	})
}

// startDaemon listens where the daemon does: "daemon". Method echo answers with its parameters, long with more than
// 1 MiB, quit closes the connection, and anything else is never answered.
func startDaemon(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs("tallykey/daemon.sock")
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
	l, err := net.Listen("unix", path)
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	closed := ts.Value("closed").(chan struct{})
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				serve(conn)
				closed <- struct{}{}
			}()
		}
	}()
}

func serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewScanner(conn)
	in.Buffer(nil, 2*api.MaxLine)
	for in.Scan() {
		var call struct {
			ID     int64           `json:"id"`
			Method string          `json:"method"`
			Params json.RawMessage `json:"params"`
		}
		json.Unmarshal(in.Bytes(), &call)
		switch call.Method {
		case "echo":
			answer, _ := json.Marshal(map[string]any{"id": call.ID, "result": call.Params})
			conn.Write(append(answer, '\n'))
		case "long":
			io.WriteString(conn, strings.Repeat("a", api.MaxLine+1)+"\n")
		case "quit":
			return
		}
	}
}

// awaitClosed waits until the daemon has seen a connection end: "closed".
func awaitClosed(ts *testscript.TestScript, neg bool, args []string) {
	select {
	case <-ts.Value("closed").(chan struct{}):
	case <-time.After(5 * time.Second):
		ts.Fatalf("the daemon saw no connection end")
	}
}

// A browser is one host, started and spoken to as a browser does.
type browser struct {
	ts   *testscript.TestScript
	host *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// converse plays a browser: "browser FILE". The lines of the file are "> JSON" (send a frame), ">long JSON" (with 1 MiB
// of blanks behind), "< REGEXP" (a frame comes), "eof" (close stdin), and "exit CODE" (the host ends, with nothing more
// on stdout).
func converse(ts *testscript.TestScript, neg bool, args []string) {
	b := start(ts)
	defer b.host.Process.Kill()
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch verb {
		case ">":
			b.send(rest)
		case ">long":
			b.send(rest + strings.Repeat(" ", frame.Max))
		case "<":
			b.expect(rest)
		case "eof":
			ts.Check(b.in.Close())
		case "exit":
			b.exit(rest)
		default:
			ts.Fatalf("unknown line %q", line)
		}
	}
}

func start(ts *testscript.TestScript) *browser {
	path, err := exec.LookPath("tallykey-native-messaging")
	ts.Check(err)
	host := exec.Command(path, "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/")
	host.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+ts.Getenv("XDG_RUNTIME_DIR"))
	host.Stderr = ts.Stderr()
	in, err := host.StdinPipe()
	ts.Check(err)
	out, err := host.StdoutPipe()
	ts.Check(err)
	ts.Check(host.Start())
	return &browser{ts, host, in, bufio.NewReader(out)}
}

func (b *browser) send(payload string) {
	_, err := b.in.Write(append(binary.NativeEndian.AppendUint32(nil, uint32(len(payload))), payload...))
	b.ts.Check(err)
}

func (b *browser) expect(pattern string) {
	payload, err := frame.Read(b.out)
	b.ts.Check(err)
	if !regexp.MustCompile("^(?:" + pattern + ")$").Match(payload) {
		b.ts.Fatalf("got %s, want %s", payload, pattern)
	}
}

func (b *browser) exit(code string) {
	stop := time.AfterFunc(5*time.Second, func() { b.host.Process.Kill() })
	defer stop.Stop()
	if rest, _ := io.ReadAll(b.out); len(rest) > 0 {
		b.ts.Fatalf("then got %q", rest)
	}
	b.host.Wait()
	if got := strconv.Itoa(b.host.ProcessState.ExitCode()); got != code {
		b.ts.Fatalf("exit code %s, want %s", got, code)
	}
}
