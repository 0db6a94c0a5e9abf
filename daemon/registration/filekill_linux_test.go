package registration

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"tallykey/daemon/keyringfile"
)

// The environment of a process that kills itself while it writes.
const (
	fileFolder = "TALLYKEY_TEST_FILE_FOLDER"
	fileKey    = "TALLYKEY_TEST_FILE_KEY"
	killedAt   = "TALLYKEY_TEST_KILLED_AT" // the step, counted from 1, after which it does
)

// killer returns a function that counts steps and kills this process at its last.
func killer() (step func()) {
	last, _ := strconv.Atoi(os.Getenv(killedAt))
	return func() {
		if last--; last == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal may take a moment
		}
	}
}

// fileUntilKilled makes the renewal in the file and kills this process after a step of its writes.
func fileUntilKilled() error {
	step := killer()
	key, err := keyringfile.ParseKey(os.Getenv(fileKey))
	if err != nil {
		return err
	}
	file := keyringfile.New(os.Getenv(fileFolder), keyringfile.Options{WorkFactor: 1, Step: func(keyringfile.Step) { step() }})
	if err := file.Unlock(key); err != nil {
		return err
	}
	return makeAll(NewFileKeyring(file), renewal())
}

// makeAll prints a line for each change that was confirmed.
func makeAll(k Keyring, list []change) error {
	ctx := context.Background()
	s, err := Open(ctx, k)
	for _, c := range list {
		if err == nil {
			err = c.do(ctx, s)
		}
		if err == nil {
			fmt.Println("made", c.name)
		}
	}
	return err
}

// untilKilled runs this test binary with an environment that makes it a writer which is killed at a step. It returns how
// many changes were confirmed, and false if all were made before that step.
func untilKilled(t *testing.T, step int, environment ...string) (made int, killed bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), environment...), killedAt+"="+strconv.Itoa(step))
	out, err := cmd.Output()
	if err != nil && err.Error() != "signal: killed" {
		t.Fatalf("step %d: %v, %s", step, err, out)
	}
	return strings.Count(string(out), "\n"), err != nil
}

// Killed after any step of any write, the next daemon has what there was before the change that was under way, or that
// change made, and can do all the rest.
func TestFileWriterKilledAtEveryStep(t *testing.T) {
	for step := 1; ; step++ {
		if !fileWriterKilled(t, step) {
			if step-1 != 7*5 { // seven writes of five steps
				t.Errorf("%d steps", step-1)
			}
			return
		}
	}
}

// fileWriterKilled returns false if all was made before that step.
func fileWriterKilled(t *testing.T, step int) bool {
	t.Helper()
	k, key := newFileKeyring(t)
	k.File().Lock()
	made, killed := untilKilled(t, step, fileFolder+"="+k.File().Folder(), fileKey+"="+key.Text())
	if !killed {
		return false
	}
	must(t, k.File().Unlock(key))
	checkMade(t, fmt.Sprintf("killed at step %d", step), k, renewal(), made)
	left, err := os.ReadDir(k.File().Folder())
	must(t, err)
	if len(left) != 3 {
		t.Errorf("step %d: the folder has %v", step, left)
	}
	return true
}

// checkMade: so many changes were confirmed, and perhaps one more made.
func checkMade(t *testing.T, at string, k Keyring, list []change, made int) {
	t.Helper()
	var before contents
	for _, c := range list[:made] {
		c.model(&before)
	}
	s := open(t, k)
	if made == len(list) {
		if d := differ(before, contentsOf(s)); d != "" {
			t.Errorf("%s: %s", at, d)
		}
		return
	}
	after := before.clone()
	list[made].model(&after)
	checkRestarted(t, at, before, after, s)
	finish(t, at, s, list[made:], after)
	sameAfterRestart(t, s, k)
}
