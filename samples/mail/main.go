// Command mail is a sample: a small mail-like website whose people sign in at a tallykey tenant, or at any other OpenID
// Provider. It shows the least that a website needs: signin.go is all of it that knows about signing in.
//
//	mail --issuer http://localhost:8470 --client ID --secret-file FILE [--listen 127.0.0.1:8490]
//
// Its sessions live in memory, its messages are made up.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mail:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	f := flag.NewFlagSet("mail", flag.ContinueOnError)
	listen := f.String("listen", "127.0.0.1:8490", "`address` to listen on")
	issuer := f.String("issuer", "http://localhost:8470", "`URL` of the OpenID Provider")
	client := f.String("client", "", "client `id` that the provider gave")
	secret := f.String("secret-file", "", "`file` with the client secret")
	if err := f.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(*secret)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	own := fmt.Sprintf("http://localhost:%d", listener.Addr().(*net.TCPAddr).Port)
	door, err := NewDoor(ctx, *issuer, own, *client, strings.TrimSpace(string(text)))
	if err != nil {
		return err
	}
	fmt.Println("mail at", own)
	return serve(ctx, routes(door), listener)
}

func routes(d *Door) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /signin", d.SignIn)
	mux.HandleFunc("GET /callback", d.Callback)
	mux.HandleFunc("POST /signout", d.SignOut)
	mux.Handle("GET /web/", http.FileServerFS(web))
	mux.HandleFunc("GET /{$}", d.Only(inbox))
	var own http.CrossOriginProtection // forms come from this website alone
	return own.Handler(mux)
}

func serve(ctx context.Context, h http.Handler, l net.Listener) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })() // what it says is what Serve returns
	if err := server.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}
