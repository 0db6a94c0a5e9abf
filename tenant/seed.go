package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/admin"
	"tallykey/tenant/store"
)

// demo are the users of the demo tenant.
var demo = []struct {
	upn  account.UPN
	name string
}{
	{"alice@contoso.example", "Alice"},
	{"bob@contoso.example", "Bob"},
	{"carol@contoso.example", "Carol"},
}

// seed makes the demo users that do not exist yet, each with a random password or the one from the file, and says it
// once: on the standard output, or in the file if one is named. Users that exist are left alone.
func seed(args []string, out, diag io.Writer) (err error) {
	f, data := options("seed", diag)
	file := f.String("password-file", "", "`file` of \"UPN password\" lines: read first, then new ones are added; else they are printed")
	path, err := parse(f, args, data)
	if err != nil {
		return err
	}
	known, err := readPasswords(*file)
	if err != nil {
		return err
	}
	ctx := context.Background()
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	accounts, err := account.NewDirectory(ctx, db, account.NewHasher(account.DefaultCost), time.Now)
	if err != nil {
		return err
	}
	return plant(ctx, accounts, known, *file, out)
}

func plant(ctx context.Context, accounts *account.Directory, known map[account.UPN]string, file string, out io.Writer) error {
	for _, d := range demo {
		password, told := known[d.upn]
		if !told {
			password = admin.NewPassword()
		}
		_, err := accounts.Create(ctx, d.upn, d.name, password, store.Change{Time: time.Now(), Actor: string(operator()), Action: "user.add", Target: string(d.upn)})
		if errors.Is(err, store.ErrExists) {
			continue
		}
		if err == nil && !told {
			err = tell(file, out, d.upn, password)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func tell(file string, out io.Writer, upn account.UPN, password string) (err error) {
	if file == "" {
		_, err = fmt.Fprintf(out, "%s  %s\n", upn, password)
		return err
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = fmt.Fprintf(f, "%s %s\n", upn, password)
	return err
}

// readPasswords reads the file's lines; a file that is not there has none.
func readPasswords(file string) (map[account.UPN]string, error) {
	known := map[account.UPN]string{}
	f, err := os.Open(file)
	if file == "" || errors.Is(err, fs.ErrNotExist) {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		name, password, ok := strings.Cut(lines.Text(), " ")
		upn, err := account.ParseUPN(name)
		if !ok || err != nil || password == "" {
			return nil, fmt.Errorf("%s:%d: not a UPN, a blank and a password", file, n) // the line itself may be a password
		}
		known[upn] = password
	}
	return known, lines.Err()
}
