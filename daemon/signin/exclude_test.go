package signin

import (
	"testing"
	"testing/synctest"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

func excluding(ids ...string) map[string]any {
	list := []any{}
	for _, id := range ids {
		list = append(list, map[string]any{"type": "public-key", "id": id, "transports": []string{"usb"}})
	}
	return map[string]any{"excludeCredentials": list}
}

// The person is asked before the website learns that the phone has its credential.
func TestAnExcludedCredentialEndsWithThePersonsConsent(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		id := link.B64.EncodeToString(d.store.Registrations()[0].Credential)
		end := d.createFrom(t.Context(), origin, "alice@contoso.example", excluding(id))
		r := got[*link.Request](d, phone)
		d.from(phone, &link.Received{ID: r.ID})
		select {
		case o := <-end:
			t.Fatalf("it ended before the person decided: %v", o.err)
		default:
		}
		d.from(phone, &link.Number{ID: r.ID, Number: d.last().Number})
		if e := got[*link.Ended](d, phone); e.Code != string(api.RegistrationExists) {
			t.Errorf("the phone hears %s", e.Code)
		}
		if o := <-end; o.code() != api.RegistrationExists || o.code().Outcome().Error != "InvalidStateError" || o.code().Outcome().FallThrough {
			t.Errorf("the website hears %v", o.err)
		}
		if n := len(d.store.Registrations()); n != 1 {
			t.Errorf("%d registrations", n)
		}
		last := d.journal.all[len(d.journal.all)-1]
		if last.Code != api.RegistrationExists || last.Phone != phone {
			t.Errorf("in the log: %+v", last)
		}
	})
}

func TestAnExcludedCredentialEndsAsUsualWithoutConsent(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(d *desk, phone string, r *link.Request)
		want api.Code
	}{
		"declined": {func(d *desk, phone string, r *link.Request) {
			d.from(phone, &link.Decline{ID: r.ID, Code: "declined"})
		}, api.Declined},
		"wrong number": {func(d *desk, phone string, r *link.Request) {
			d.from(phone, &link.Number{ID: r.ID, Number: wrongNumber(r, d.last().Number)})
		}, api.WrongNumber},
	} {
		t.Run(name, func(t *testing.T) {
			withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
				id := link.B64.EncodeToString(d.store.Registrations()[0].Credential)
				end := d.createFrom(t.Context(), origin, "alice@contoso.example", excluding(id))
				r := got[*link.Request](d, phone)
				d.from(phone, &link.Received{ID: r.ID})
				tt.do(d, phone, r)
				if o := <-end; o.code() != tt.want {
					t.Errorf("%v, want %s", o.err, tt.want)
				}
			})
		})
	}
}

// A person may register a second phone where the first is excluded; that is what the list is for.
func TestAnotherPhoneMayRegisterWhereOneIsExcluded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, a, b := newDesk(t), newTestPhone(t, desktopID), newTestPhone(t, desktopID)
		one, two := d.pair(a), d.pair(b)
		d.connect(one)
		made := d.register(one, a, "alice@contoso.example")
		d.connect(two)
		end := d.createFrom(t.Context(), origin, "alice@contoso.example", excluding(made.ID, "ICEiIyQlJicoKSorLC0uLw"))
		d.approve(two, b)
		if o := <-end; o.err != nil {
			t.Fatal(o.err)
		}
		all := d.store.Registrations()
		if len(all) != 2 || all[0].Phone == all[1].Phone {
			t.Errorf("%+v", all)
		}
	})
}

func TestACredentialOfAnotherWebsiteExcludesNothing(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		id := link.B64.EncodeToString(d.store.Registrations()[0].Credential)
		end := d.createFrom(t.Context(), "https://shop.example", "alice@contoso.example", excluding(id))
		d.approve(phone, p)
		if o := <-end; o.err != nil {
			t.Error(o.err)
		}
	})
}
