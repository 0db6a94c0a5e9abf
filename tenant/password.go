package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"tallykey/tenant/account"
	"tallykey/tenant/store"
)

// usersPassword gives a user the password that is the first line of the standard input, or none. It is no flag: other
// programs of the machine see those.
func usersPassword(f *flag.FlagSet) func(*desk) error {
	upn := f.String("upn", "", "`UPN`")
	remove := f.Bool("remove", false, "take the password away: the user signs in with a device, or comes in by an invitation")
	return func(d *desk) error {
		u, err := d.User(d.ctx, *upn)
		if err != nil {
			return err
		}
		password, done := "", "removed the password of "
		if !*remove {
			done = "changed the password of "
			if password, err = readPassword(os.Stdin); err != nil {
				return err
			}
		}
		if err := d.SetPassword(d.ctx, u, password, d.by); err != nil {
			return err
		}
		return d.say(persons([]store.User{u})[0], done+u.UPN)
	}
}

// readPassword reads a line. A terminal does not show what is typed.
func readPassword(in *os.File) (string, error) {
	if term.IsTerminal(int(in.Fd())) {
		fmt.Fprint(os.Stderr, "New password: ")
		typed, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(os.Stderr)
		return filled(string(typed), err)
	}
	line, err := bufio.NewReader(io.LimitReader(in, account.MaxPassword+2)).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return filled(strings.TrimRight(line, "\r\n"), err)
}

// filled makes sure that nothing typed is not taken for no password.
func filled(typed string, err error) (string, error) {
	if err == nil && typed == "" {
		err = errors.New("no password came on the standard input; --remove takes the password away")
	}
	return typed, err
}
