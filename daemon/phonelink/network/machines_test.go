//go:build linux

package network_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/phonelink/network"
	"tallykey/phone/virtual"
)

// patience bounds every wait. It is generous, for machines that stall.
const patience = 60 * time.Second

// eventually waits for a condition that nothing announces.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	within(t, patience, what, ok)
}

// within is eventually for what takes longer.
func within(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(limit); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// logs are what a process writes to its standard error.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// desktop is a host with a daemon.
type desktop struct {
	t    testing.TB
	host *network.Host
	dir  string
	env  []string
	run  *exec.Cmd
	log  logs
}

func newDesktop(t testing.TB, env ...string) *desktop {
	t.Helper()
	dir, err := os.MkdirTemp("", "tk") // t.TempDir is too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	d := &desktop{t: t, host: network.NewHost(t), dir: dir, env: append(env, "DIR="+dir)}
	t.Cleanup(func() {
		d.end(syscall.SIGKILL)
		if t.Failed() {
			t.Logf("desktop's log:\n%s", &d.log)
		}
		os.RemoveAll(dir)
	})
	return d
}

// start starts the daemon and waits until it is ready for phones.
func (d *desktop) start() {
	d.t.Helper()
	d.run = d.host.Role("daemon", d.env...)
	d.run.Stderr = &d.log
	out, err := d.run.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.run.Start(); err != nil {
		d.t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		d.t.Fatalf("the daemon says %q, %v\n%s", line, err, &d.log)
	}
	eventually(d.t, "the daemon's link is ready", func() bool { return d.status().Link.State == "ready" })
}

// end ends the daemon with a signal.
func (d *desktop) end(with syscall.Signal) {
	if d.run == nil {
		return
	}
	d.signal(with)
	d.run.Wait()
	d.run = nil
}

func (d *desktop) signal(s syscall.Signal) { d.run.Process.Signal(s) }

func (d *desktop) call(method string, params, result any) error {
	ctx, stop := context.WithTimeout(context.Background(), 2*patience)
	defer stop()
	c, err := api.Dial(ctx, socketIn(d.dir))
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Call(ctx, method, params, result)
}

// must is call where nothing may go wrong.
func (d *desktop) must(method string, params, result any) {
	d.t.Helper()
	if err := d.call(method, params, result); err != nil {
		d.t.Fatalf("%s: %v", method, err)
	}
}

func (d *desktop) status() (s api.Status) {
	d.t.Helper()
	d.must(api.MethodStatus, nil, &s)
	return s
}

// connected says whether a phone is.
func (d *desktop) connected() bool {
	all := d.status().Phones
	return len(all) > 0 && all[0].Connected
}

// phone is a host with a phone.
type phone struct {
	t    testing.TB
	host *network.Host
	dir  string
	env  []string
	run  *exec.Cmd
	log  logs

	mu     sync.Mutex
	in     io.Writer
	events []virtual.Event
}

func newPhone(t testing.TB, env ...string) *phone {
	p := &phone{t: t, host: network.NewHost(t), dir: t.TempDir(), env: env}
	t.Cleanup(func() {
		p.end()
		if t.Failed() {
			t.Logf("phone's log:\n%s", &p.log)
		}
	})
	return p
}

func (p *phone) start() {
	p.t.Helper()
	p.run = p.host.Role("phone", append(p.env, "DIR="+p.dir)...)
	p.run.Stderr = &p.log
	in, err := p.run.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := p.run.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.run.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.in = in
	p.mu.Unlock()
	go p.read(out)
}

func (p *phone) read(out io.Reader) {
	for s := bufio.NewScanner(out); s.Scan(); {
		var e virtual.Event
		if json.Unmarshal(s.Bytes(), &e) == nil {
			p.mu.Lock()
			p.events = append(p.events, e)
			p.mu.Unlock()
		}
	}
}

// end takes the phone's power away.
func (p *phone) end() {
	if p.run != nil {
		p.run.Process.Kill()
		p.run.Wait()
		p.run = nil
	}
}

func (p *phone) order(o order) {
	p.mu.Lock()
	defer p.mu.Unlock()
	json.NewEncoder(p.in).Encode(o) // a phone without power hears nothing
}

// count is how often an event has come; of a request or a code, where they are not empty.
func (p *phone) count(event, id, code string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.events {
		if e.Event == event && (id == "" || e.ID == id) && (code == "" || e.Code == code) {
			n++
		}
	}
	return n
}

// registrations are those on the phone.
func (p *phone) registrations() []virtual.Registration {
	p.t.Helper()
	_, all, err := virtual.Read(p.dir + "/phone.json")
	if err != nil {
		p.t.Fatal(err)
	}
	return all
}
