package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

// nobody decides for a phone that is opened to be changed only.
func nobody(context.Context, *link.Request) virtual.Decision {
	return virtual.Decision{Kind: virtual.Ignore}
}

// forget removes a registration. Desktops miss it in the next list that they are told.
func forget(_ context.Context, e env, args []string) error {
	var s settings
	credential := ""
	err := e.flags("forget", args, &s, func(f *flag.FlagSet) {
		f.StringVar(&credential, "credential", "", "credential `id`, as list shows it")
	})
	if err != nil {
		return err
	}
	return e.change(s, func(p *virtual.Phone) error { return p.Forget(credential) })
}

// leave removes a desktop, which is told at the next contact.
func leave(_ context.Context, e env, args []string) error {
	var s settings
	desktop := ""
	err := e.flags("leave", args, &s, func(f *flag.FlagSet) {
		f.StringVar(&desktop, "desktop", "", "the desktop's `id`, as list shows it")
	})
	if err != nil {
		return err
	}
	return e.change(s, func(p *virtual.Phone) error { return p.Leave(desktop) })
}

func (e env) change(s settings, change func(*virtual.Phone) error) error {
	p, err := virtual.New(virtual.Options{Store: s.state, Decide: nobody})
	if err != nil {
		return err
	}
	defer p.Close()
	if err := change(p); errors.Is(err, virtual.ErrRegistrationUnknown) || errors.Is(err, virtual.ErrDesktopUnknown) {
		return fmt.Errorf("%w; see: tallykey-phone list", err)
	} else if err != nil {
		return err
	}
	return nil
}
