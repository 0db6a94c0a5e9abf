package store

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// writerEnv makes this test's binary the process that writes and is killed.
const writerEnv = "TALLYKEY_TEST_STORE_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		fmt.Println(writeUntilKilled(path))
		os.Exit(1) // only reached after an error
	}
	os.Exit(m.Run())
}

// writeUntilKilled writes the log and names each line on stdout once it is committed.
func writeUntilKilled(path string) error {
	s, err := Open(ctx, path)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		if err := s.Log(ctx, Entry{Time: now, Request: fmt.Sprint(i)}); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

// A process that is killed in the middle of writing loses no line that it was told is kept, and the file stays whole.
func TestKillLosesNothingCommitted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	committed := 0
	for round := range 3 {
		seen := killedWriter(t, path, 40+round)
		committed += seen
		s, err := Open(ctx, path)
		check(t, err)
		log, err := s.Entries(ctx, 100000)
		check(t, err)
		// One line more is right: committed, and killed before it could say so.
		if n := len(log); n < committed || n > committed+1 {
			t.Errorf("round %d: %d lines were committed, %d are there", round, committed, n)
		}
		committed = len(log)
		var whole string
		check(t, s.read.QueryRow(`PRAGMA integrity_check`).Scan(&whole))
		same(t, whole, "ok")
		check(t, s.Close())
	}
}

// killedWriter starts a writer, kills it with SIGKILL after n lines, and says how many it named in all.
func killedWriter(t *testing.T, path string, n int) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerEnv+"="+path)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	lines, seen := bufio.NewScanner(out), 0
	for lines.Scan() {
		if lines.Text() != fmt.Sprint(seen) {
			t.Errorf("the writer said %q", lines.Text())
		}
		if seen++; seen == n {
			check(t, cmd.Process.Kill())
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the writer was not killed")
	}
	return seen
}

func BenchmarkLog(b *testing.B) {
	s := openSQLite(b)
	for b.Loop() {
		check(b, s.Log(ctx, Entry{Time: now, Request: "7f3c-91ab-40de-0b12", Code: "approved"}))
	}
}
