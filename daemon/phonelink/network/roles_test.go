//go:build linux

package network_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"tallykey/daemon/phonelink/network"
	"tallykey/daemon/registration"
	"tallykey/daemon/service"
	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

func TestMain(m *testing.M) {
	network.Main(m, map[string]func(){"daemon": daemonMain, "phone": phoneMain, "port": portMain, "garbage": garbageMain,
		"opener": openerMain, "tls": tlsMain, "echo": echoMain, "probe": probeMain})
}

// portMain is a program that has taken a port, until its input ends.
func portMain() {
	port, _ := strconv.Atoi(os.Getenv("PORT"))
	if _, err := net.ListenUDP("udp", &net.UDPAddr{Port: port}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("taken")
	io.Copy(io.Discard, os.Stdin)
}

// daemonMain is a desktop: the real daemon, with a keyring in a file.
func daemonMain() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	dir := os.Getenv("DIR")
	port, _ := strconv.Atoi(os.Getenv("PORT"))
	d := service.New(service.Config{Version: "test", Socket: socketIn(dir), State: dir, Name: "alice-desktop", Port: port,
		PhoneApp: &url.URL{Scheme: "https", Host: "phone.contoso.example", Path: "/"}, Announce: true,
		Keyring: &fileKeyring{path: filepath.Join(dir, "keyring.json")},
		Log:     slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Ready:   func() { fmt.Println("ready") }})
	if err := d.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func socketIn(dir string) string { return filepath.Join(dir, "s", "daemon.sock") }

// fileKeyring outlives the daemon, as a keyring does.
type fileKeyring struct {
	path string
	mu   sync.Mutex
}

func (k *fileKeyring) access(f func(map[string]string) error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	items := map[string]string{}
	if data, err := os.ReadFile(k.path); err == nil {
		if err := json.Unmarshal(data, &items); err != nil {
			return err
		}
	}
	if err := f(items); err != nil {
		return err
	}
	data, err := json.Marshal(items)
	if err == nil {
		err = os.WriteFile(k.path+".new", data, 0o600)
	}
	if err == nil {
		err = os.Rename(k.path+".new", k.path)
	}
	return err
}

func (k *fileKeyring) Get(_ context.Context, name string) (value string, err error) {
	err = k.access(func(items map[string]string) error {
		var ok bool
		if value, ok = items[name]; !ok {
			return registration.ErrNotFound
		}
		return nil
	})
	return value, err
}

func (k *fileKeyring) Set(_ context.Context, name, value string) error {
	return k.access(func(items map[string]string) error { items[name] = value; return nil })
}

func (k *fileKeyring) Delete(_ context.Context, name string) error {
	return k.access(func(items map[string]string) error { delete(items, name); return nil })
}

func (k *fileKeyring) List(context.Context) (all map[string]string, err error) {
	err = k.access(func(items map[string]string) error { all = items; return nil })
	return all, err
}

// order is what the tests tell the phone: to pair, or what the person decides.
type order struct {
	ID   string `json:"id,omitempty"`
	Pair string `json:"pair,omitempty"`
	virtual.Decision
}

// phoneMain is a phone: the virtual one. It reads orders and writes events, each a line of JSON.
func phoneMain() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	h := &hand{out: json.NewEncoder(os.Stdout), waiting: map[string]chan virtual.Decision{}}
	var push *link.PushSubscription
	if os.Getenv("PUSH") != "" {
		push = subscription()
	}
	p, err := virtual.New(virtual.Options{Push: push, Store: filepath.Join(os.Getenv("DIR"), "phone.json"), Name: "Alice’s phone",
		Decide: h.decide, Notify: h.notify, Discover: os.Getenv("DISCOVER") != "",
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		defer stop()
		for s := bufio.NewScanner(os.Stdin); s.Scan(); {
			var o order
			if json.Unmarshal(s.Bytes(), &o) != nil {
				continue
			}
			if o.Pair != "" {
				go p.Pair(ctx, o.Pair)
			} else {
				h.channel(o.ID) <- o.Decision
			}
		}
	}()
	p.Run(ctx)
}

// subscription leads nowhere.
func subscription() *link.PushSubscription {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return &link.PushSubscription{Endpoint: "https://push.contoso.example/1", P256DH: key.PublicKey().Bytes(),
		Auth: make([]byte, 16), VAPID: bytes.Repeat([]byte{1}, 32)}
}

// hand is the person's, moved by the tests.
type hand struct {
	mu      sync.Mutex
	out     *json.Encoder
	waiting map[string]chan virtual.Decision // by request
}

func (h *hand) notify(e virtual.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.out.Encode(e)
}

func (h *hand) channel(id string) chan virtual.Decision {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.waiting[id]
	if c == nil {
		c = make(chan virtual.Decision, 16)
		h.waiting[id] = c
	}
	return c
}

func (h *hand) decide(ctx context.Context, r *link.Request) virtual.Decision {
	select {
	case d := <-h.channel(r.ID):
		return d
	case <-ctx.Done():
		return virtual.Decision{Kind: virtual.Ignore}
	}
}
