//go:build linux

package breaking

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/phone/virtual"
)

// day is how often each thing happens.
type day struct {
	signIns, leftPages, reconnects, locks, pairings, polls int
}

// heavy is what somebody does who signs in every three minutes of a long working day.
var heavy = day{signIns: 200, leftPages: 10, reconnects: 50, locks: 20, pairings: 5, polls: 1000}

// part is a part of a day with every kind of thing in it.
func (d day) part(n int) day {
	return day{d.signIns / n, max(1, d.leftPages/n), d.reconnects / n, d.locks / n, max(1, d.pairings/n), d.polls / n}
}

// live lets the machine live a day.
func (m *machine) live(d day) {
	m.t.Helper()
	for range d.signIns {
		must(m.t, m.phone.signIn())
	}
	for range d.leftPages {
		m.phone.leftPage()
	}
	for range d.reconnects {
		m.phone.leave()
		m.phone.start()
		m.phone.connected()
	}
	for range d.locks {
		m.lockScreen()
	}
	for range d.pairings {
		m.pairOnce()
	}
	for range d.polls {
		m.status()
	}
}

// lockScreen locks the screen under a pairing that waits, and unlocks it.
func (m *machine) lockScreen() {
	m.t.Helper()
	eventually(m.t, "a pairing begins", func() bool { return m.call(api.MethodPair, nil, nil) == nil })
	m.login.Lock()
	m.login.Hint(true)
	eventually(m.t, "the lock ends it", func() bool { return m.status().Request == nil })
	m.login.Hint(false)
	eventually(m.t, "a pairing begins again", func() bool { return m.call(api.MethodPair, nil, nil) == nil })
	must(m.t, m.call(api.MethodCancel, api.ByID{ID: m.status().Request.ID}, nil))
}

// pairOnce pairs another phone and removes it.
func (m *machine) pairOnce() {
	m.t.Helper()
	other := newPhone(m, virtual.Options{Name: "Borrowed phone"})
	other.pair()
	for _, p := range m.status().Phones {
		if p.Name == "Borrowed phone" {
			must(m.t, m.call(api.MethodRemovePhone, api.ByID{ID: p.ID}, nil))
		}
	}
	other.leave()
}

// load is what the daemon holds.
type load struct {
	goroutines, files, threads int
	resident, heap             float64 // MiB
}

func (m *machine) load() load {
	m.t.Helper()
	proc := "/proc/" + strconv.Itoa(m.pid())
	files, err := os.ReadDir(proc + "/fd")
	must(m.t, err)
	tasks, err := filepath.Glob(proc + "/task/*/status")
	must(m.t, err)
	s := m.status().Process
	return load{goroutines: s.Goroutines, files: len(files), threads: len(tasks), heap: float64(s.Heap) / (1 << 20),
		resident: float64(m.field(proc+"/status", "VmRSS")) / 1024}
}

// switches counts the voluntary context switches of all threads since the start, and asks the daemon nothing: that would
// wake it.
func (m *machine) switches() (n int) {
	m.t.Helper()
	tasks, err := filepath.Glob("/proc/" + strconv.Itoa(m.pid()) + "/task/*/status")
	must(m.t, err)
	for _, task := range tasks {
		n += m.field(task, "voluntary_ctxt_switches")
	}
	return n
}

// pid is the daemon's. It was started through nsenter, which becomes it.
func (m *machine) pid() int { return m.daemon.Process.Pid }

