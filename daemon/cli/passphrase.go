package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"tallykey/daemon/api"
	"tallykey/daemon/keyringfile"
)

// passphrases asks for passphrases: at a terminal without showing them, otherwise a line of the input each. Never as an
// argument, which every process can read.
type passphrases struct {
	e        env
	terminal int // file descriptor; -1: none
	lines    *bufio.Reader
}

func (e env) passphrases() *passphrases {
	p := &passphrases{e: e, terminal: -1, lines: bufio.NewReader(io.LimitReader(e.in, 4*keyringfile.MaxPassphrase))}
	if f, ok := e.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.terminal = int(f.Fd())
	}
	return p
}

// fresh asks for a new passphrase, at a terminal twice. api.KeyringPassphraseShort: it is not good enough.
func (p *passphrases) fresh(ctx context.Context) (string, error) {
	first, err := p.ask(ctx, "New passphrase")
	if err == nil {
		err = explained(keyringfile.CheckPassphrase(first))
	}
	if err != nil || p.terminal < 0 {
		return first, err
	}
	again, err := p.ask(ctx, "Again")
	if err == nil && again != first {
		err = errors.New("the two differ; nothing was changed")
	}
	return first, err
}

func (p *passphrases) ask(ctx context.Context, what string) (string, error) {
	if p.terminal < 0 {
		return p.line()
	}
	fmt.Fprintf(p.e.err, "%s: ", what)
	defer fmt.Fprintln(p.e.err)
	return p.hidden(ctx)
}

func (p *passphrases) line() (string, error) {
	line, err := p.lines.ReadString('\n')
	if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
		return "", api.Errorf(api.KeyringPassphraseWrong, "no passphrase on standard input")
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// hidden reads a line from the terminal. An interrupt ends the wait and gives the terminal its echo back.
func (p *passphrases) hidden(ctx context.Context) (string, error) {
	before, err := term.GetState(p.terminal)
	if err != nil {
		return "", err
	}
	type answer struct {
		text []byte
		err  error
	}
	typed := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(p.terminal)
		typed <- answer{text, err}
	}()
	select {
	case a := <-typed:
		return string(a.text), a.err
	case <-ctx.Done():
		return "", errors.Join(errors.New("nothing was changed"), term.Restore(p.terminal, before))
	}
}
