package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/login"
	"tallykey/daemon/registration"
)

// terminal is where people sign in to issuers and programs ask for tokens.
type terminal struct {
	env
	*login.Accounts
	open func(address string) error
}

// newTerminal is the person's own: the keyring of the system, and its browser.
var newTerminal = func(e env) terminal {
	keyring := registration.NewOSKeyring(registration.Options{Service: login.Service})
	return terminal{e, &login.Accounts{Keyring: keyring, Lock: login.FileLock(lockFolder()), Now: time.Now}, openBrowser}
}

// lockFolder is a folder that only this person can write to.
func lockFolder() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "tallykey")
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "tallykey")
}

// openBrowser starts the system's browser. What it says stands in the way of what this program prints, so it is dropped.
func openBrowser(address string) error {
	opener := map[string][]string{"windows": {"rundll32", "url.dll,FileProtocolHandler"}, "darwin": {"open"}}[runtime.GOOS]
	if opener == nil {
		opener = []string{"xdg-open"}
	}
	cmd := exec.Command(opener[0], append(opener[1:], address)...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // it may live as long as the browser
	return nil
}

// list is a flag that can be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// loginFlags are those of tallykey login.
type loginFlags struct {
	client        string
	hosts         list
	device, print bool
	asJSON        bool
}

const loginHelp = "login [ISSUER --client-id ID [--host HOST]... [--device] [--print]]"

func runLogin(ctx context.Context, e env, args []string) error {
	var f loginFlags
	rest, asJSON, err := e.flags("login", loginHelp, args, func(set *flag.FlagSet) {
		set.StringVar(&f.client, "client-id", "", "`ID` of a native app that the provider knows, with the redirect URI http://127.0.0.1/")
		set.Var(&f.hosts, "host", "`HOST` to which git and docker may send the access token; several are allowed")
		set.BoolVar(&f.device, "device", false, "sign in on another device, by a code")
		set.BoolVar(&f.print, "print", false, "print an access token to standard output; with --json all tokens but the refresh token")
	})
	if f.asJSON = asJSON; err != nil {
		return err
	}
	t := newTerminal(e)
	switch {
	case len(rest) == 0 && f.client == "" && !f.print:
		return t.told(t.accounts(ctx, asJSON))
	case len(rest) != 1:
		fmt.Fprintf(e.err, "usage: tallykey %s\n", loginHelp)
		return errUsage
	}
	return t.told(t.login(ctx, strings.TrimSuffix(rest[0], "/"), f))
}

// login prints a token of a sign-in that is kept, if that is all that is asked for, and else signs in.
func (t terminal) login(ctx context.Context, issuer string, f loginFlags) error {
	one, err := t.Get(ctx, issuer)
	switch {
	case err == nil && f.print && !f.device && len(f.hosts) == 0 && (f.client == "" || f.client == one.ClientID):
		got, err := t.Token(ctx, issuer)
		if !errors.Is(err, login.ErrNone) {
			return t.finish(got, err, f)
		}
	case err != nil && !errors.Is(err, login.ErrNone) && !f.print:
		return err // the keyring: better before the person has signed in
	}
	if f.client == "" {
		f.client = one.ClientID
	}
	if f.client == "" {
		fmt.Fprintln(t.err, "tallykey: --client-id is needed for a first sign-in: ask the admin of", issuer)
		return errUsage
	}
	return t.signIn(ctx, login.Config{Issuer: issuer, ClientID: f.client, HTTP: t.HTTP, Now: t.Now, Open: t.open, Say: t.say}, f)
}

// say tells the person what to do, on standard error: standard output is for tokens.
func (t terminal) say(p login.Prompt) {
	if p.Code == "" {
		fmt.Fprintf(t.err, "Sign in in the browser. If none opens, open this address on this computer:\n  %s\n", p.URL)
		return
	}
	fmt.Fprintf(t.err, "On any device, open %s and type the code\n\n    %s\n\nWaiting.\n", p.URL, p.Code)
}

func (t terminal) signIn(ctx context.Context, cfg login.Config, f loginFlags) error {
	how := login.Browser
	if f.device {
		how = login.Device
	}
	got, err := how(ctx, cfg)
	if err != nil {
		return err
	}
	err = t.Keep(ctx, cfg, f.hosts, got)
	if err != nil && f.print { // the person asked for a token, and it is there
		fmt.Fprintln(t.err, "tallykey: the sign-in is not kept:", err)
		err = nil
	}
	return t.finish(got, err, f)
}

// printed are the tokens as scripts read them. The refresh token stays in the keyring.
type printed struct {
	Account   string    `json:"account"`
	Access    string    `json:"access_token"`
	Expires   time.Time `json:"expires_at,omitzero"`
	ID        string    `json:"id_token,omitempty"`
	IDExpires time.Time `json:"id_token_expires_at,omitzero"`
}

func (t terminal) finish(got login.Tokens, err error, f loginFlags) error {
	switch {
	case err != nil:
		return err
	case f.print && f.asJSON:
		return t.printJSON(printed{got.Account, got.Access, got.Expires, got.ID, got.IDExpires})
	case f.print:
		fmt.Fprintln(t.out, got.Access)
	case f.asJSON:
		return t.printJSON(map[string]string{"account": got.Account})
	default:
		fmt.Fprintf(t.err, "Signed in as %s.\n", got.Account)
	}
	return nil
}

// kept is a sign-in as it is listed.
type kept struct {
	Issuer   string   `json:"issuer"`
	Account  string   `json:"account"`
	ClientID string   `json:"clientId"`
	Hosts    []string `json:"hosts"`
}

func (t terminal) accounts(ctx context.Context, asJSON bool) error {
	all, err := t.All(ctx)
	if err != nil {
		return err
	}
	rows := []kept{}
	for _, one := range all {
		rows = append(rows, kept{one.Issuer, one.Account, one.ClientID, append([]string{}, one.Hosts...)})
	}
	if asJSON {
		return t.printJSON(rows)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ISSUER\tACCOUNT\tHOSTS")
	for _, one := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\n", one.Issuer, one.Account, strings.Join(one.Hosts, " "))
	}
	return w.Flush()
}

func runLogout(ctx context.Context, e env, args []string) error {
	rest, _, err := e.flags("logout", "logout ISSUER", args, nil)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		fmt.Fprintln(e.err, "usage: tallykey logout ISSUER")
		return errUsage
	}
	t := newTerminal(e)
	err = t.Forget(ctx, strings.TrimSuffix(rest[0], "/"))
	if errors.Is(err, login.ErrIssuer) || errors.Is(err, login.ErrRefused) {
		fmt.Fprintln(e.err, "tallykey: forgotten here. The provider was not told:", err)
		return nil
	}
	return t.told(err)
}

// told prints what went wrong in its own words, none of which is secret, and gives it its row of the table.
func (t terminal) told(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, errUsage) {
		return err
	}
	fmt.Fprintf(t.err, "tallykey: %v\n", err)
	return api.Errorf(loginCode(err), "%v", err)
}

func loginCode(err error) api.Code {
	for sentinel, code := range map[error]api.Code{login.ErrIssuer: api.IssuerUnknown, login.ErrRefused: api.LoginRefused, login.ErrAnswer: api.LoginMismatch,
		login.ErrNone: api.LoginNeeded, context.DeadlineExceeded: api.TimedOut} {
		if errors.Is(err, sentinel) {
			return code
		}
	}
	return registration.Code(err)
}
