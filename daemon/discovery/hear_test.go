package discovery

import (
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"tallykey/phone/link"
)

func TestAnnounced(t *testing.T) {
	name := dnsmessage.MustNewName(link.Hostname(desktopID) + ".")
	mine, ok := announcement(name, []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")})
	if !ok {
		t.Fatal("no announcement")
	}
	other, ok := announcement(dnsmessage.MustNewName("printer.local."), []netip.Addr{netip.MustParseAddr("192.0.2.9")})
	if !ok {
		t.Fatal("no announcement")
	}
	question, err := (&dnsmessage.Message{Questions: []dnsmessage.Question{{Name: name, Type: dnsmessage.TypeA,
		Class: dnsmessage.ClassINET}}}).Pack()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		packet []byte
		want   []string
	}{
		{"a desktop, once for both families", mine, []string{desktopID}},
		{"a printer", other, nil},
		{"a question", question, nil},
		{"nothing", nil, nil},
	} {
		if got := announced(c.packet); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	for _, name := range []string{"tk-.local.", "tk-short.local.", "tks-" + desktopID + ".local.", "tk-" + desktopID + ".example.", ""} {
		if id, ok := desktopOf(name); ok {
			t.Errorf("%q is desktop %q", name, id)
		}
	}
}

func FuzzAnnounced(f *testing.F) {
	name := dnsmessage.MustNewName(link.Hostname(desktopID) + ".")
	if mine, ok := announcement(name, []netip.Addr{netip.MustParseAddr("192.0.2.1")}); ok {
		f.Add(mine)
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		for _, id := range announced(packet) {
			if !link.ValidID(id) {
				t.Errorf("id %q", id)
			}
		}
	})
}
