package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
)

// fakeDaemon answers the command line until the test ends.
func fakeDaemon(t *testing.T) *apitest.Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "tk") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	server, err := apitest.Listen(api.SocketPath())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server
}

// typed runs the command line and returns what it says.
func typed(t *testing.T, line string) (code int, out, err string) {
	t.Helper()
	var o, e bytes.Buffer
	var args []string
	for word := range strings.SplitSeq(line, " ") {
		args = append(args, strings.ReplaceAll(word, "_", " "))
	}
	return Main(args, strings.NewReader(""), &o, &e), o.String(), e.String()
}

// Everything that the window can do can be typed. An underscore is a blank inside an argument.
func TestTheTwinOfTheWindow(t *testing.T) {
	for _, test := range []struct {
		line, method, params string
		says                 string
	}{
		{"phones rename p2 Old_phone", api.MethodRenamePhone, `{"id":"p2","name":"Old phone"}`, "Renamed"},
		{"phones rename p2 ", api.MethodRenamePhone, `{"id":"p2","name":""}`, "Renamed"},
		{"phones remove p2", api.MethodRemovePhone, `{"id":"p2"}`, "Removed"},
		{"registrations remove c2", api.MethodRemoveRegistration, `{"id":"c2"}`, "Removed"},
		{"registrations mode c1 type", api.MethodSetMode, `{"id":"c1","mode":"type"}`, "Changed"},
		{"registrations restore c4", api.MethodRestore, `{"id":"c4"}`, "used again"},
		{"registrations renew c1", api.MethodManage, `{"id":"c1"}`, "https://"},
		{"settings set type-numbers=on interfaces=lan0,lan1", api.MethodChangeSettings,
			`{"typeNumbers":true,"interfaces":["lan0","lan1"]}`, "lan0,lan1"},
		{"settings set interfaces=all start-at-login=off", api.MethodChangeSettings, `{"startAtLogin":false,"interfaces":[]}`, "all"},
		{"pause", api.MethodPause, `{}`, "until you resume"},
		{"pause --for 90m", api.MethodPause, `{"seconds":5400}`, "paused until"},
		{"pause shop.example --for 1s", api.MethodPause, `{"origin":"https://shop.example","seconds":1}`, "https://shop.example"},
		{"resume http://localhost:8080/", api.MethodResume, `{"origin":"http://localhost:8080"}`, "Nothing is paused"},
	} {
		for _, flag := range []string{"", " --json"} {
			t.Run(test.line+flag, func(t *testing.T) {
				server := fakeDaemon(t)
				server.SetRegistrations(apitest.Registrations())
				server.SetStatus(func() api.Status { s := apitest.Status(); s.Pauses = nil; return s }())
				code, out, err := typed(t, test.line+flag)
				if code != exitOK || err != "" {
					t.Fatalf("exit code %d: %s", code, err)
				}
				if flag == "" && !strings.Contains(out, test.says) {
					t.Errorf("says %q", out)
				}
				if flag != "" && !json.Valid([]byte(out)) {
					t.Errorf("no JSON: %q", out)
				}
				call, awaited := server.Await(t.Context(), test.method)
				if awaited != nil {
					t.Fatal(awaited)
				}
				if diff := cmp.Diff(fields(t, []byte(test.params)), fields(t, call.Params)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// Methods that are for programs, not for people.
var forPrograms = map[string]string{
	"MethodCreate": "the extension's", "MethodGet": "the extension's", "MethodCandidates": "the extension's", "MethodSignal": "the extension's",
	"MethodSite": "the extension's popup", "MethodBrowser": "the extension's", "MethodPainted": "the window says that it is on the screen",
	"MethodCancelCall": "the client's own, where a call is given up", "MethodWatch": "the client's own, under what goes on",
}

// Whatever a method of the API can do can be typed, or there is a reason here.
func TestEveryMethodCanBeTyped(t *testing.T) {
	var sources string
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			sources += read(t, file)
		}
	}
	methods := regexp.MustCompile(`(?m)^\s*(?:const )?(Method\w+) +=`).FindAllStringSubmatch(read(t, "../api/api.go")+read(t, "../api/client.go"), -1)
	if len(methods) < 25 {
		t.Fatalf("found %d methods: the pattern no longer fits", len(methods))
	}
	for _, m := range methods {
		typed := regexp.MustCompile(`\bapi\.` + m[1] + `\b`).MatchString(sources)
		if _, program := forPrograms[m[1]]; typed == program {
			t.Errorf("%s: can be typed: %t, is for programs: %t", m[1], typed, program)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What waits can be seen with its number, followed, cancelled and reported.
func TestRequestsAreShownAndEnded(t *testing.T) {
	server := fakeDaemon(t)
	if _, out, _ := typed(t, "requests"); out != "No request waits.\n" {
		t.Errorf("%q", out)
	}
	if _, out, _ := typed(t, "requests --json"); out != "[]\n" {
		t.Errorf("%q", out)
	}
	if code, _, err := typed(t, "requests cancel"); code != exitFailed || !strings.Contains(err, "request_unknown") {
		t.Errorf("exit code %d, %q", code, err)
	}
	r := apitest.Request(api.Delivered)
	server.Put(r)
	status := apitest.Status()
	status.Request = &r
	server.SetStatus(status)
	if _, out, _ := typed(t, "requests"); !strings.Contains(out, r.Number) || !strings.Contains(out, r.Host) {
		t.Errorf("%q", out)
	}
	for line, method := range map[string]string{"requests cancel": api.MethodCancel, "requests report r1": api.MethodReport, "requests another-way r1": api.MethodAnotherWay} {
		server.Put(r)
		if code, _, err := typed(t, line); code != exitOK {
			t.Fatalf("%s: %s", line, err)
		}
		call, err := server.Await(t.Context(), method)
		if err != nil || string(call.Params) != `{"id":"r1"}` {
			t.Errorf("%s: %s, %v", line, call.Params, err)
		}
	}
}

func TestRequestsFollowed(t *testing.T) {
	server := fakeDaemon(t)
	server.Put(apitest.Request(api.Waiting))
	ctx, leave := context.WithCancel(t.Context())
	r, w := io.Pipe()
	result := make(chan error, 1)
	go func() {
		result <- runRequests(ctx, env{nil, w, io.Discard}, []string{"--follow", "--json"})
		w.Close()
	}()
	lines := json.NewDecoder(r)
	for i, want := range []api.State{api.Waiting, api.Delivered, api.Ended} {
		if i > 0 {
			server.Put(map[api.State]api.Request{api.Delivered: apitest.Request(api.Delivered), api.Ended: apitest.Ended(api.Approved)}[want])
		}
		var got api.Request
		if err := lines.Decode(&got); err != nil || got.State != want {
			t.Fatalf("told of %q, %v; want %q", got.State, err, want)
		}
	}
	leave()
	if err := <-result; err != nil {
		t.Errorf("a person who leaves is told of a failure: %v", err)
	}
}

// Every command prints JSON where it is asked to, and nothing else.
func TestEveryCommandPrintsJSON(t *testing.T) {
	lines := map[string]string{"status": "", "phones": "", "registrations": "", "requests": "", "activity": "", "pause": "", "resume": "",
		"settings": "", "doctor": "", "browsers": "list", "completion": "bash", "version": ""}
	elsewhere := map[string]string{"daemon": "runs on; its log is", "pair": "waits for a phone; see e2e", "stop": "in testdata/script", "keyring": "in testdata/script",
		"login": "needs a provider", "logout": "needs a provider", "credential": "answers a program in that program's own form"}
	for _, c := range commands() {
		words, here := lines[c.name]
		if _, other := elsewhere[c.name]; here == other {
			t.Errorf("%s: tried here: %t, elsewhere: %t", c.name, here, other)
		}
		if !here {
			continue
		}
		fakeDaemon(t)
		_, out, err := typed(t, strings.TrimSpace(c.name+" "+words)+" --json")
		if !json.Valid([]byte(out)) {
			t.Errorf("%s: %q, %q", c.name, out, err)
		}
	}
}

func fields(t *testing.T, data []byte) (out map[string]any) {
	t.Helper()
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return out
}

func TestWhatIsTypedWrongIsToldWithoutADaemon(t *testing.T) {
	for line, says := range map[string]string{
		"settings set typed=on": `no setting "typed"`, "settings set trial": "needs a value", "settings set trial=yes": `"on" or "off"`,
		"settings put": "usage", "settings get": "usage", "settings get nothing": "no setting",
		"phones rename p1": "rename ID NAME", "phones forget p1": "remove ID", "registrations mode c1": "mode ID choose|type",
		"pause a b": "usage", "pause --for -1h": "usage", "resume a b": "usage", "pause --for soon": "soon",
		"activity --code nothing": `no code "nothing"`, "activity --since yesterday": "is no time", "activity --format xml": `format "xml"`,
		"activity --follow --format csv": "no csv",
	} {
		if code, out, err := typed(t, line); code != exitUsage || out != "" || !strings.Contains(err, says) {
			t.Errorf("%s: exit code %d, %q, %q", line, code, out, err)
		}
	}
}

func TestSettingsAreShown(t *testing.T) {
	server := fakeDaemon(t)
	status := apitest.Status()
	status.Settings = api.Settings{TypeNumbers: true}
	server.SetStatus(status)
	for name, want := range map[string]string{"type-numbers": "on\n", "trial": "off\n", "interfaces": "all\n"} {
		if _, out, _ := typed(t, "settings get "+name); out != want {
			t.Errorf("%s: %q", name, out)
		}
	}
	_, out, _ := typed(t, "settings")
	for _, name := range settingNames() {
		if !strings.Contains(out, name) {
			t.Errorf("no %s in %s", name, out)
		}
	}
}

func TestActivityAsCSV(t *testing.T) {
	server := fakeDaemon(t)
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	server.SetActivity([]api.Activity{
		{Request: "r2", Time: at, Action: "get", Code: api.TimedOut, RPID: "shop.example", Account: `=HYPERLINK("x")`, Millis: 60000},
		{Request: "r1", Time: at.Add(-time.Hour), Action: "get", Code: api.Approved, Account: "a,\"b\"\nc"},
	})
	_, out, _ := typed(t, "activity --format csv")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v: %q", err, out)
	}
	first := map[string]string{}
	for i, name := range rows[0] {
		first[name] = rows[1][i]
	}
	row := api.TimedOut.Outcome().En
	for name, want := range map[string]string{"request": "r2", "code": "timed_out", "what": row.What, "remedy": row.Remedy,
		"account": `'=HYPERLINK("x")`, "milliseconds": "60000", "time": "2026-11-23T09:00:00Z"} {
		if first[name] != want {
			t.Errorf("%s: %q; want %q", name, first[name], want)
		}
	}
	if rows[2][9] != "a,\"b\"\nc" {
		t.Errorf("account %q", rows[2][9])
	}
}

func TestActivityIsFiltered(t *testing.T) {
	server := fakeDaemon(t)
	now := time.Now()
	server.SetActivity([]api.Activity{{Request: "new", Time: now.Add(-time.Minute), Code: api.Approved},
		{Request: "declined", Time: now.Add(-2 * time.Hour), Code: api.Declined},
		{Request: "old", Time: now.AddDate(0, 0, -10), Code: api.Approved}})
	for flags, want := range map[string][]string{
		"": {"new", "declined", "old"}, " --since 1h": {"new"}, " --since 7d": {"new", "declined"}, " --code declined": {"declined"},
		" --code declined,approved --since 7d": {"new", "declined"}, " --since " + now.AddDate(0, 0, 1).Format(time.DateOnly): {},
	} {
		code, out, _ := typed(t, "activity --json"+flags)
		var got []api.Activity
		if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK || got == nil {
			t.Fatalf("%s: %v, %q", flags, err, out)
		}
		ids := []string{}
		for _, a := range got {
			ids = append(ids, a.Request)
		}
		if diff := cmp.Diff(want, ids); diff != "" {
			t.Errorf("%s:\n%s", flags, diff)
		}
	}
}
