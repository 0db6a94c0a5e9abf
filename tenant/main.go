// Command tallykey-tenant is an identity provider whose users sign in with the phone: it asks for the UPN, then for the
// answer of a registered phone by plain WebAuthn, or for the password.
//
// This file reads the command line; each command is a function of its own file.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tallykey/tenant/outcome"
)

const usage = `tallykey-tenant is an identity provider with phone sign-in.

Usage:
    tallykey-tenant seed  --data DIR [--password-file FILE]
    tallykey-tenant serve --data DIR [--listen 127.0.0.1:8470] [--issuer http://localhost:8470] [--name Contoso]
                          [--address-header NAME] [--log-days 90] [--colour #274a86] [--show-accounts]
    tallykey-tenant log   --data DIR [--json|--csv] [--limit 100] [--user UPN] [--code CODE] [--method METHOD] [--app APP] [--device NAME]
                          [--request ID] [--search TEXT] [--since 24h] [--until TIME] [--follow]
    tallykey-tenant admins list|set|remove --data DIR [--upn UPN] [--role reader|helpdesk|administrator] [--json]
    tallykey-tenant audit show --data DIR [--json] [--limit 100]
    tallykey-tenant policy show|set --data DIR [--group NAME] [--dry-run] [--json] [--SETTING WORD|inherit]...
                          phone, approve, password, passkeys: off, optional, required; instead: on, off; number: choose, type;
                          strength: any, pin, platform; devices: many, one; sessions: end, keep; reports: note, block
    tallykey-tenant groups list|add|remove|members --data DIR [--name NAME] [--group NAME] [--add UPNS] [--remove UPNS] [--json]
    tallykey-tenant users list|add|import|invite|disable|enable|dismiss|unregister|password --data DIR [--upn UPN] [--name NAME] [--no-password]
                          [--file CSV] [--issuer URL] [--for 24h] [--qr] [--remove] [--json]
    tallykey-tenant apps list|add|remove --data DIR [--name NAME] [--redirect URI]... [--logout URI]... [--public] [--native]
                          [--rs256] [--issuer URL] [--id CLIENT] [--json]
    tallykey-tenant federations list|add|remove --data DIR [--domain DOMAIN] [--issuer URL] [--client ID] [--secret-file FILE]
                          [--claim preferred_username] [--own-issuer URL] [--json]
    tallykey-tenant keys list|rotate --data DIR [--json]
    tallykey-tenant backup|restore --data DIR --file FILE

Example:
    $ tallykey-tenant seed --data ./tenant-data
    alice@contoso.example  k5tq-…
    $ tallykey-tenant serve --data ./tenant-data
    tallykey-tenant: ready at http://localhost:8470
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// errUsage means that the command line was wrong and has been explained.
var errUsage = errors.New("usage")

// run gives the exit status: 0, 1 for a failure, 2 for a wrong command line.
func run(args []string, out, diag io.Writer) int {
	err := dispatch(args, out, diag)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	}
	fmt.Fprintln(diag, "tallykey-tenant:", plainly(err))
	return 1
}

// plainly is what went wrong without the code that stands before it on pages.
func plainly(err error) string {
	if code, detail := outcome.CodeOf(err); code != outcome.StorageFailed {
		return detail
	}
	return err.Error()
}

// administered are the commands of the admin, by their two words.
var administered = map[string]map[string]action{"audit": {"show": printAudit}, "policy": policyActions, "admins": adminActions,
	"groups": groupActions, "users": userActions, "apps": appActions, "federations": federationActions, "keys": keyActions}

func dispatch(args []string, out, diag io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "serve":
			return serve(args[1:], out, diag)
		case "seed":
			return seed(args[1:], out, diag)
		case "log":
			return printLog(args[1:], out, diag)
		case "backup":
			return backup(args[1:], out, diag)
		case "restore":
			return restore(args[1:], out, diag)
		case "help", "-h", "-help", "--help":
			fmt.Fprint(out, usage)
			return nil
		}
		if actions := administered[args[0]]; actions != nil {
			return administer(args[0], actions, args[1:], out, diag)
		}
	}
	fmt.Fprint(diag, usage)
	return errUsage
}

// options is a flag set with the flag that every command has.
func options(name string, diag io.Writer) (*flag.FlagSet, *string) {
	f := flag.NewFlagSet("tallykey-tenant "+name, flag.ContinueOnError)
	f.SetOutput(diag)
	return f, f.String("data", "", "`folder` that holds the tenant's data; it is made if need be")
}

// parse reads the flags and says where the database is.
func parse(f *flag.FlagSet, args []string, data *string) (string, error) {
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return "", err
		}
		return "", errUsage
	}
	if *data == "" || f.NArg() > 0 {
		fmt.Fprintf(f.Output(), "%s: --data is needed, and nothing but flags\n", f.Name())
		return "", errUsage
	}
	if err := os.MkdirAll(*data, 0o700); err != nil {
		return "", err
	}
	return filepath.Join(*data, "tenant.db"), nil
}
