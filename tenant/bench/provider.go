package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// callback is the app's address. Nothing listens there: the app reads it off the redirect.
const callback = "http://localhost:9/callback"

// provider is a running OpenID Provider that knows the app.
type provider struct {
	cmd      *exec.Cmd
	url      string
	client   string
	secret   string
	password string // of everybody there, where there are passwords
	oidc     *oidc.Provider
	program  string
	data     string
	added    int // users besides the seeded
}

// startTenant seeds and starts a tenant, and registers the app. The 16 people are users with one password.
func startTenant(ctx context.Context, program, folder string) (*provider, error) {
	p := &provider{program: program, data: filepath.Join(folder, "data"), password: "correct horse battery"}
	var lines strings.Builder
	for _, who := range []string{"alice", "bob", "carol"} {
		fmt.Fprintf(&lines, "%s@contoso.example %s\n", who, p.password)
	}
	file := filepath.Join(folder, "passwords")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		return nil, err
	}
	if _, err := p.admin(ctx, "seed", "--password-file", file); err != nil {
		return nil, err
	}
	said, err := p.admin(ctx, "apps", "add", "--name", "Bench", "--redirect", callback, "--json")
	if err != nil {
		return nil, err
	}
	var app struct{ ClientID, ClientSecret string }
	if err := json.Unmarshal(said, &app); err != nil {
		return nil, err
	}
	p.client, p.secret = app.ClientID, app.ClientSecret
	return p, p.start(ctx, exec.Command(program, "serve", "--data", p.data, "--listen", "127.0.0.1:0"))
}

// addUser makes one more user and returns the UPN and the password.
func (p *provider) addUser(ctx context.Context) (upn, password string, err error) {
	p.added++
	upn = fmt.Sprintf("person%d@contoso.example", p.added)
	said, err := p.admin(ctx, "users", "add", "--upn", upn, "--json")
	if err != nil {
		return "", "", err
	}
	var user struct{ Password string }
	err = json.Unmarshal(said, &user)
	return upn, user.Password, err
}

// admin runs a command of the tenant's admin.
func (p *provider) admin(ctx context.Context, words ...string) ([]byte, error) {
	at := 1
	if len(words) > 1 && !strings.HasPrefix(words[1], "-") {
		at = 2
	}
	args := append(append(append([]string{}, words[:at]...), "--data", p.data), words[at:]...)
	cmd := exec.CommandContext(ctx, p.program, args...)
	var diag bytes.Buffer
	cmd.Stderr = &diag
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", strings.Join(words[:at], " "), err, diag.String())
	}
	return out, nil
}

func startPeer(ctx context.Context, command []string) (*provider, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	if err := l.Close(); err != nil {
		return nil, err
	}
	p := &provider{client: "bench", secret: "of the bench alone"}
	args := append(append([]string{}, command[1:]...), port, p.client, p.secret, callback)
	return p, p.start(ctx, exec.Command(command[0], args...))
}

// start starts the server and reads its address off its first line, which ends with it.
func (p *provider) start(ctx context.Context, cmd *exec.Cmd) error {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.cmd = cmd
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		p.stop()
		return errors.New(cmd.Path + " ended at once")
	}
	words := strings.Fields(lines.Text())
	p.url = words[len(words)-1]
	go func() { // what it says later is of no use, but it must not wait for a reader
		for lines.Scan() {
		}
	}()
	if p.oidc, err = oidc.NewProvider(ctx, p.url); err != nil {
		p.stop()
	}
	return err
}

// stop ends the server. It may have ended already.
func (p *provider) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(10*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_ = p.cmd.Wait()
}

// memory is what the server has in RAM, in MB (proc_pid_status(5)).
func (p *provider) memory() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kb, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.ParseFloat(kb, 64)
	return n / 1024
}
