package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tallykey-tenant": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata"})
}

// server is the real program on a port of its own.
type server struct {
	cmd  *exec.Cmd
	url  string
	out  *bufio.Scanner
	data string
}

func start(t *testing.T, data string, more ...string) *server {
	t.Helper()
	program, err := exec.LookPath("tallykey-tenant") // testscript.Main put it onto the path
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, program, append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, more...)...)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{cmd: cmd, out: bufio.NewScanner(out), data: data}
	s.out.Scan()
	_, s.url, _ = strings.Cut(s.out.Text(), "ready at ")
	if !strings.HasPrefix(s.url, "http://localhost:") {
		t.Fatalf("it said %q", s.out.Text())
	}
	return s
}

// post sends a form as a browser on the page would.
func (s *server) post(t *testing.T, c *http.Client, path string, form url.Values) string {
	t.Helper()
	r, err := http.NewRequest("POST", s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", s.url)
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return string(body)
}

func seeded(t *testing.T) (data, password string) {
	t.Helper()
	data = t.TempDir()
	file := filepath.Join(data, "passwords")
	if status := run([]string{"seed", "--data", data, "--password-file", file}, io.Discard, t.Output()); status != 0 {
		t.Fatal("seed failed")
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	_, password, _ = strings.Cut(line, " ")
	return data, password
}

// Signed in, the program ends on SIGTERM with status 0; started anew, the session is still there. Then it is killed.
func TestServe(t *testing.T) {
	data, password := seeded(t)
	s := start(t, data)
	jar, _ := cookiejar.New(nil)
	c := &http.Client{Jar: jar}
	page := s.post(t, c, "/password", url.Values{"username": {"alice@contoso.example"}, "password": {password}})
	if !strings.Contains(page, "Signed in as alice@contoso.example") {
		t.Fatal(page)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if s.out.Scan() {
		t.Errorf("it said more: %q", s.out.Text())
	}
	if err := s.cmd.Wait(); err != nil {
		t.Error("after SIGTERM:", err)
	}

	s = start(t, data, "--listen", "127.0.0.1:"+s.url[strings.LastIndex(s.url, ":")+1:])
	res, err := c.Get(s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, _ := io.ReadAll(res.Body); !strings.Contains(string(got), "Signed in as alice@contoso.example") {
		t.Errorf("the session did not outlive the restart: %s", got)
	}
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait() // killed
	var log strings.Builder
	if status := run([]string{"log", "--data", data}, &log, t.Output()); status != 0 || !strings.Contains(log.String(), "password_right") {
		t.Error("the log after kill -9:", log.String())
	}
}

// Clients that send a little and then nothing are hung up on, and keep nobody else from signing in.
func TestSlowClients(t *testing.T) {
	data, password := seeded(t)
	s := start(t, data)
	address := strings.TrimPrefix(s.url, "http://localhost")
	var slow []net.Conn
	for i := range 300 {
		c, err := net.Dial("tcp", "127.0.0.1"+address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		sent := "GET / HT"
		if i%2 == 0 {
			sent = "POST /password HTTP/1.1\r\nHost: localhost" + address + "\r\nContent-Type: application/x-www-form-urlencoded\r\nOrigin: " + s.url + "\r\nContent-Length: 1000\r\n\r\nuser"
		}
		if _, err := io.WriteString(c, sent); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, c)
	}
	jar, _ := cookiejar.New(nil)
	if page := s.post(t, &http.Client{Jar: jar}, "/password", url.Values{"username": {"alice@contoso.example"}, "password": {password}}); !strings.Contains(page, "Signed in as") {
		t.Fatal(page)
	}
	for i, c := range slow {
		if err := c.SetReadDeadline(time.Now().Add(50 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Fatalf("connection %d: %v", i, err)
		}
	}
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait() // killed
}
