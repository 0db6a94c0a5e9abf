package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tallykey/daemon/login"
)

const credentialHelp = "credential git|docker OPERATION, or credential kubectl --issuer ISSUER"

// runCredential answers other programs in their own formats: git's credential helpers, Docker's, and the exec plugins of
// client-go. The question is on standard input.
func runCredential(ctx context.Context, e env, args []string) error {
	issuer := ""
	rest, _, err := e.flags("credential", credentialHelp, args, func(f *flag.FlagSet) {
		f.StringVar(&issuer, "issuer", "", "for kubectl: `ISSUER` whose ID token the cluster takes")
	})
	if err != nil {
		return err
	}
	t := newTerminal(e)
	switch {
	case len(rest) == 2 && rest[0] == "git":
		return t.told(t.Git(ctx, rest[1], e.in, e.out))
	case len(rest) == 2 && rest[0] == "docker":
		return t.docker(ctx, rest[1])
	case len(rest) == 1 && rest[0] == "kubectl" && issuer != "":
		return t.told(t.Kubernetes(ctx, strings.TrimSuffix(issuer, "/"), os.Getenv("KUBERNETES_EXEC_INFO"), e.out))
	}
	fmt.Fprintf(e.err, "usage: tallykey %s\n", credentialHelp)
	return errUsage
}

// docker tells Docker on standard output that there is nothing: that is where its tools look.
func (t terminal) docker(ctx context.Context, operation string) error {
	err := t.Docker(ctx, operation, t.in, t.out)
	if errors.Is(err, login.ErrDocker) {
		fmt.Fprintln(t.out, err)
		return exitCode(exitFailed)
	}
	return t.told(err)
}

// Named gives the arguments for a program that was started under the name of a credential helper: git and Docker look for
// git-credential-NAME and docker-credential-NAME in the path, so that a link of that name to tallykey is all they need.
func Named(program string, args []string) []string {
	name := strings.TrimSuffix(filepath.Base(program), ".exe")
	for _, helper := range []string{"git", "docker"} {
		if name == helper+"-credential-tallykey" {
			return append([]string{"credential", helper}, args...)
		}
	}
	return args
}
