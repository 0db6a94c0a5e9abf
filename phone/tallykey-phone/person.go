package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"tallykey/daemon/api"
	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

// person is whoever sits at the terminal.
type person struct {
	in       lines
	terminal func() (io.ReadCloser, error) // for the case that in is over
	mu       sync.Mutex                    // one writer at a time
	out      io.Writer
}

func (p *person) say(format string, a ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, format, a...)
}

// notify tells what happens.
func (p *person) notify(e virtual.Event) {
	switch e.Event {
	case virtual.Connected:
		p.say("connected to %s\n", e.Name)
	case virtual.Disconnected:
		p.say("lost %s; trying again\n", e.Name)
	case virtual.Paired:
		p.say("paired with %s\n", e.Name)
	case virtual.Refused:
		p.say("%s does not take this phone:\n", e.Name)
		explain(p, e.Code)
	case virtual.Ended:
		explain(p, e.Code)
	case virtual.Forgotten:
		p.say("%s had the registration %s removed\n", e.Name, e.Credential)
	case virtual.Left:
		p.say("%s has forgotten this phone\n", e.Name)
	}
}

// Write implements io.Writer.
func (p *person) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

// explain renders a row of the code table.
func explain(w io.Writer, code string) {
	o := api.Code(code).Outcome()
	fmt.Fprintf(w, "%s (%s)\n  %s\n", o.En.Title, o.Code, o.En.What)
	if o.En.Remedy != "" {
		fmt.Fprintf(w, "  %s\n", o.En.Remedy)
	}
}

// decide shows a request and asks. What is not clearly a yes is a no; where nobody is there it is nothing.
func (p *person) decide(ctx context.Context, r *link.Request) virtual.Decision {
	p.show(r)
	d := virtual.Decision{Kind: virtual.Approve}
	var ok bool
	if d.Credential, ok = p.chooseAccount(ctx, r); !ok {
		return virtual.Decision{Kind: virtual.Ignore}
	}
	if r.Mode == link.Approve {
		p.say("Type yes in place of your screen lock, or d to decline, r if this isn't you: ")
	} else {
		p.say("Number on the desktop%s, or d to decline, r if this isn't you: ", among(r))
	}
	switch answer := p.ask(ctx); answer {
	case "":
		return virtual.Decision{Kind: virtual.Ignore}
	case "d":
		return virtual.Decision{Kind: virtual.Decline}
	case "r":
		return virtual.Decision{Kind: virtual.Report}
	default:
		if r.Mode == link.Approve {
			return screenLock(d, answer)
		}
		d.Number = answer
	}
	p.say("Type yes in place of your screen lock: ")
	answer := p.ask(ctx)
	if answer == "" {
		return virtual.Decision{Kind: virtual.Ignore}
	}
	return screenLock(d, answer)
}

// screenLock takes yes for a person who unlocked the phone, and nothing else.
func screenLock(d virtual.Decision, answer string) virtual.Decision {
	if answer != "yes" {
		d.Kind = virtual.FailVerification
	}
	return d
}

func (p *person) show(r *link.Request) {
	switch r.Action {
	case link.Pair:
		p.say("\nPair with this desktop? It can then ask this phone to sign in.\n")
	case link.Create:
		p.say("\nRegister with %s?\n", r.Origin)
	default:
		p.say("\nSign in to %s?\n", r.Origin)
	}
	for i, a := range r.Accounts {
		p.say("  %d  %s\n", i+1, a.Name)
	}
	if r.Browser != "" {
		p.say("  asked by %s\n", r.Browser)
	}
}

func (p *person) chooseAccount(ctx context.Context, r *link.Request) (string, bool) {
	if r.Action != link.Get || len(r.Accounts) == 1 {
		return "", true
	}
	for {
		p.say("Which account, 1 to %d: ", len(r.Accounts))
		answer := p.ask(ctx)
		if answer == "" {
			return "", false
		}
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(r.Accounts) {
			return r.Accounts[n-1].Credential, true
		}
	}
}

func among(r *link.Request) string {
	if len(r.Numbers) == 0 {
		return ""
	}
	return " (" + strings.Join(r.Numbers, ", ") + ")"
}

// ask reads a line that says something; empty when there is none any more. After the end of a pipe the terminal is read.
func (p *person) ask(ctx context.Context) string {
	for {
		line, ok := p.in.next(ctx)
		if line = strings.TrimSpace(line); ok && line != "" {
			return line
		}
		if ok {
			continue
		}
		if ctx.Err() != nil || p.terminal == nil {
			return ""
		}
		tty, err := p.terminal()
		if p.terminal = nil; err != nil {
			return ""
		}
		p.in = read(tty)
	}
}
