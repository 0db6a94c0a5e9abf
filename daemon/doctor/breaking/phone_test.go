//go:build linux

package breaking

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"sync"
	"tallykey/daemon/api"
	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

// phone is a virtual phone at the other end of the cable, and the person who has it.
type phone struct {
	m       *machine
	options virtual.Options
	stop    context.CancelFunc
	ended   chan struct{}
	*virtual.Phone

	mu      sync.Mutex
	does    virtual.Kind
	waiting map[string]chan string // numbers, by request
}

func newPhone(m *machine, o virtual.Options) *phone {
	m.t.Helper()
	p := &phone{m: m, options: o, does: virtual.Approve, waiting: map[string]chan string{}}
	p.options.Store = filepath.Join(m.outer.TempDir(), "phone.json")
	p.options.Decide = p.decide
	p.options.Log = slog.New(slog.DiscardHandler)
	p.start()
	m.outer.Cleanup(func() { p.leave() })
	return p
}

func (p *phone) start() {
	p.m.t.Helper()
	var ctx context.Context
	ctx, p.stop = context.WithCancel(context.Background())
	var err error
	p.Phone, err = virtual.New(p.options)
	must(p.m.t, err)
	p.ended = make(chan struct{})
	go func(phone *virtual.Phone, ended chan struct{}) {
		defer close(ended)
		phone.Run(ctx)
	}(p.Phone, p.ended)
}

// leave switches the phone off.
func (p *phone) leave() {
	if p.Phone == nil {
		return
	}
	p.stop()
	<-p.ended
	p.Close()
	p.Phone = nil
}

func (p *phone) decide(ctx context.Context, r *link.Request) virtual.Decision {
	select {
	case number := <-p.number(r.ID):
		p.mu.Lock()
		defer p.mu.Unlock()
		return virtual.Decision{Kind: p.does, Number: number}
	case <-ctx.Done():
		return virtual.Decision{Kind: virtual.Ignore}
	}
}

func (p *phone) number(id string) chan string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting[id] == nil {
		p.waiting[id] = make(chan string, 1)
	}
	return p.waiting[id]
}

// while does something that raises one prompt, and carries the number from the desktop to the phone meanwhile.
func (p *phone) while(does virtual.Kind, do func(ctx context.Context, c *api.Client) error) error {
	p.m.t.Helper()
	p.mu.Lock()
	p.does = does
	p.mu.Unlock()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	c, err := p.m.dial(ctx)
	must(p.m.t, err)
	defer c.Close()
	_, err = c.Watch(ctx)
	must(p.m.t, err)
	go func() {
		for e := range c.Events() {
			if r := e.Request; r != nil && r.State == api.Delivered {
				select {
				case p.number(r.ID) <- r.Number:
				default: // told before
				}
			}
		}
	}()
	return do(ctx, c)
}

// pair pairs the phone and waits until it is connected.
func (p *phone) pair() {
	p.m.t.Helper()
	must(p.m.t, p.while(virtual.Approve, func(ctx context.Context, c *api.Client) error {
		var offer api.Pairing
		if err := c.Call(ctx, api.MethodPair, nil, &offer); err != nil {
			return err
		}
		return p.Pair(ctx, offer.Link)
	}))
	p.connected()
}

func (p *phone) connected() {
	p.m.t.Helper()
	eventually(p.m.t, "the phone is connected", func() bool {
		for _, other := range p.m.status().Phones {
			if other.Name == p.options.Name {
				return other.Connected
			}
		}
		return false
	})
}

const (
	shop    = "https://shop.example"
	account = "alice@contoso.example"
)

var challenge = link.B64.EncodeToString([]byte("a challenge of sixteen bytes and more"))

// register asks for a registration as a website does.
func (p *phone) register(account string, does virtual.Kind) error {
	p.m.t.Helper()
	options, err := json.Marshal(map[string]any{"rp": map[string]string{"id": "shop.example", "name": "Shop"}, "challenge": challenge,
		"user":             map[string]string{"id": link.B64.EncodeToString([]byte(account)), "name": account, "displayName": account},
		"pubKeyCredParams": []map[string]any{{"type": "public-key", "alg": -7}}})
	must(p.m.t, err)
	return p.while(does, func(ctx context.Context, c *api.Client) error {
		return c.Call(ctx, api.MethodCreate, api.CreateParams{Caller: api.Caller{Origin: shop}, Options: options}, nil)
	})
}

// signIn signs in as a website asks for it.
func (p *phone) signIn() error {
	p.m.t.Helper()
	return p.while(virtual.Approve, func(ctx context.Context, c *api.Client) error { return c.Call(ctx, api.MethodGet, p.get(), nil) })
}

func (p *phone) get() api.GetParams {
	options, err := json.Marshal(map[string]any{"rpId": "shop.example", "challenge": challenge})
	must(p.m.t, err)
	return api.GetParams{Caller: api.Caller{Origin: shop}, Options: options}
}

// leftPage begins a sign-in and leaves the page while the phone has it.
func (p *phone) leftPage() {
	p.m.t.Helper()
	err := p.while(virtual.Ignore, func(ctx context.Context, c *api.Client) error {
		ctx, leave := context.WithCancel(ctx)
		go func() {
			defer leave()
			for status := p.m.status(); status.Request == nil || status.Request.State != api.Delivered; status = p.m.status() {
				if ctx.Err() != nil {
					return
				}
			}
		}()
		return c.Call(ctx, api.MethodGet, p.get(), nil)
	})
	if err == nil {
		p.m.t.Error("a page that was left is signed in")
	}
}
