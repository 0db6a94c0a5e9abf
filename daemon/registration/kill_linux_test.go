package registration

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// writerFrom makes the test binary a writer that adds registrations from this number on, and removes every third
// again, until it is killed.
const writerFrom = "TALLYKEY_TEST_WRITER_FROM"

func TestMain(m *testing.M) {
	for variable, write := range map[string]func() error{writerFrom: writeUntilKilled, fileFolder: fileUntilKilled,
		guardSteps: renewalUntilKilled} {
		if os.Getenv(variable) == "" {
			continue
		}
		if err := write(); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func writeUntilKilled() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	first, err := strconv.Atoi(os.Getenv(writerFrom))
	if err != nil {
		return err
	}
	s, err := Open(ctx, patient())
	for n := first; err == nil; n++ {
		if err = s.Add(ctx, sampleRegistration(n, samplePhone(1).ID)); err == nil {
			fmt.Println("added", n)
		}
		if err == nil && n%3 == 0 {
			if err = s.Remove(ctx, sampleRegistration(n, "").Credential); err == nil {
				fmt.Println("removed", n)
			}
		}
	}
	return err
}

// However the daemon is killed: what it confirmed is there, what it removed is not, and at most the one registration
// that was being made is there besides.
func TestWriterKilled(t *testing.T) {
	if !inSession(t, withServices) {
		return
	}
	startKeyring(t)
	k := patient()
	must(t, open(t, k).AddPhone(t.Context(), samplePhone(1)))
	want := map[string]bool{}
	for round := range 12 {
		underWay := killWriter(t, 1000*round, 2+round%4, time.Duration(round)*1500*time.Microsecond, want)
		got := map[string]bool{}
		for _, r := range open(t, k).Registrations() {
			name := registrationName(r.Credential)
			if got[name] = true; !want[name] && name != underWay {
				t.Errorf("round %d: %s came back", round, name)
			}
		}
		for name := range want {
			if !got[name] && name != underWay {
				t.Errorf("round %d: %s is lost", round, name)
			}
		}
		want = got
	}
}

// killWriter kills a writer some time after it confirmed so many changes, enters these into want, and returns the item
// that it may have been at.
func killWriter(t *testing.T, from, changes int, then time.Duration, want map[string]bool) (underWay string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerFrom+"="+strconv.Itoa(from))
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		var what string
		var number int
		if _, err := fmt.Sscan(lines.Text(), &what, &number); err != nil {
			t.Fatalf("the writer says %q", lines.Text())
		}
		name := nameOf(number)
		if want[name] = true; what == "removed" {
			delete(want, name)
		}
		if underWay = nameOf(number + 1); what == "added" && number%3 == 0 {
			underWay = name
		}
		if n == changes {
			time.AfterFunc(then, func() { cmd.Process.Kill() }) // anywhere in what follows
		}
	}
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("the writer ended by itself: %v", err)
	}
	return underWay
}

// The keyring itself is killed again and again: what was confirmed is still there.
func TestKeyringKilled(t *testing.T) {
	if !inSession(t, withServices) {
		return
	}
	p, k := startKeyring(t), NewOSKeyring(Options{Timeout: 10 * time.Second})
	s := open(t, k)
	must(t, s.AddPhone(t.Context(), samplePhone(1)))
	for round := range 5 {
		victim := p
		time.AfterFunc(time.Duration(10+3*round)*time.Millisecond, func() { victim.Kill() })
		for n, err := 0, error(nil); err == nil; n++ {
			err = s.Add(t.Context(), sampleRegistration(1000*round+n, samplePhone(1).ID))
			if err != nil && !errors.Is(err, ErrLocked) && !errors.Is(err, ErrFailed) && !errors.Is(err, ErrMissing) {
				t.Errorf("got %v", err)
			}
		}
		restarted(t)
		p = keyringProcess(t)
		unlock(t)
		err := s.RenamePhone(t.Context(), samplePhone(1).ID, fmt.Sprint("Round ", round))
		if err != nil { // one access may find another that waits for the dead, not two
			err = s.RenamePhone(t.Context(), samplePhone(1).ID, fmt.Sprint("Round ", round))
		}
		must(t, err)
		sameAfterRestart(t, s, k)
	}
}

// restarted has the bus start the keyring, unless it did already.
func restarted(t *testing.T) {
	t.Helper()
	must(t, sessionBus(t).BusObject().Call("org.freedesktop.DBus.StartServiceByName", 0, secretsBus, uint32(0)).Err)
}

// guardSteps makes the test binary a writer that is killed between the steps of the guard.
const guardSteps = "TALLYKEY_TEST_GUARD_STEPS"

// renewal is a registration that is made, changed, and replaced by a new one of the same account, until the phone goes.
func renewal() []change {
	one := samplePhone(1)
	return []change{addPhone(one), add(sampleRegistration(1, one.ID)), hide(1), add(sampleRegistration(2, one.ID)), remove(1),
		removePhone(one.ID)}
}

// renewalUntilKilled kills this process before or after one of the calls that the guard makes.
func renewalUntilKilled() error {
	k, step := patient(), killer()
	calls := k.items
	k.items.get = func(service, name string) (string, error) {
		step()
		defer step()
		return calls.get(service, name)
	}
	k.items.set = func(service, name, value string) error {
		step()
		defer step()
		return calls.set(service, name, value)
	}
	k.items.delete = func(service, name string) error {
		step()
		defer step()
		return calls.delete(service, name)
	}
	return makeAll(k, renewal())
}

// The daemon is killed at every step of adding, changing, renewing and removing a registration in the real keyring.
func TestWriterKilledAtEveryStep(t *testing.T) {
	if !inSession(t, withServices) {
		return
	}
	startKeyring(t)
	k := patient()
	for step := 1; ; step++ {
		made, killed := untilKilled(t, step, guardSteps+"=yes")
		checkMade(t, fmt.Sprintf("killed at step %d", step), k, renewal(), made)
		if !killed {
			t.Logf("%d steps to be killed at", step-1)
			if step-1 != 4*4+3*2 { // four writes with their check, and three removals
				t.Errorf("%d steps", step-1)
			}
			return
		}
	}
}
