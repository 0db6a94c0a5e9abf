package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"rsc.io/qr"

	"tallykey/daemon/api"
)

func runPair(ctx context.Context, e env, args []string) error {
	rest, asJSON, err := e.flags("pair", "pair [--json]", args, nil)
	if err == nil {
		err = e.none("pair", rest)
	}
	if err != nil {
		return err
	}
	c, err := api.Dial(ctx, api.SocketPath())
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Watch(ctx); err != nil {
		return err
	}
	var p api.Pairing
	if err := c.Call(ctx, api.MethodPair, nil, &p); err != nil {
		return err
	}
	if err := e.offer(p, asJSON); err != nil {
		return err
	}
	return e.follow(ctx, c, p.Request, asJSON)
}

// offer shows the link as a QR code and as text.
func (e env) offer(p api.Pairing, asJSON bool) error {
	if asJSON {
		return e.printJSON(p)
	}
	code, err := qr.Encode(p.Link, qr.M)
	if err != nil {
		return err
	}
	drawQR(e.out, code)
	_, err = fmt.Fprintf(e.out, "\nScan this with the phone, or open the link there:\n\n%s\n\nIt is good for one phone, until %s.\n",
		p.Link, p.Expires.Local().Format(time.TimeOnly))
	return err
}

// follow tells the states of a request until it ends. A person who leaves cancels it.
func (e env) follow(ctx context.Context, c *api.Client, id string, asJSON bool) error {
	for {
		select {
		case <-ctx.Done():
			leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			return c.Call(leave, api.MethodCancel, api.ByID{ID: id}, nil)
		case event, ok := <-c.Events():
			if !ok {
				return &api.Error{Code: api.DaemonStopped}
			}
			if r := event.Request; r != nil && r.ID == id {
				if over, err := e.step(*r, asJSON); over || err != nil {
					return err
				}
			}
		}
	}
}

// step tells one state; it returns true at the end, with the end as an error unless it is success.
func (e env) step(r api.Request, asJSON bool) (over bool, err error) {
	if asJSON {
		err = e.printJSON(r)
	} else {
		e.sayState(r)
	}
	if r.State != api.Ended || err != nil {
		return false, err
	}
	if r.Code.Outcome().State != "approved" {
		return true, &api.Error{Code: r.Code}
	}
	return true, nil
}

func (e env) sayState(r api.Request) {
	switch r.State {
	case api.Delivered:
		fmt.Fprintf(e.out, "\n%s is here. Tap this number on it:  %s\n", r.Phone, r.Number)
	case api.Answering:
		fmt.Fprintln(e.out, "The number is right. Confirm on the phone.")
	case api.Ended:
		if o := r.Code.Outcome(); o.State == "approved" {
			fmt.Fprintf(e.out, "%s. %s\n", o.En.Title, o.En.What)
		}
	}
}

// drawQR draws two rows of the code in one line of text, dark on light whatever the terminal's colours are: scanners
// fail on inverted codes.
func drawQR(out io.Writer, code *qr.Code) {
	const quiet = 4
	for y := -quiet; y < code.Size+quiet; y += 2 {
		fmt.Fprint(out, "\x1b[30;107m")
		for x := -quiet; x < code.Size+quiet; x++ {
			fmt.Fprint(out, half(code.Black(x, y), code.Black(x, y+1)))
		}
		fmt.Fprintln(out, "\x1b[0m")
	}
}

func half(upper, lower bool) string {
	switch {
	case upper && lower:
		return "█"
	case upper:
		return "▀"
	case lower:
		return "▄"
	}
	return " "
}
