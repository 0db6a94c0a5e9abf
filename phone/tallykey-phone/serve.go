package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"time"

	"tallykey/phone"
)

// serve serves the phone app until ctx ends.
func serve(ctx context.Context, e env, args []string) error {
	var s settings
	listen := "127.0.0.1:8471"
	err := e.flags("serve", args, &s, func(f *flag.FlagSet) {
		f.StringVar(&listen, "listen", listen, "`address` and port")
	})
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "phone app on http://%s/\n", l.Addr())
	if ip := l.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
		// Keys and WebAuthn are for secure contexts only: https, or a browser on this very machine.
		fmt.Fprintln(e.err, "tallykey-phone: hint: other machines need https; put a web server with a certificate before it")
	}
	server := &http.Server{Handler: phone.Handler(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 16 << 10}
	stopped := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		server.Shutdown(end)
	})
	defer stopped()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
