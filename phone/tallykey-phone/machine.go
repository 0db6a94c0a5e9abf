package main

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"sync"

	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

// machine is a program that decides: it reads events and writes orders, each a JSON object on a line.
type machine struct {
	mu      sync.Mutex // guards the fields that follow
	out     *json.Encoder
	waiting map[string]chan virtual.Decision // by request
	early   map[string]virtual.Decision      // for requests that have not come yet
}

// maxEarly bounds the decisions that are kept for later.
const maxEarly = 64

// order is a line of input: a decision on the request ID, a link to pair with, a registration or a desktop to remove.
type order struct {
	ID     string `json:"id"`
	Pair   string `json:"pair"`
	Forget string `json:"forget"`
	Leave  string `json:"leave"`
	virtual.Decision
}

// orders is what carries out orders that are no decisions; what is nil is not taken.
type orders struct{ pair, forget, leave func(string) error }

// of picks what an order asks for, if it is no decision.
func (do orders) of(o order) func() error {
	for text, f := range map[string]func(string) error{o.Pair: do.pair, o.Forget: do.forget, o.Leave: do.leave} {
		if text != "" && f != nil {
			return func() error { return f(text) }
		}
	}
	return nil
}

// fault is a line of output about a line of input.
type fault struct {
	Event string `json:"event"` // "error"
	Error string `json:"error"`
	Code  string `json:"code,omitempty"`
}

func newMachine(out io.Writer) *machine {
	return &machine{out: json.NewEncoder(out), waiting: map[string]chan virtual.Decision{}, early: map[string]virtual.Decision{}}
}

func (m *machine) notify(e virtual.Event) { m.write(e) }

func (m *machine) write(v any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.out.Encode(v) // a reader that has gone shows at the end of input, too
}

func (m *machine) decide(ctx context.Context, r *link.Request) virtual.Decision {
	m.mu.Lock()
	d, ok := m.early[r.ID]
	delete(m.early, r.ID)
	answer := make(chan virtual.Decision, 1)
	m.waiting[r.ID] = answer
	m.mu.Unlock()
	if ok {
		return d
	}
	select {
	case d = <-answer:
	case <-ctx.Done():
		d.Kind = virtual.Ignore
	}
	m.mu.Lock()
	delete(m.waiting, r.ID)
	m.mu.Unlock()
	return d
}

// obey reads orders until the end of input or of ctx. What is no decision is done on a goroutine of its own.
func (m *machine) obey(ctx context.Context, in lines, do orders) {
	for {
		line, ok := in.next(ctx)
		if !ok {
			return
		}
		if strings.TrimSpace(line) != "" {
			m.order(line, do)
		}
	}
}

func (m *machine) order(line string, do orders) {
	var o order
	if err := json.Unmarshal([]byte(line), &o); err != nil {
		m.write(fault{Event: "error", Error: "not an order"}) // and not repeated: it may hold a link
		return
	}
	if f := do.of(o); f != nil {
		go func() {
			if err := f(); err != nil {
				m.write(faultOf(err))
			}
		}()
		return
	}
	if _, err := virtual.ParseKind(string(o.Kind)); err != nil {
		m.write(fault{Event: "error", Error: err.Error()})
		return
	}
	if _, err := virtual.ParseFault(string(o.Fault)); err != nil {
		m.write(fault{Event: "error", Error: err.Error()})
		return
	}
	m.decided(o)
}

func (m *machine) decided(o order) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if answer, ok := m.waiting[o.ID]; ok {
		select {
		case answer <- o.Decision:
		default: // the first decision counts
		}
		return
	}
	if len(m.early) < maxEarly {
		m.early[o.ID] = o.Decision
	}
}
