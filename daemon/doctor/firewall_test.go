package doctor

import (
	"maps"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

func TestFirewalls(t *testing.T) {
	walls := map[string]struct{ source, content, command string }{
		"ufw":       {"/etc/ufw/ufw.conf", "# ufw\nENABLED=yes\nLOGLEVEL=low\n", "sudo ufw allow 47820/udp && sudo ufw allow 5353/udp"},
		"firewalld": {"systemctl is-active firewalld", "active", "sudo firewall-cmd --permanent --add-port=47820/udp --add-port=5353/udp && sudo firewall-cmd --reload"},
		"nftables":  {"systemctl is-active nftables", "active", "udp dport '{ 47820, 5353 }' accept"},
	}
	for name, w := range walls {
		t.Run(name, func(t *testing.T) {
			m := healthy()
			m.text[w.source] = w.content
			if r := find(t, m, "firewall"); r.State != OK || !strings.Contains(r.What, "phones come through") {
				t.Errorf("with a phone: %+v", r)
			}
			m.status.Phones[0].Connected, m.status.Phones[0].LastSeen = false, time.Time{}
			if r := find(t, m, "firewall"); r.State != Warning || !strings.Contains(r.What, name) || !strings.Contains(r.Remedy, w.command) {
				t.Errorf("without: %+v", r)
			}
			m.status.Port = 0
			if r := find(t, m, "firewall"); r.State != Skipped {
				t.Errorf("without a port: %+v", r)
			}
		})
	}
	m := healthy()
	m.text["/etc/ufw/ufw.conf"], m.text["systemctl is-active nftables"] = "ENABLED=no\n", "inactive"
	if r := find(t, m, "firewall"); r.State != OK || !strings.Contains(r.What, "No firewall") {
		t.Errorf("all off: %+v", r)
	}
}

// Where the rules can be read, a phone that is connected proves nothing: its connection may be older than the rules.
func TestFirewallsWhoseRulesCanBeRead(t *testing.T) {
	const ufwOn = "/etc/ufw/ufw.conf"
	for _, test := range []struct {
		name  string
		text  map[string]string
		state State
		says  string
	}{
		{"ufw lets in", map[string]string{ufwOn: "ENABLED=yes", "/etc/ufw/user.rules": "-A ufw-user-input -p udp --dport 47820 -j ACCEPT"}, OK, "lets UDP"},
		{"ufw keeps out", map[string]string{ufwOn: "ENABLED=yes", "/etc/ufw/user.rules": "-A ufw-user-input -p tcp --dport 22 -j ACCEPT"}, Broken, "ufw is on and keeps"},
		{"firewalld lets in", map[string]string{"firewall-cmd --query-port 47820/udp": "yes"}, OK, "firewalld is on and lets"},
		{"firewalld keeps out", map[string]string{"firewall-cmd --query-port 47820/udp": "no"}, Broken, "firewalld is on and keeps"},
		{"nothing for input", map[string]string{"nft list ruleset": "table inet nat {\n}"}, OK, "No firewall"},
	} {
		m := healthy()
		maps.Copy(m.text, test.text)
		if r := find(t, m, "firewall"); r.State != test.state || !strings.Contains(r.What, test.says) {
			t.Errorf("%s: %+v", test.name, r)
		}
	}
}

func TestRulesOfNftables(t *testing.T) {
	for rules, want := range map[string]verdict{
		"policy drop":   closed,
		"policy accept": open,
		"policy drop; tcp dport 22 accept; udp dport 47820 accept":                        open,
		"policy drop; udp dport { 5353, 47000-47999 } accept":                             open,
		"policy drop; udp dport { 5353, 47821 } accept":                                   closed,
		"policy drop; udp dport != 47820 accept":                                          closed,
		"policy accept; udp dport 47820 drop":                                             closed,
		"policy accept; reject with icmpx admin-prohibited":                               closed,
		"policy drop; jump other":                                                         unknown,
		"policy drop; jump other; udp dport 47820 counter packets 0 bytes 0 accept":       open,
		"policy drop; ct state established,related accept; iifname \"lo\" accept; accept": open,
	} {
		policy, rest, _ := strings.Cut(rules, "; ")
		text := "table inet filter {\n\tchain other {\n\t\taccept\n\t}\n\n\tchain mine {\n\t\ttype filter hook input priority filter; " +
			policy + ";\n\t\t" + strings.ReplaceAll(rest, "; ", "\n\t\t") + "\n\t}\n}\n"
		got, at := judge(text, 47820)
		if got != want || at != "inet filter mine" {
			t.Errorf("%s: %s at %q; want %s", rules, got, at, want)
		}
	}
	if got, _ := judge("", 47820); got != off {
		t.Errorf("no rules: %s", got)
	}
}

func FuzzRules(f *testing.F) {
	f.Add("table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\tudp dport { 1-2 } accept\n}}")
	f.Fuzz(func(t *testing.T, rules string) { judge(rules, 47820) })
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte{0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, packet []byte) {
		answerFor(packet, dnsmessage.MustNewName("tk-abcdefghij234567.local."))
	})
}
