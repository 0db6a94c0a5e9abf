//go:build linux

package breaking

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"
	"os"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/pion/webrtc/v4"

	"tallykey/daemon/desktop/desktoptest"
	"tallykey/daemon/doctor"
	"tallykey/daemon/phonelink"
	"tallykey/daemon/registration"
	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

// lockKeyring locks the collection, as a person does in the desktop's program for it.
func (m *machine) lockKeyring() {
	m.t.Helper()
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	must(m.t, desktoptest.Connect(m.t).Object("org.freedesktop.secrets", "/org/freedesktop/secrets").
		Call("org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}).Store(&locked, &prompt))
	if len(locked) != 1 {
		m.t.Fatalf("locked %v", locked)
	}
}

const alice = "Alice’s phone"

var networks = []breakage{
	{check: "phone link", name: "port taken while it was away", harm: func(m *machine) {
		m.phone.leave()
		m.stopDaemon()
		m.leave = m.occupy(m.port)
		m.startDaemon()
		m.phone.start() // it looks at the next ports
	}, state: doctor.Warning, says: "was taken", do: "ss -ulpn 'sport", mend: func(m *machine) {
		m.leave()
		m.restartDaemon() // it stays where phones know it now
	}},
	{check: "phone link", name: "port that the person insists on taken", harm: func(m *machine) {
		m.leave = m.occupy(m.port + 10)
		m.restartDaemon("--port", fmt.Sprint(m.port+10))
	}, state: doctor.Broken, says: "could not start", do: "ss -ulpn", mend: func(m *machine) {
		m.leave()
		m.restartDaemon()
	}},
	{check: "certificate", name: "ends soon", harm: func(m *machine) {
		m.identity = m.changeIdentity(func(id *registration.Identity) {
			id.CertificatePEM = certificateUntil(m.t, time.Now().AddDate(0, 3, 0))
		})
	}, state: doctor.Warning, says: "ends on", do: "pair", mend: func(m *machine) {
		m.changeIdentity(func(id *registration.Identity) { *id = m.identity })
	}},
	{check: "network", name: "down", harm: func(m *machine) { m.host.IP("link set lan0 down") }, state: doctor.Broken, says: "in no network",
		do: "nmcli", mend: func(m *machine) { m.host.IP("link set lan0 up") }},
	{check: "network", name: "another interface chosen", harm: func(m *machine) { m.run("tallykey settings set interfaces=wlan9") },
		state: doctor.Broken, says: "wlan9", do: "interfaces=all"},
	{check: "multicast", name: "off", harm: func(m *machine) { m.host.IP("link set lan0 multicast off") }, state: doctor.Warning,
		says: "no interface carries multicast", do: "multicast on", mend: func(m *machine) { m.host.IP("link set lan0 multicast on") }},
	{check: "announcement", name: "not made", harm: func(m *machine) { m.restartDaemon("--no-mdns") }, state: doctor.Warning,
		says: "Nobody answers to the name tk-", do: "--no-mdns", mend: func(m *machine) { m.restartDaemon() }},
}

// certificateUntil is one as an early version of the daemon made it, with an end.
func certificateUntil(t testing.TB, end time.Time) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	cert, err := webrtc.NewCertificate(key, x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: end.AddDate(-20, 0, 0), NotAfter: end})
	must(t, err)
	text, err := phonelink.EncodeCertificate(*cert)
	must(t, err)
	return text
}

// changeIdentity changes who this desktop is, in the real keyring, while no daemon runs. It returns what was there.
func (m *machine) changeIdentity(change func(*registration.Identity)) (before registration.Identity) {
	m.t.Helper()
	m.stopDaemon()
	store, err := registration.Open(m.t.Context(), registration.NewOSKeyring(registration.Options{}))
	must(m.t, err)
	before, _ = store.Identity()
	after := before
	change(&after)
	must(m.t, store.SetIdentity(m.t.Context(), after))
	m.startDaemon()
	return before
}

// A machine drops everything but a few answers, as the example that comes with nftables does.
const strict = `nft -f - <<END
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif "lo" accept
		tcp dport 22 accept
	}
}
END`

