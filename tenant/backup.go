package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"tallykey/tenant/store"
)

// backup copies the database while the tenant runs, and makes sure that the copy is whole.
func backup(args []string, out, diag io.Writer) (err error) {
	f, data := options("backup", diag)
	file := f.String("file", "", "`file` to write; it must not exist")
	path, err := parse(f, args, data)
	if err != nil {
		return err
	}
	ctx := context.Background()
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Backup(ctx, *file); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "backed up to "+*file)
	return err
}

// restore puts a copy where there is no database yet, after making sure that it is whole.
func restore(args []string, out, diag io.Writer) (err error) {
	f, data := options("restore", diag)
	file := f.String("file", "", "`file` that backup wrote")
	path, err := parse(f, args, data)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: name another folder", path)
	}
	if err := store.Restore(context.Background(), *file, path); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "restored to "+path)
	return err
}
