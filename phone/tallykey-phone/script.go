package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

// step is one line of a script: what to do with the next request.
type step struct {
	virtual.Decision
	// Choose is which of the numbers on the screen to take, from 1 on, where the script can't know the right one.
	Choose int `json:"choose"`
}

// script is decisions in the order of the requests. After the last one requests are ignored.
type script struct {
	mu    sync.Mutex // guards steps
	steps []step
}

// maxSteps bounds a script.
const maxSteps = 10_000

// readScript reads a script: a JSON object on each line; empty lines and those that begin with # say nothing.
func readScript(path string) (*script, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseScript(f)
}

func parseScript(r io.Reader) (*script, error) {
	out := &script{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		s, err := parseStep(text)
		if err != nil {
			return nil, fmt.Errorf("script, line %d: %w", n, err)
		}
		if out.steps = append(out.steps, s); len(out.steps) > maxSteps {
			return nil, fmt.Errorf("script, line %d: more than %d steps", n, maxSteps)
		}
	}
	return out, lines.Err()
}

func parseStep(text string) (s step, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, err
	}
	if _, err := virtual.ParseKind(string(s.Kind)); err != nil {
		return s, err
	}
	_, err = virtual.ParseFault(string(s.Fault))
	return s, err
}

func (s *script) decide(_ context.Context, r *link.Request) virtual.Decision {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.steps) == 0 {
		return virtual.Decision{Kind: virtual.Ignore}
	}
	next := s.steps[0]
	s.steps = s.steps[1:]
	if n := next.Choose; n > 0 && n <= len(r.Numbers) {
		next.Number = r.Numbers[n-1]
	}
	return next.Decision
}
