package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// Counts is how a runner's tests ended. The names are those of vitest's JSON reporter, so that one reader serves all.
type Counts struct {
	Passed  int  `json:"numPassedTests"`
	Failed  int  `json:"numFailedTests"`
	Skipped int  `json:"numPendingTests"`
	Success bool `json:"success"`
}

// String is the line that closes a run.
func (c Counts) String() string {
	s := fmt.Sprintf("%d passed, %d failed", c.Passed, c.Failed)
	if c.Skipped > 0 {
		s += fmt.Sprintf(", %d skipped", c.Skipped)
	}
	return s
}

func (c *Counts) add(other Counts) {
	c.Passed += other.Passed
	c.Failed += other.Failed
	c.Skipped += other.Skipped
}

// verdict is why these counts are no success; nil if they are one.
func (c Counts) verdict(runner string) error {
	switch {
	case !c.Success || c.Failed > 0:
		return fmt.Errorf("%s failed: %s", runner, c)
	case c.Passed == 0:
		return fmt.Errorf("%s ran no test", runner)
	}
	return nil
}

// read reads a runner's counts. A run can fail without a failed test, for instance where a file does not compile: that
// counts as one failed.
func read(file string) (Counts, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Counts{Failed: 1}, err
	}
	var c Counts
	if err := json.Unmarshal(data, &c); err != nil {
		return Counts{Failed: 1}, fmt.Errorf("%s: %w", file, err)
	}
	if !c.Success && c.Failed == 0 {
		c.Failed = 1
	}
	return c, nil
}
