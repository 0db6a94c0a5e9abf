package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tallykey/daemon/api"
)

func runStatus(ctx context.Context, e env, args []string) error {
	rest, asJSON, err := e.flags("status", "status [--json]", args, nil)
	if err == nil {
		err = e.none("status", rest)
	}
	if err != nil {
		return err
	}
	var s api.Status
	if err := call(ctx, api.MethodStatus, nil, &s); err != nil {
		return err
	}
	if asJSON {
		return e.printJSON(s)
	}
	printStatus(e.out, s)
	return nil
}

func printStatus(out io.Writer, s api.Status) {
	fmt.Fprintf(out, "tallykey %s on %q, running since %s (pid %d)\n\n", s.Version, s.Name,
		s.Started.Local().Format("2006-01-02 15:04"), s.PID)
	for _, p := range []struct {
		name string
		part api.Part
	}{{"keyring", s.Keyring}, {"phone link", s.Link}, {"tray", s.Tray}, {"notifications", s.Notifications},
		{"screen lock", s.ScreenLock}} {
		printPart(out, p.name, p.part)
	}
	if s.Port != 0 {
		fmt.Fprintf(out, "\nreachable as %s, UDP port %d, at %s\n", s.Host, s.Port, strings.Join(s.Addresses, ", "))
	}
	for _, p := range s.Pauses {
		fmt.Fprintf(out, "\n%s\n", sayPause(p))
	}
	if s.Trial != nil {
		fmt.Fprintf(out, "\nphone app at %s\n  SHA-256 of its certificate: %s\n", s.Trial.URL, s.Trial.Fingerprint)
	}
	fmt.Fprintf(out, "\n%s, %s\n", count(len(s.Phones), "phone"), count(s.Registrations, "registration"))
	for _, p := range s.Phones {
		fmt.Fprintf(out, "  %s: %s\n", p.Name, phoneState(p))
	}
	if s.Request != nil {
		fmt.Fprintf(out, "\nnow: %s to %s, %s for %s\n", s.Request.Action, s.Request.Host, s.Request.State,
			time.Since(s.Request.Started).Round(time.Second))
	}
}

func printPart(out io.Writer, name string, p api.Part) {
	fmt.Fprintf(out, "  %-14s %s\n", name, p.State)
	if p.Code != "" {
		t := p.Code.Outcome().En
		fmt.Fprintf(out, "  %-14s %s. %s\n", "", t.Title, t.Remedy)
	}
	if p.Detail != "" {
		fmt.Fprintf(out, "  %-14s (%s)\n", "", p.Detail)
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func runStop(ctx context.Context, e env, args []string) error {
	rest, asJSON, err := e.flags("stop", "stop", args, nil)
	if err == nil {
		err = e.none("stop", rest)
	}
	if err != nil {
		return err
	}
	err = call(ctx, api.MethodStop, nil, nil)
	if errors.Is(err, &api.Error{Code: api.DaemonStopped}) {
		err = nil // it was quicker than its answer
	}
	if err == nil && asJSON {
		err = e.printJSON(struct{}{})
	}
	return err
}

func runVersion(_ context.Context, e env, args []string) error {
	rest, asJSON, err := e.flags("version", "version [--json]", args, nil)
	if err == nil {
		err = e.none("version", rest)
	}
	if err != nil {
		return err
	}
	if asJSON {
		return e.printJSON(map[string]string{"version": Version})
	}
	_, err = fmt.Fprintln(e.out, "tallykey", Version)
	return err
}