var firewalls = []breakage{
	{check: "firewall", name: "nftables", harm: func(m *machine) { m.run(strict) }, state: doctor.Broken, says: "keeps phones out",
		do: "sudo nft insert rule inet filter input"}, // then phones come through it
	{check: "firewall", name: "ufw", harm: func(m *machine) {
		m.run("nft delete table inet filter")
		must(m.t, os.MkdirAll(m.path("etc/ufw"), 0o755))
		m.write("etc/ufw/ufw.conf", "ENABLED=yes\n")
		m.write("etc/ufw/user.rules", "-A ufw-user-input -p tcp --dport 22 -j ACCEPT\n")
		m.in = []string{"unshare", "--mount", "sh", "-c", `mount --bind "$0" /etc && exec "$@"`, m.path("etc")}
	}, state: doctor.Broken, says: "ufw is on", do: "sudo ufw allow", mend: func(m *machine) { m.in = nil }},
	{check: "firewall", name: "firewalld", harm: func(m *machine) {
		must(m.t, os.WriteFile(m.path("bin/firewall-cmd"), []byte("#!/bin/sh\necho no\nexit 1\n"), 0o755))
	}, state: doctor.Broken, says: "firewalld is on", do: "sudo firewall-cmd --permanent --add-port=",
		mend: func(m *machine) { must(m.t, os.Remove(m.path("bin/firewall-cmd"))) }},
}

// What phones say arrives, and nothing but names gets back to them.
const deaf = `nft -f - <<END
table inet deaf {
	chain output {
		type filter hook output priority filter; policy accept;
		ip daddr 10.88.0.1 udp sport != 5353 drop
	}
}
END`

var phones = []breakage{
	{check: "last requests", name: "one failure three times", harm: func(m *machine) {
		for range 3 {
			if m.phone.register("alice@contoso.example", virtual.FailVerification) == nil {
				m.t.Fatal("registered without verification")
			}
		}
	}, state: doctor.Warning, says: "last 3 requests", mend: func(m *machine) {
		must(m.t, m.phone.register("bob@contoso.example", virtual.Approve))
	}},
	{check: "trial", name: "ended under a phone of it", harm: func(m *machine) {
		m.second = newPhone(m, virtual.Options{Name: "Trial phone", KeyProtection: link.PIN})
		m.second.pair()
	}, state: doctor.Warning, says: "can't open its app", do: "trial=on"},
	{check: "trial", name: "(back)", harm: func(m *machine) { m.run("tallykey settings set trial=off") }, state: doctor.Warning,
		says: "can't open its app", do: "trial=on", mend: func(m *machine) {
			m.second.leave()
			for _, p := range m.status().Phones {
				if p.Name == "Trial phone" {
					m.run("tallykey phones remove " + p.ID)
				}
			}
		}},
	{check: "phones", name: "off", shows: alice, harm: func(m *machine) { m.phone.leave() }, state: doctor.Warning, says: "Away since",
		do: "same network", mend: func(m *machine) { m.phone.start() }},
	{check: "phones", name: "whose clock is wrong", shows: alice, harm: func(m *machine) {
		m.phone.leave()
		m.phone.options.Now = func() time.Time { return time.Now().Add(time.Hour) }
		m.phone.start()
	}, state: doctor.Warning, says: "clock differs", do: "set-ntp", mend: func(m *machine) {
		m.phone.leave()
		m.phone.options.Now = nil
		m.phone.start()
	}},
	{check: "phones", name: "whose answers are lost", shows: alice, harm: func(m *machine) {
		m.phone.leave()
		m.run(deaf)
		m.phone.start()
	}, state: doctor.Warning, says: "answers do not reach it", do: "client isolation", mend: func(m *machine) { m.run("nft delete table inet deaf") }},
	{check: "phones", name: "none", harm: func(m *machine) {
		m.run("tallykey phones remove " + m.status().Phones[0].ID)
	}, state: doctor.Warning, says: "No phone is paired", do: "tallykey pair", mend: func(m *machine) { m.phone.pair() }},
	{check: "phones", name: "of an earlier pairing", shows: alice, harm: func(m *machine) {
		m.phone.leave()
		m.run("tallykey phones remove " + m.status().Phones[0].ID)
		m.second = newPhone(m, virtual.Options{Name: alice})
		m.second.pair()
		m.second.leave()
		m.phone.start()
	}, state: doctor.Warning, says: "no pairing with", do: "tallykey pair", mend: func(m *machine) {
		m.phone.leave()
		m.second.start()
	}},
}
