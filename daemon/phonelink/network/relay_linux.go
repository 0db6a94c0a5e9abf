package network

import (
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Weather is what a relay does to packets, each way. The zero value does nothing.
type Weather struct {
	Loss        float64       // share of the packets that are lost, 0 to 1
	Delay       time.Duration // of every packet
	Swap        float64       // share of the packets that are overtaken by the next ones
	Cut         bool          // nothing passes
	NoMulticast bool          // no multicast passes, as where an access point saves air
	Isolated    bool          // only multicast passes, as between guests of an access point
	Deaf        bool          // nothing passes from the first end to the second
}

// String implements fmt.Stringer.
func (w Weather) String() string {
	if w == (Weather{}) {
		return "fair"
	}
	return fmt.Sprintf("loss %.0f %%, delay %v, swap %.0f %%, cut %v, no multicast %v, isolated %v, deaf %v", 100*w.Loss,
		w.Delay, 100*w.Swap, w.Cut, w.NoMulticast, w.Isolated, w.Deaf)
}

// swapDelay is how long a packet waits that is to be overtaken.
const swapDelay = 15 * time.Millisecond

// Relay is the middle of a cable: it passes frames between two interfaces of this process's network.
type Relay struct {
	ends [2]*os.File

	mu      sync.Mutex // guards the fields that follow
	weather Weather
	random  *rand.Rand
	passed  int
	dropped int
	capture func(payload []byte) bool
	seen    []string
}

// NewRelay connects two interfaces until the test ends. The seed decides which packets are lost or swapped, as far as
// they come in the same order.
func NewRelay(t testing.TB, a, b string, seed uint64) *Relay {
	t.Helper()
	r := &Relay{random: rand.New(rand.NewPCG(seed, 1))}
	for i, name := range []string{a, b} {
		f, err := open(name)
		if err != nil {
			t.Fatal(err)
		}
		r.ends[i] = f
	}
	var work sync.WaitGroup
	for i := range r.ends {
		q := newQueue(r.ends[1-i])
		work.Go(q.run)
		work.Go(func() {
			r.read(r.ends[i], q)
			q.close()
		})
	}
	t.Cleanup(func() {
		for _, f := range r.ends {
			f.Close()
		}
		work.Wait()
	})
	return r
}

// open opens an interface for whole frames.
func open(name string) (*os.File, error) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return nil, err
	}
	all := int(binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL)))
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, all)
	if err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	// Checksums are not computed on such a cable. The header before each frame carries that along.
	err = unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1)
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1)
	}
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: uint16(all), Ifindex: i.Index})
	}
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("packet socket on %s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// Set changes the weather.
func (r *Relay) Set(w Weather) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.weather = w
}

// Count returns how many frames were passed on and how many were not.
func (r *Relay) Count() (passed, dropped int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.passed, r.dropped
}

// Capture notes the payloads of UDP packets, by either version of IP, that want says yes to, from now on.
func (r *Relay) Capture(want func(payload []byte) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.capture = want
}

// Captured are the payloads that Capture noted.
func (r *Relay) Captured() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.seen)
}

// note needs the lock.
func (r *Relay) note(frame []byte) {
	if r.capture == nil || kindOf(frame) != unicast {
		return
	}
	const ethernet, ip4, ip6, udp = 14, 20, 40, 8
	head := ethernet + ip4 + udp
	if frame[12] != 0x08 {
		head = ethernet + ip6 + udp
	}
	if len(frame) > head && r.capture(frame[head:]) {
		r.seen = append(r.seen, string(frame[head:]))
	}
}

const (
	headBytes  = 10 // struct virtio_net_hdr
	frameBytes = 70_000
)

func (r *Relay) read(from *os.File, to *queue) {
	buffer := make([]byte, frameBytes)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			if netDown(err) {
				continue // the other end is unplugged for a moment
			}
			return
		}
		if wait, ok := r.fate(buffer[headBytes:n], from == r.ends[0]); ok {
			to.add(append([]byte(nil), buffer[:n]...), time.Now().Add(wait))
		}
	}
}

// fate says how long a frame waits, and whether it gets there. forth is the way from the first end to the second.
func (r *Relay) fate(frame []byte, forth bool) (wait time.Duration, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(frame)
	w, kind := r.weather, kindOf(frame)
	switch {
	case w.Cut, w.Deaf && forth, kind == multicast && w.NoMulticast, kind == unicast && w.Isolated:
	case kind == neighbour: // who has which address is not what these tests are about
		ok = true
	default:
		ok = r.random.Float64() >= w.Loss
		if wait = w.Delay; r.random.Float64() < w.Swap {
			wait += swapDelay
		}
	}
	if ok {
		r.passed++
	} else {
		r.dropped++
	}
	return wait, ok
}

type kind int

const (
	neighbour kind = iota // ARP, neighbour discovery
	multicast
	unicast
)

func kindOf(frame []byte) kind {
	if len(frame) < 34 {
		return neighbour
	}
	ip4, ip6 := frame[12] == 0x08 && frame[13] == 0x00, frame[12] == 0x86 && frame[13] == 0xdd
	const icmp6 = 58
	switch {
	case !ip4 && !ip6, ip6 && (frame[20] == icmp6 || frame[20] == 0): // 0: options, before multicast reports
		return neighbour
	case frame[0]&1 != 0:
		return multicast
	}
	return unicast
}

// queue sends frames when they are due.
type queue struct {
	to   *os.File
	wake chan struct{}

	mu     sync.Mutex // guards the fields that follow
	all    frames
	n      int
	closed bool
}

type frame struct {
	data []byte
	due  time.Time
	n    int // frames that are due at the same time keep their order
}

type frames []frame

func (f frames) Len() int { return len(f) }
func (f frames) Less(i, j int) bool {
	return f[i].due.Before(f[j].due) || f[i].due.Equal(f[j].due) && f[i].n < f[j].n
}
func (f frames) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *frames) Push(x any)   { *f = append(*f, x.(frame)) }
func (f *frames) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}

func newQueue(to *os.File) *queue { return &queue{to: to, wake: make(chan struct{}, 1)} }

// maxQueue bounds the frames that wait.
const maxQueue = 20_000

func (q *queue) add(data []byte, due time.Time) {
	q.mu.Lock()
	if q.n++; len(q.all) < maxQueue {
		heap.Push(&q.all, frame{data, due, q.n})
	}
	q.mu.Unlock()
	q.poke()
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.poke()
}

func (q *queue) poke() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) run() {
	for {
		data, wait, closed := q.next()
		switch {
		case closed:
			return
		case data != nil:
			q.to.Write(data) // a frame that can't be sent is lost, as on any cable
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-q.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (q *queue) next() (data []byte, wait time.Duration, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.all) == 0 || q.closed {
		return nil, time.Hour, q.closed
	}
	if wait = time.Until(q.all[0].due); wait > 0 {
		return nil, wait, false
	}
	return heap.Pop(&q.all).(frame).data, 0, false
}

// netDown is what a read returns once when the interface goes down.
func netDown(err error) bool { return errors.Is(err, unix.ENETDOWN) }
