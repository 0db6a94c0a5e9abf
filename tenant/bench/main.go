// Command bench measures complete sign-ins of an app: request, code with PKCE, tokens, ID token with ES256 verified by
// coreos/go-oidc. It starts a tenant of its own, and npm's oidc-provider beside it, and asks both in the same way in the
// same run. The tenant writes each sign-in to the disk before it answers; oidc-provider keeps everything in memory, as it
// does unless it is told of a database.
//
//	bench --tenant bin/tallykey-tenant --issuer "node e2e/dist/rp/issuer.js" [--sign-ins 400]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
)

// workers are how many people sign in at once.
var workers = []int{1, 16}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	tenant := f.String("tenant", "bin/tallykey-tenant", "`program`")
	peer := f.String("issuer", "node e2e/dist/rp/issuer.js", "`command` that starts oidc-provider")
	count := f.Int("sign-ins", 400, "how `many` for each row")
	if err := f.Parse(args); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "tk-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	ours, err := startTenant(ctx, *tenant, folder)
	if err != nil {
		return err
	}
	defer ours.stop()
	theirs, err := startPeer(ctx, strings.Fields(*peer))
	if err != nil {
		return err
	}
	defer theirs.stop()
	return table(ctx, *count, []subject{
		{"tenant, session there", ours, byPassword},
		{"oidc-provider, session there", theirs, byForm},
		{"tenant, phone at each", ours, byPhone},
	})
}

// subject is one row of the table: a provider, and how people sign in there.
type subject struct {
	name string
	*provider
	person newPerson
}

func table(ctx context.Context, count int, subjects []subject) error {
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "code + PKCE, ES256\tpeople at once\tsign-ins/s\tp50 ms\tp99 ms\tmemory MB\t")
	for _, s := range subjects {
		for _, n := range workers {
			got, err := measure(ctx, s, n, count)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			fmt.Fprintf(t, "%s\t%d\t%.0f\t%.1f\t%.1f\t%.0f\t\n", s.name, n, got.rate, got.p50, got.p99, s.memory())
		}
	}
	return t.Flush()
}
