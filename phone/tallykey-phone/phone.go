package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

func (e env) open(s settings, decide func(context.Context, *link.Request) virtual.Decision,
	notify func(virtual.Event)) (*virtual.Phone, error) {
	push, err := readPush(s.push)
	if err != nil {
		return nil, err
	}
	return virtual.New(virtual.Options{Store: s.state, Name: s.name, Decide: decide, Notify: notify, Log: e.logger(s),
		Push: push, KeyProtection: link.KeyProtection(s.protection), Discover: s.discover})
}

// readPush reads a push subscription. It holds keys, so it comes in a file.
func readPush(path string) (*link.PushSubscription, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	push := &link.PushSubscription{}
	if err := json.Unmarshal(data, push); err != nil {
		return nil, fmt.Errorf("push subscription: %w", err)
	}
	return push, nil
}

func pair(ctx context.Context, e env, args []string) error {
	var s settings
	if err := e.flags("pair", args, &s, s.phoneFlags); err != nil {
		return err
	}
	in := read(e.in)
	if s.json {
		return pairJSON(ctx, e, s, in)
	}
	who := &person{in: in, out: e.out, terminal: e.terminal}
	p, err := e.open(s, who.decide, who.notify)
	if err != nil {
		return err
	}
	defer p.Close()
	who.say("Pairing link: ")
	text, _ := in.next(ctx)
	return p.Pair(ctx, text)
}

// pairJSON takes the link from the first line, as {"pair": "https://…"}.
func pairJSON(ctx context.Context, e env, s settings, in lines) error {
	m := newMachine(e.out)
	p, err := e.open(s, m.decide, m.notify)
	if err != nil {
		return err
	}
	defer p.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go m.obey(ctx, in, orders{pair: func(text string) error {
		select {
		case ended <- p.Pair(ctx, text):
		default: // one link, one pairing
		}
		return nil
	}})
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// answers are what --answer takes.
var answers = map[string]virtual.Kind{"ask": "", "decline": virtual.Decline, "report": virtual.Report, "ignore": virtual.Ignore}

// decider decides for a person.
type decider func(context.Context, *link.Request) virtual.Decision

// habits are how run decides without asking.
type habits struct{ answer, script, fault string }

func (h *habits) flags(f *flag.FlagSet) {
	f.StringVar(&h.answer, "answer", "ask", "what to do with requests: `ask`, decline, report or ignore")
	f.StringVar(&h.script, "script", "", "`file` of decisions for one request after the other, each a JSON object on a line:\n"+
		`{"decision": "approve", "number": "26"}, or "choose": 1 for the first number on the screen`)
	f.StringVar(&h.fault, "fault", "", "what goes `wrong` with each approval, to test a desktop: see docs/native-phone.md")
}

// decider is ask, or what the flags put in its place.
func (h habits) decider(ask decider) (decider, error) {
	kind, ok := answers[h.answer]
	if !ok {
		return nil, errors.New("--answer is ask, decline, report or ignore")
	}
	if kind != "" {
		return func(context.Context, *link.Request) virtual.Decision { return virtual.Decision{Kind: kind} }, nil
	}
	fault, err := virtual.ParseFault(h.fault)
	if err != nil {
		return nil, fmt.Errorf("--fault is one of %v", virtual.Faults)
	}
	if h.script != "" {
		s, err := readScript(h.script)
		if err != nil {
			return nil, err
		}
		ask = s.decide
	}
	return func(ctx context.Context, r *link.Request) virtual.Decision {
		d := ask(ctx, r)
		if d.Fault == virtual.NoFault {
			d.Fault = fault
		}
		return d
	}, nil
}

func run(ctx context.Context, e env, args []string) error {
	var s settings
	var h habits
	err := e.flags("run", args, &s, func(f *flag.FlagSet) {
		s.phoneFlags(f)
		h.flags(f)
	})
	if err != nil {
		return err
	}
	if s.json {
		return runJSON(ctx, e, s, h)
	}
	who := &person{in: read(e.in), out: e.out}
	decide, err := h.decider(who.decide)
	if err != nil {
		fmt.Fprintf(e.err, "tallykey-phone: %v\n", err)
		return errUsage
	}
	p, err := e.open(s, decide, who.notify)
	if err != nil {
		return err
	}
	defer p.Close()
	if len(p.Desktops()) == 0 {
		return errors.New("not paired with any desktop; use: tallykey-phone pair")
	}
	return p.Run(ctx)
}

// runJSON also pairs and removes while it runs, where a line says so. It ends with its input.
func runJSON(ctx context.Context, e env, s settings, h habits) error {
	m := newMachine(e.out)
	decide, err := h.decider(m.decide)
	if err != nil {
		fmt.Fprintf(e.err, "tallykey-phone: %v\n", err)
		return errUsage
	}
	p, err := e.open(s, decide, m.notify)
	if err != nil {
		return err
	}
	defer p.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer stop()
		m.obey(ctx, read(e.in), orders{forget: p.Forget, leave: p.Leave,
			pair: func(text string) error { return p.Pair(ctx, text) }})
	}()
	return p.Run(ctx)
}

func faultOf(err error) fault {
	f := fault{Event: "error", Error: err.Error()}
	var end *virtual.EndError
	if errors.As(err, &end) {
		f.Code = end.Code
	}
	return f
}
