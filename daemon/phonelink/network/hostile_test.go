//go:build linux

package network_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pion/stun/v4"

	"tallykey/daemon/api"
	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

// How much garbage there is: four seconds of it.
const (
	garbagePackets = 20_000
	garbageRate    = 5_000 // a second
)

// garbageMain is a stranger on the phone's network. It sends to AT, then says how many packets it sent and how many bytes
// it heard. PACKETS are captured ones, in hexadecimal, that it sends among its own.
func garbageMain() {
	conn, err := net.Dial("udp", os.Getenv("AT"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var captured [][]byte
	for _, text := range strings.Fields(os.Getenv("PACKETS")) {
		data, _ := hex.DecodeString(text)
		captured = append(captured, data)
	}
	packets := make([][]byte, garbagePackets/10) // ahead of time: to make them takes longer than to send them
	for i := range packets {
		packets[i] = garbage(i, captured)
	}
	fmt.Println("begins")
	sent := pour(conn, packets)
	conn.SetReadDeadline(time.Now().Add(time.Second))
	heard, _ := io.Copy(io.Discard, conn)
	fmt.Println(sent, heard)
}

// pour sends what is due by the time that has passed, so that the rate holds where a tick comes late, and returns how many
// packets the network has taken.
func pour(conn net.Conn, packets [][]byte) (sent int) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	began, n := time.Now(), 0
	for n < garbagePackets {
		<-tick.C
		for due := int(time.Since(began).Seconds() * garbageRate); n < min(due, garbagePackets); n++ {
			if _, err := conn.Write(packets[n%len(packets)]); err == nil {
				sent++
			}
		}
	}
	fmt.Fprintf(os.Stderr, "%d packets in %v\n", sent, time.Since(began))
	return sent
}

// garbage is random bytes, a first packet with a secret that nobody has, one that is broken, or a captured one.
func garbage(n int, captured [][]byte) []byte {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	data := make([]byte, 1+random.IntN(1200))
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	switch n % 4 {
	case 1:
		return forged(uint64(n))
	case 2:
		data = forged(uint64(n))
		data[random.IntN(len(data))] ^= byte(1 + random.IntN(255))
	case 3:
		if len(captured) > 0 {
			return captured[n/4%len(captured)]
		}
	}
	return data
}

func forged(n uint64) []byte {
	secret := link.Secret("a secret that nobody has, but one")
	u := link.NewUfrag(secret, time.Now(), [8]byte{byte(n), byte(n >> 8), byte(n >> 16)}, sha256.Sum256(nil)).String()
	m, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername(u+":abcd"),
		stun.NewShortTermIntegrity(secret.Password(u)), stun.Fingerprint)
	if err != nil {
		panic(err)
	}
	return m.Raw
}

// Five thousand packets of garbage a second, the phone's own first packets of earlier connections among them, keep nobody
// from signing in, and have no answer.
func TestGarbage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	stranger, said := w.stranger()
	approved, all, end := 0, 0, ""
	for end == "" || all < 3 {
		code := w.signIn()
		if all++; code == api.Approved {
			approved++
		} else {
			t.Logf("sign-in %d: %s", all, code)
		}
		if approved == 0 {
			t.Fatal("the first did not succeed")
		}
		select {
		case end = <-said:
		default:
		}
	}
	stranger.Wait()
	t.Logf("%d of %d sign-ins meanwhile; the stranger: %s", approved, all, stranger.Stderr)
	if approved < all-1 { // one of hundreds may meet a machine that stands still
		t.Errorf("%d of %d sign-ins were approved", approved, all)
	}
	if want := "begins\n" + strconv.Itoa(garbagePackets) + " 0\n"; end != want {
		t.Errorf("the stranger says %q, want %q", end, want)
	}
	if traffic := w.desktop.status().Traffic; traffic.Noise == 0 || traffic.Unknown == 0 {
		t.Errorf("none of it came: %+v", traffic)
	}
	w.settled()
	w.phone.end() // a new connection finds no lock
	w.phone.start()
	w.mustSignIn()
	w.consistent()
}

// stranger starts one that has overheard how the phone connected; what it says comes when it ends.
func (w *world) stranger() (*exec.Cmd, <-chan string) {
	w.t.Helper()
	w.relay.Capture(isFirst)
	w.phone.end()
	w.phone.start()
	w.mustSignIn()
	captured := w.relay.Captured()
	if len(captured) == 0 {
		w.t.Fatal("no first packet was captured")
	}
	for i, data := range captured {
		captured[i] = hex.EncodeToString([]byte(data))
	}
	stranger := w.phone.host.Role("garbage", fmt.Sprintf("AT=10.88.0.2:%d", w.desktop.status().Port),
		"PACKETS="+strings.Join(captured, " "))
	stranger.Stderr = new(logs)
	out, err := stranger.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := stranger.Start(); err != nil {
		w.t.Fatal(err)
	}
	said := make(chan string, 1)
	go func() {
		data, _ := io.ReadAll(out)
		said <- string(data)
	}()
	return stranger, said
}

