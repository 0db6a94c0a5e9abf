package main

import (
	"net"
	"testing"
	"time"
)

func TestASecondWindowHandsItsSectionOver(t *testing.T) {
	dir := t.TempDir()
	shown := make(chan Section, 8)
	l, err := takeOver(dir, func(s Section) { shown <- s })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, section := range append(sections, "") {
		if err := handOver(dir, section); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-shown:
			if got != section {
				t.Errorf("shown %q; want %q", got, section)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("%q was not shown", section)
		}
	}
}

// What is no section is not shown, and keeps nobody from handing over one.
func TestTheHandOverTakesSectionsOnly(t *testing.T) {
	dir := t.TempDir()
	shown := make(chan Section, 8)
	l, err := takeOver(dir, func(s Section) { shown <- s })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, word := range []string{"secrets\n", "phones", "phones phones phones phones phones phones\n", ""} {
		conn, err := net.Dial("unix", handOverPath(dir))
		if err != nil {
			t.Fatal(err)
		}
		conn.Write([]byte(word))
		conn.Close()
	}
	if err := handOver(dir, SectionAbout); err != nil {
		t.Fatal(err)
	}
	if got := <-shown; got != SectionAbout {
		t.Errorf("shown %q", got)
	}
}

// A process that was killed leaves its socket behind.
func TestTheSocketOfADeadWindowIsInNobodysWay(t *testing.T) {
	dir := t.TempDir()
	dead, err := net.Listen("unix", handOverPath(dir))
	if err != nil {
		t.Fatal(err)
	}
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	dead.Close()
	l, err := takeOver(dir, func(Section) {})
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

func FuzzTake(f *testing.F) {
	f.Add([]byte("phones\n"))
	f.Add([]byte("\n"))
	f.Add([]byte("phones\x00\n"))
	f.Fuzz(func(t *testing.T, word []byte) {
		here, there := net.Pipe()
		go func() { there.Write(word); there.Close() }()
		if section, err := take(here); err == nil && !section.valid() {
			t.Errorf("%q", section)
		}
	})
}
