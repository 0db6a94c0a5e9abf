package apitest

import (
	"time"

	"tallykey/daemon/api"
)

// Link is the pairing link that the server hands out: as long as a real one, and good for nothing.
const Link = "https://phone.example/#v=1&d=aaaqeayeaudaocaj&n=alice-desktop&p=47820&a=192.0.2.24,2001:db8::24" +
	"&f=Zm9yIHBpY3R1cmVzIG9ubHksIG5vIGNlcnRpZmljYXQ&s=bm90IGEgc2VjcmV0ICEh"

// Request is Alice's sign-in at her mail, in the state given, with 47 of its 60 seconds left. The number stands in it
// where the daemon would send it.
func Request(state api.State) api.Request {
	now := time.Now()
	r := api.Request{ID: "r1", Action: "get", State: state, Host: "mail.contoso.example", Domain: "contoso.example",
		RPID: "contoso.example", Account: "alice@contoso.example", Browser: "Firefox", Phone: "Alice’s phone",
		Mode: "choose", Started: now.Add(-13 * time.Second), Expires: now.Add(47 * time.Second)}
	if state == api.Delivered || state == api.Answering {
		r.Number = "26"
	}
	return r
}

// Ended is Request after its end.
func Ended(code api.Code) api.Request {
	r := Request(api.Ended)
	r.Code = code
	return r
}

// Phones are a connected phone and one that is away.
func Phones() []api.Phone {
	now := time.Now()
	return []api.Phone{
		{ID: "p1", Name: "Alice’s phone", App: "https://phone.example", Paired: now.AddDate(0, -2, 0),
			KeyProtection: "prf", Push: true, Connected: true, LastSeen: now},
		{ID: "p2", Name: "Spare phone", App: "https://phone.example", Paired: now.AddDate(0, -5, 0),
			KeyProtection: "device", LastSeen: now.AddDate(0, 0, -20)},
	}
}

// Registrations are two accounts of one tenant, the second with typed numbers, one at another website, and one that its
// website no longer takes.
func Registrations() []api.Registration {
	now := time.Now()
	on := func(id, rp, account string) api.Registration {
		return api.Registration{ID: id, RPID: rp, Account: account, Phone: "p1", PhoneName: "Alice’s phone",
			KeyProtection: "prf", Created: now.AddDate(0, -1, 0), LastUsed: now.Add(-2 * time.Minute)}
	}
	all := []api.Registration{on("c1", "contoso.example", "alice@contoso.example"),
		on("c2", "contoso.example", "alice.admin@contoso.example"), on("c3", "git.northwind.example", "alice-dev"),
		on("c4", "shop.example", "alice@shop.example")}
	all[1].Mode = "type"
	all[2].LastUsed = time.Time{}
	all[3].Hidden = true
	return all
}

// Pages are where two of the websites let people manage their passkeys, by RP ID.
func Pages() map[string]string {
	return map[string]string{"contoso.example": "https://contoso.example/security/passkeys",
		"git.northwind.example": "https://git.northwind.example/settings/keys"}
}

// Trial is the phone app as a desktop in trial mode serves it.
func Trial() *api.Trial {
	return &api.Trial{URL: "https://192.0.2.24:47821/", Fingerprint: "3A:F1:09:5C:77:D2:4E:B8:60:1F:93:AC:25:DE:48:71:" +
		"0B:96:E4:3D:58:C7:12:AF:86:F0:2D:69:BE:14:A3:5F"}
}

// Status is that of a daemon where all is well but for the tray, which is normal on some desktops.
func Status() api.Status {
	ready := api.Part{State: "ready"}
	return api.Status{Version: "0.1.0", PID: 4711, Started: time.Now().Add(-time.Hour), Desktop: "aaaqeayeaudaocaj",
		Name: "alice-desktop", Host: "tk-aaaqeayeaudaocaj.local", Port: 47820, Addresses: []string{"192.0.2.24"},
		PhoneApp: "https://phone.example", Phones: Phones(), Registrations: 4, Keyring: ready, Link: ready,
		Tray: api.Part{State: "absent", Detail: "no panel shows tray icons here"}, Notifications: ready, ScreenLock: ready,
		Settings: api.Settings{StartAtLogin: true, WebPush: true}}
}

// Activity is a morning's.
func Activity() []api.Activity {
	day := time.Now()
	at := func(ago time.Duration, code api.Code, rp, host string) api.Activity {
		return api.Activity{Request: "r-" + string(code), Time: day.Add(-ago), Action: "get", Code: code,
			Origin: "https://" + host, RPID: rp, Account: "alice@contoso.example", Phone: "p1", Browser: "Firefox", Millis: 4200}
	}
	return []api.Activity{
		at(2*time.Minute, api.Approved, "contoso.example", "mail.contoso.example"),
		at(17*time.Minute, api.WrongNumber, "contoso.example", "portal.contoso.example"),
		at(3*time.Hour, api.TimedOut, "fabrikam.example", "wiki.fabrikam.example"),
		at(26*time.Hour, api.Declined, "contoso.example", "mail.contoso.example"),
	}
}