// field is a number in one of the status files of proc(5); 0 where the thread has just ended.
func (m *machine) field(file, name string) int {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) && !strings.Contains(err.Error(), "no such process") {
		m.t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+)`).FindSubmatch(text)
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(string(found[1]))
	must(m.t, err)
	return n
}

// half is half a day: enough of what is frequent for a few kilobytes that each leaves behind to show.
var half = day{signIns: 80, leftPages: 1, reconnects: 3, locks: 2, pairings: 1, polls: 200}

// heapBound is how many MiB half a day may leave on the heap: the activity log keeps half a kilobyte of each of 80 requests,
// and two collections differ by twice as much.
const heapBound = 0.25

// A day leaves no goroutine, no file and no memory behind. What its first half left is what there was: caches and buffers
// fill once. Its times are those of the clock; signin has a day with 24 hours.
func TestADayLeavesNothingBehind(t *testing.T) {
	m := newMachine(t)
	must(t, m.phone.register(account, virtual.Approve))
	m.live(half)
	m.phone.connected()
	before := m.settled()
	before.heap = m.liveHeap()
	m.live(half)
	m.phone.connected()
	var now load
	defer func() { t.Logf("at noon %+v, then %+v", before, now) }()
	eventually(t, "nothing is left over", func() bool {
		now = m.load()
		now.heap = m.liveHeap()
		return now.goroutines <= before.goroutines && now.files <= before.files && now.heap <= before.heap+heapBound
	})
}

// liveHeap has the daemon collect what is dead, and returns what is left, in MiB. The least of a few, for it answers
// before it has collected.
func (m *machine) liveHeap() float64 {
	m.t.Helper()
	m.signal(syscall.SIGUSR1)
	least := m.load().heap
	for range 20 {
		least = min(least, m.load().heap)
	}
	return least
}

// settled is the load once what ends by itself has ended: no connection is half open, and it was the same a few times, at
// its least.
func (m *machine) settled() load {
	m.t.Helper()
	eventually(m.t, "no connection is half open", func() bool { return m.status().Traffic.Opening == 0 })
	least, same := m.load(), 0
	eventually(m.t, "the load settles", func() bool {
		now := m.load()
		switch {
		case now.goroutines < least.goroutines || now.files < least.files:
			least, same = now, 0
		case now.goroutines == least.goroutines && now.files == least.files:
			same++
		}
		return same >= 25
	})
	return least
}

// givenBack is a while after the last request, in which the daemon gives memory back.
const givenBack = 12 * time.Second

// BenchmarkDay lives a heavy day and says what is held before and after it. Set TALLYKEY_PROGRAM to the built program.
func BenchmarkDay(b *testing.B) {
	for b.Loop() {
		m := newMachine(b)
		must(b, m.phone.register(account, virtual.Approve))
		m.live(heavy.part(10)) // what is made once, at first use
		time.Sleep(givenBack)
		before := m.settled()
		m.live(heavy)
		time.Sleep(givenBack)
		after := m.settled()
		report(b, "before", before)
		report(b, "after", after)
	}
}

func report(b *testing.B, when string, l load) {
	b.ReportMetric(float64(l.goroutines), "goroutines-"+when)
	b.ReportMetric(float64(l.files), "files-"+when)
	b.ReportMetric(float64(l.threads), "threads-"+when)
	b.ReportMetric(l.resident, "resident-MB-"+when)
	b.ReportMetric(l.heap, "heap-MB-"+when)
}

// idleFor is how long an idle daemon is watched.
const idleFor = time.Minute

// BenchmarkIdle watches a daemon with a tray that does nothing, with a phone on the line and without one.
func BenchmarkIdle(b *testing.B) {
	for name, leave := range map[string]bool{"phone connected": false, "phone away": true} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				m := newMachine(b)
				if leave {
					m.phone.leave()
				}
				m.settled()
				time.Sleep(idleFor / 6) // what a question to the daemon has begun is over then
				before := m.switches()
				time.Sleep(idleFor)
				woken := m.switches() - before
				b.ReportMetric(float64(woken)*float64(time.Minute)/float64(idleFor), "switches/min")
				b.ReportMetric(m.load().resident, "resident-MB")
			}
		})
	}
}

// BenchmarkSignIn is a whole sign-in without a browser: from the website's call to its answer, with a person who is a
// program.
func BenchmarkSignIn(b *testing.B) {
	m := newMachine(b)
	must(b, m.phone.register(account, virtual.Approve))
	for b.Loop() {
		must(b, m.phone.signIn())
	}
}
