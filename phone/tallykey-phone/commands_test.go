package main

import (
	"fmt"
	"strings"
	"testing"

	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

func TestScript(t *testing.T) {
	s, err := parseScript(strings.NewReader(`# to pair
{"decision": "approve", "choose": 1}

{"decision": "approve", "number": "07", "fault": "double-answer"}
{"decision": "decline"}`))
	if err != nil {
		t.Fatal(err)
	}
	r := request(link.Pair)
	for _, want := range []virtual.Decision{
		{Kind: virtual.Approve, Number: "26"},
		{Kind: virtual.Approve, Number: "07", Fault: virtual.DoubleAnswer},
		{Kind: virtual.Decline},
		{Kind: virtual.Ignore}, // it is over
	} {
		if got := s.decide(t.Context(), r); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

func TestScriptRefuses(t *testing.T) {
	for _, text := range []string{"approve", `{"decision":"perhaps"}`, `{"decision":"approve","fault":"perhaps"}`,
		`{"decision":"approve","later":1}`, `{"decision":"decline"}` + "\n{"} {
		if _, err := parseScript(strings.NewReader(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func FuzzScript(f *testing.F) {
	f.Add(`{"decision": "approve", "choose": 1}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseScript(strings.NewReader(text))
		if err != nil {
			return
		}
		for range s.steps {
			s.decide(t.Context(), &link.Request{})
		}
	})
}

// A program removes what the phone has; offline the commands do.
func TestRemove(t *testing.T) {
	d, state := newDesk(t), t.TempDir()
	p := start(t, state, "run", "--json", "--key-protection", "pin")
	p.type_(fmt.Sprintf(`{"pair":%q}`, d.offer()))
	p.type_(fmt.Sprintf(`{"id":%q,"decision":"approve","number":"26"}`, p.event("request")["id"]))
	d.want("paired")
	p.event("connected")
	p.type_(fmt.Sprintf(`{"id":%q,"decision":"approve","number":"26"}`, p.event("request")["id"]))
	d.want("registered")
	p.event("ended")
	p.type_(`{"leave":"zzzzzzzzzz234567"}`)
	if e := p.event("error"); !strings.Contains(fmt.Sprint(e), "no such desktop") {
		t.Errorf("%v", e)
	}
	p.in.Close()
	p.wait(0)
	_, all, err := virtual.Read(state + "/tallykey-phone/state.json")
	if err != nil || len(all) != 1 || all[0].Protection != link.PIN {
		t.Fatalf("%+v, %v", all, err)
	}
	p = start(t, state, "forget", "--credential", all[0].Credential)
	p.wait(0)
	p = start(t, state, "forget", "--credential", all[0].Credential)
	p.wait(exitFailed)
	p = start(t, state, "leave", "--desktop", deskID)
	p.wait(0)
	p = start(t, state, "list")
	p.until("leaving")
	p.wait(0)
}

// Without a number the person just unlocks.
func TestPersonApprovesWithoutNumber(t *testing.T) {
	for typed, want := range map[string]virtual.Kind{"yes": virtual.Approve, "no": virtual.FailVerification,
		"d": virtual.Decline, "r": virtual.Report, "": virtual.Ignore} {
		var out buffer
		who := &person{in: read(strings.NewReader(typed + "\n")), out: &out}
		got := who.decide(t.Context(), &link.Request{Action: link.Get, Origin: origin, Mode: link.Approve,
			Accounts: []link.Account{{Name: "alice@contoso.example"}}})
		if got.Kind != want || got.Number != "" {
			t.Errorf("%q: %+v", typed, got)
		}
		if strings.Contains(out.String(), "Number") {
			t.Errorf("a number is asked for:\n%s", &out)
		}
	}
}
