package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"time"

	"tallykey/daemon/api"
)

func runPause(ctx context.Context, e env, args []string) error {
	var length time.Duration
	rest, asJSON, err := e.flags("pause", "pause [WEBSITE] [--for 1h] [--json]", args, func(f *flag.FlagSet) {
		f.DurationVar(&length, "for", 0, "how `long`, for example 45m or 8h; otherwise until it is resumed")
	})
	if err != nil {
		return err
	}
	if len(rest) > 1 || length < 0 || length > 0 && length < time.Second {
		return e.wrong(fmt.Errorf("usage: tallykey pause [WEBSITE] [--for 1h]"))
	}
	var p api.Pause
	add := api.AddPause{Origin: originOf(rest), Seconds: int(length / time.Second)}
	if err := call(ctx, api.MethodPause, add, &p); err != nil {
		return err
	}
	if asJSON {
		return e.printJSON(p)
	}
	_, err = fmt.Fprintf(e.out, "%s The browser’s own passkey dialog takes over.\n", sayPause(p))
	return err
}

func runResume(ctx context.Context, e env, args []string) error {
	rest, asJSON, err := e.flags("resume", "resume [WEBSITE] [--json]", args, nil)
	if err != nil {
		return err
	}
	if len(rest) > 1 {
		return e.wrong(fmt.Errorf("usage: tallykey resume [WEBSITE]"))
	}
	if err := call(ctx, api.MethodResume, api.SiteParams{Origin: originOf(rest)}, nil); err != nil {
		return err
	}
	var left []api.Pause
	if err := call(ctx, api.MethodPauses, nil, &left); err != nil {
		return err
	}
	if asJSON {
		return e.printJSON(left)
	}
	if len(left) == 0 {
		_, err := fmt.Fprintln(e.out, "Nothing is paused.")
		return err
	}
	for _, p := range left {
		fmt.Fprintln(e.out, sayPause(p))
	}
	return nil
}

// originOf takes a website as people write it: a host alone is one over https.
func originOf(rest []string) string {
	if len(rest) == 0 {
		return ""
	}
	site := strings.TrimSuffix(rest[0], "/")
	if !strings.Contains(site, "://") {
		site = "https://" + site
	}
	return site
}

func sayPause(p api.Pause) string {
	what := "Prompts are paused"
	if p.Origin != "" {
		what = "Prompts for " + p.Origin + " are paused"
	}
	if p.Until.IsZero() {
		return what + " until you resume them."
	}
	return what + " until " + p.Until.Local().Format("2006-01-02 15:04") + "."
}
