package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The main window listens on a socket of its own in the runtime folder, which only the same user can enter, for the
// sections that later processes were asked to show. One line, nothing else: any process of the user can turn a page here,
// and no more than that.

// handOverTimeout bounds one word between two processes on one machine.
const handOverTimeout = 5 * time.Second

// maxSection is longer than the name of any section, in bytes.
const maxSection = 32

func handOverPath(dir string) string { return filepath.Join(dir, "window.sock") }

// takeOver calls show with each section that another process hands over, until the listener is closed. Its caller holds
// the lock of the view, so a socket that is there already belongs to a process that has ended.
func takeOver(dir string, show func(Section)) (net.Listener, error) {
	path := handOverPath(dir)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("hand over: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("hand over: %w", err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if section, err := take(conn); err == nil {
				show(section)
			}
		}
	}()
	return l, nil
}

// take reads the section from one process.
func take(conn net.Conn) (Section, error) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(handOverTimeout))
	line, err := bufio.NewReader(io.LimitReader(conn, maxSection)).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("hand over: %w", err)
	}
	section := Section(strings.TrimSuffix(line, "\n"))
	if !section.valid() {
		return "", errors.New("hand over: no such section")
	}
	return section, nil
}

// handOver tells the process that shows the main window which section is wanted. One that is about to close, or has not
// come to listen yet, is tried for a while.
func handOver(dir string, section Section) error {
	var conn net.Conn
	var err error
	for deadline := time.Now().Add(handOverTimeout); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if conn, err = net.DialTimeout("unix", handOverPath(dir), handOverTimeout); err == nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("the window that is open does not answer: %w", err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(handOverTimeout))
	if _, err := fmt.Fprintln(conn, section); err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	return nil
}
