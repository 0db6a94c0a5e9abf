package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os/signal"
	"syscall"
	"time"

	"tallykey/phone"
	"tallykey/tenant/account"
	"tallykey/tenant/store"
	"tallykey/tenant/web"
)

const (
	sweepEvery = 30 * time.Second
	farewell   = 5 * time.Second // for requests in progress
)

// serve runs the website until SIGINT or SIGTERM.
func serve(args []string, out, diag io.Writer) (err error) {
	f, data := options("serve", diag)
	listen := f.String("listen", "127.0.0.1:8470", "`address` to listen on; other machines reach it only if you say so")
	issuer := f.String("issuer", "", "`URL` that browsers use; http://localhost:PORT of --listen if empty")
	name := f.String("name", "Contoso", "`name` of the organisation on the pages")
	colour := f.String("colour", "", "`colour` of the organisation, such as #274a86; it is made darker or lighter where texts in it could not be read")
	header := f.String("address-header", "", "`header` in which a reverse proxy on this machine names the browser's address")
	days := f.Int("log-days", 90, "how many `days` lines of the sign-in log are kept; 0: for ever")
	show := f.Bool("show-accounts", false, "a UPN leads to its phone in every browser, which tells strangers that the account exists")
	path, err := parse(f, args, data)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	defer listener.Close() // the server closes it too; that it is closed twice harms nothing
	slog.SetDefault(libraryLog(diag))
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	site, err := site(ctx, db, web.Config{Name: *name, Colour: *colour, ShowAccounts: *show, AddressHeader: *header, Phone: phone.Handler(), LogLife: time.Duration(*days) * 24 * time.Hour}, *issuer, listener, diag)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "tallykey-tenant: ready at %s\n", site.Issuer)
	return host(ctx, site, listener)
}

// libraryLog is where libraries write that take no logger: faults only. What was refused stands in the sign-in log, and
// an app's state parameter is none of a log's business.
func libraryLog(diag io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(diag, &slog.HandlerOptions{Level: slog.LevelError, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "state" {
			return slog.Attr{}
		}
		return a
	}}))
}

func site(ctx context.Context, db *store.Store, c web.Config, issuer string, l net.Listener, diag io.Writer) (*web.Site, error) {
	if issuer == "" {
		issuer = fmt.Sprintf("http://localhost:%d", l.Addr().(*net.TCPAddr).Port)
	}
	u, err := url.Parse(issuer)
	if err != nil {
		return nil, err
	}
	u.Path = ""
	c.Issuer, c.Store, c.Hasher, c.Now = u, db, account.NewHasher(account.DefaultCost), time.Now
	c.Log = slog.New(slog.NewTextHandler(diag, nil))
	return web.New(ctx, c)
}

// host serves and sweeps until ctx ends. The limits keep slow and greedy clients from holding on.
func host(ctx context.Context, site *web.Site, l net.Listener) error {
	server := &http.Server{Handler: site, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(site.Log.Handler(), slog.LevelWarn)}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-failed:
			return err
		case <-tick.C:
			if err := site.Sweep(ctx); err != nil && ctx.Err() == nil {
				site.Log.Error("sweep", "err", err)
			}
		case <-ctx.Done():
			bye, cancel := context.WithTimeout(context.Background(), farewell)
			defer cancel()
			return server.Shutdown(bye)
		}
	}
}