// isFirst says whether a UDP payload begins a connection of this protocol.
func isFirst(payload []byte) bool {
	m := &stun.Message{Raw: slices.Clone(payload)}
	if !stun.IsMessage(payload) || m.Decode() != nil || m.Type != stun.BindingRequest {
		return false
	}
	user, err := m.Get(stun.AttrUsername)
	return err == nil && strings.HasPrefix(string(user), "tk1/")
}

// Whatever a paired phone does to the daemon: each request has one clear end, and the next is a good one.
func TestHostilePhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 41)
	good := w.key
	for _, c := range []struct {
		fault virtual.Fault
		want  []api.Code // empty: the person gives up
	}{
		{virtual.DoubleAnswer, []api.Code{api.Approved}},
		{virtual.Reconnect, []api.Code{api.Approved}},
		{virtual.OtherNumber, []api.Code{api.WrongNumber}},
		{virtual.TwoNumbers, []api.Code{api.WrongNumber}},
		{virtual.BadSignature, []api.Code{api.SignatureInvalid}},
		{virtual.BadDevice, []api.Code{api.SignatureInvalid}},
		{virtual.BadVerification, []api.Code{api.VerificationFailed}},
		{virtual.Replay, []api.Code{api.VerificationFailed}},
		{virtual.OtherCredential, []api.Code{api.SignatureInvalid}},
		{virtual.Flood, []api.Code{api.Approved, api.PhoneUnreachable}}, // it is hung up on, and says the rest when it is back
		{virtual.DropAnswer, nil},
		{virtual.LateAnswer, nil},
		{virtual.EarlyAnswer, nil},
		{virtual.OtherRequest, nil},
		{virtual.Malformed, nil},
		{virtual.Oversized, nil},
		{virtual.OtherVersion, nil},
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			w.t = t
			w.leave()
			eventually(t, "the phone is connected", w.desktop.connected)
			_, key := w.createAs(string(c.fault)+"@contoso.example", virtual.NoFault)
			if c.fault == virtual.Replay {
				w.signInAs(key, virtual.NoFault, false)
			}
			got := w.signInAs(key, c.fault, c.want == nil)
			if c.want == nil {
				// A phone that is hung up on may not be back in time.
				c.want = []api.Code{api.CancelledOnDesktop, api.PhoneUnreachable}
			}
			if !slices.Contains(c.want, got) {
				t.Errorf("ended with %q, want %v", got, c.want)
			}
			if s := w.desktop.status(); s.Link.State != "ready" || s.Keyring.State != "ready" {
				t.Errorf("link %+v, keyring %+v", s.Link, s.Keyring)
			}
		})
	}
	w.t, w.key = t, good
	w.back()
	w.mustSignIn()
	w.consistent()
}

// createAs registers an account with a phone that has a fault.
func (w *world) createAs(user string, f virtual.Fault) (code api.Code, key *webauthn.AttestedCredential) {
	w.t.Helper()
	w.during(f, func() { code, key = w.create(user) }, false)
	if code != api.Registered {
		w.t.Fatalf("registration ended with %q", code)
	}
	return code, key
}

func (w *world) signInAs(key *webauthn.AttestedCredential, f virtual.Fault, gives bool) (code api.Code) {
	w.t.Helper()
	w.during(f, func() { code = w.signInWith(key, nil) }, gives)
	return code
}

// during has the person approve what f asks for with a phone that has a fault, and close it on the desktop in the end where
// nothing comes of it.
func (w *world) during(fault virtual.Fault, ask func(), gives bool) {
	w.t.Helper()
	ended := make(chan bool)
	go func() {
		defer close(ended)
		ask()
	}()
	var id, number string
	w.until(ended, "the phone shows the request", func(r *api.Request) bool {
		id, number = r.ID, r.Number
		return r.State == api.Delivered
	})
	refused := w.phone.count(virtual.Disconnected, "", "")
	w.phone.order(order{ID: id, Decision: virtual.Decision{Kind: virtual.Approve, Number: number, Fault: fault}})
	if gives {
		w.until(ended, "the phone has done it", func(r *api.Request) bool {
			return r.State == api.Answering && !slices.Contains(hungUp, fault) || w.phone.count(virtual.Disconnected, "", "") > refused ||
				fault == virtual.EarlyAnswer
		})
		if err := w.desktop.call(api.MethodCancel, api.ByID{ID: id}, nil); err != nil && !errors.Is(err, &api.Error{Code: api.RequestUnknown}) {
			w.t.Error(err)
		}
	}
	<-ended
	eventually(w.t, "the phone knows the end", func() bool { return w.phone.count(virtual.Ended, id, "") == 1 })
}

// hungUp are the faults for which the daemon ends the connection.
var hungUp = []virtual.Fault{virtual.Malformed, virtual.Oversized, virtual.OtherVersion}

// until waits for a state of the request on the screen, or its end.
func (w *world) until(ended <-chan bool, what string, ok func(*api.Request) bool) {
	w.t.Helper()
	eventually(w.t, what, func() bool {
		select {
		case <-ended:
			return true
		default:
		}
		r := w.desktop.status().Request
		return r != nil && ok(r)
	})
}
