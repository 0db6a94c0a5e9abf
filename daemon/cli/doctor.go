package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"tallykey/daemon/activity"
	"tallykey/daemon/api"
	"tallykey/daemon/discovery"
	"tallykey/daemon/doctor"
	"tallykey/daemon/keyringfile"
	"tallykey/daemon/registration"
	"tallykey/daemon/settings"
	"tallykey/native-messaging/browsers"
)

// statusTimeout is how long the doctor waits for a daemon that hangs.
const statusTimeout = 3 * time.Second

func runDoctor(ctx context.Context, e env, args []string) error {
	var fix bool
	rest, asJSON, err := e.flags("doctor", "doctor [--fix] [--json]", args, func(f *flag.FlagSet) {
		f.BoolVar(&fix, "fix", false, "repair what is safe to repair unasked: the entries of browsers, and who may use tallykey's own files")
	})
	if err != nil {
		return err
	}
	if err := e.none("doctor", rest); err != nil {
		return err
	}
	user, err := browsers.UserEnv()
	if err != nil {
		return err
	}
	machine := e.machine(user)
	all := doctor.Run(ctx, machine)
	if fix {
		e.fix(all)
		all = doctor.Run(ctx, machine)
	}
	return e.findings(all, asJSON)
}

// machine is this machine, for the person who runs the program.
func (e env) machine(user browsers.Env) doctor.Env {
	s, err := e.startup(nil)
	if err == nil {
		if err = settings.Check(settingsPath()); err != nil {
			err = fmt.Errorf("%s: %w", settingsPath(), err)
		}
	}
	atLogin := autostart()
	log := logPath()
	return doctor.Machine(doctor.Env{Version: Version, Settings: err, Host: user.Host, Window: s.window(), Socket: api.SocketPath(),
		Log: log, Autostart: atLogin.Entry(), AtLogin: atLogin.Enabled, Desktop: os.Getenv("XDG_CURRENT_DESKTOP"),
		Browsers: func() []browsers.Report { return browsers.List(user, browsers.Options{}) },
		Install:  func() ([]browsers.Report, error) { return browsers.Install(user, browsers.Options{}) },
		Ends:     func() ([]api.Activity, int, error) { return activity.Read(log) },
		Networks: discovery.Interfaces, Keyring: probe(s.keyring()), Status: askStatus})
}

func askStatus(ctx context.Context) (status api.Status, err error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	err = call(ctx, api.MethodStatus, nil, &status)
	return status, err
}

// probe looks for an item that is not there: all that the keyring must do for a look, and nothing that prompts. A file is
// locked for everybody but the running tallykey; it is looked at from outside.
func probe(k registration.Keyring) func(context.Context) error {
	if file, ok := k.(*registration.FileKeyring); ok {
		return func(context.Context) error { return explained(keyringfile.Check(file.File().Folder())) }
	}
	return func(ctx context.Context) error {
		_, err := k.Get(ctx, "doctor")
		if err == nil || errors.Is(err, registration.ErrNotFound) {
			return nil
		}
		return api.Errorf(registration.Code(err), "%v", err)
	}
}

// fix says on standard error what it did, so that the findings stay what they are: they tell what is still broken.
func (e env) fix(all []doctor.Result) {
	done, err := doctor.Fix(all)
	for _, line := range done {
		fmt.Fprintf(e.err, "repaired: %s\n", line)
	}
	if err != nil {
		fmt.Fprintf(e.err, "tallykey: not repaired: %v\n", err)
	}
}

// findings prints what was found; the exit code is 1 where something is broken.
func (e env) findings(all []doctor.Result, asJSON bool) error {
	var err error
	if asJSON {
		err = e.printJSON(all)
	} else {
		e.printFindings(all)
	}
	if err == nil && doctor.Worst(all) == doctor.Broken {
		err = exitCode(exitFailed)
	}
	return err
}

func (e env) printFindings(all []doctor.Result) {
	counts := map[doctor.State]int{}
	var skipped []string
	for _, r := range all {
		if counts[r.State]++; r.State == doctor.Skipped {
			skipped = append(skipped, r.Name)
			continue
		}
		fmt.Fprintf(e.out, "%-8s %-14s %s\n", r.State, r.Name, r.What)
		if r.Remedy != "" {
			fmt.Fprintf(e.out, "%-8s %-14s → %s\n", "", "", r.Remedy)
		}
		for _, step := range r.Steps {
			fmt.Fprintf(e.out, "%-8s %-14s %-8s %-9s %s\n", "", "", step.State, step.Name, step.What)
		}
	}
	if len(skipped) > 0 {
		fmt.Fprintf(e.out, "%-8s %s\n", doctor.Skipped, strings.Join(skipped, ", "))
	}
	switch {
	case counts[doctor.Broken] > 0:
		fmt.Fprintf(e.out, "\n%s to repair.\n", count(counts[doctor.Broken], "thing"))
	case counts[doctor.Warning] > 0:
		fmt.Fprintf(e.out, "\ntallykey works, with %s.\n", count(counts[doctor.Warning], "warning"))
	default:
		fmt.Fprint(e.out, "\nAll is well.\n")
	}
}
