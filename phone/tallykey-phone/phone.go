package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

func (e env) open(s settings, decide func(context.Context, *link.Request) virtual.Decision,
	notify func(virtual.Event)) (*virtual.Phone, error) {
	return virtual.New(virtual.Options{Store: s.state, Name: s.name, Decide: decide, Notify: notify, Log: e.logger(s)})
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
	go m.obey(ctx, in, func(text string) {
		select {
		case ended <- p.Pair(ctx, text):
		default: // one link, one pairing
		}
	})
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// answers are what --answer takes.
var answers = map[string]virtual.Kind{"ask": "", "decline": virtual.Decline, "report": virtual.Report, "ignore": virtual.Ignore}

func run(ctx context.Context, e env, args []string) error {
	var s settings
	answer := "ask"
	err := e.flags("run", args, &s, func(f *flag.FlagSet) {
		s.phoneFlags(f)
		f.StringVar(&answer, "answer", answer, "what to do with requests: `ask`, decline, report or ignore")
	})
	if err != nil {
		return err
	}
	kind, ok := answers[answer]
	if !ok {
		fmt.Fprintf(e.err, "tallykey-phone: --answer is ask, decline, report or ignore\n")
		return errUsage
	}
	if s.json {
		return runJSON(ctx, e, s, kind)
	}
	who := &person{in: read(e.in), out: e.out}
	p, err := e.open(s, always(kind, who.decide), who.notify)
	if err != nil {
		return err
	}
	defer p.Close()
	if len(p.Desktops()) == 0 {
		return errors.New("not paired with any desktop; use: tallykey-phone pair")
	}
	return p.Run(ctx)
}

// always answers with kind, or asks where there is none.
func always(kind virtual.Kind, ask func(context.Context, *link.Request) virtual.Decision) func(context.Context, *link.Request) virtual.Decision {
	if kind == "" {
		return ask
	}
	return func(context.Context, *link.Request) virtual.Decision { return virtual.Decision{Kind: kind} }
}

// runJSON also pairs while it runs, where a line says so. It ends with its input.
func runJSON(ctx context.Context, e env, s settings, kind virtual.Kind) error {
	m := newMachine(e.out)
	p, err := e.open(s, always(kind, m.decide), m.notify)
	if err != nil {
		return err
	}
	defer p.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer stop()
		m.obey(ctx, read(e.in), func(text string) {
			if err := p.Pair(ctx, text); err != nil {
				m.write(pairFault(err))
			}
		})
	}()
	return p.Run(ctx)
}

func pairFault(err error) fault {
	f := fault{Event: "error", Error: err.Error()}
	var end *virtual.EndError
	if errors.As(err, &end) {
		f.Code = end.Code
	}
	return f
}
