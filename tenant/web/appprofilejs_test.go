package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"tallykey/tenant/store"
)

// served is a bench behind a port of this machine, with a clock that goes and can be put forward: for programs of others.
func served(t *testing.T) (b *bench, issuer string, forward http.HandlerFunc) {
	t.Helper()
	var mu sync.Mutex
	var ahead time.Duration
	server := httptest.NewUnstartedServer(nil)
	issuer = "http://localhost:" + server.Listener.Addr().String()[len("127.0.0.1:"):]
	b = newBench(t, func(c *Config) {
		c.Issuer, _ = url.Parse(issuer)
		c.Now = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return time.Now().Add(ahead).UTC().Truncate(time.Millisecond)
		}
	})
	server.Config.Handler = b
	server.Start()
	t.Cleanup(server.Close)
	return b, issuer, func(_ http.ResponseWriter, r *http.Request) {
		seconds, _ := strconv.Atoi(r.FormValue("seconds"))
		mu.Lock()
		defer mu.Unlock()
		ahead += time.Duration(seconds) * time.Second
	}
}

// The table of ../check/profile.txt, with openid-client at the app's side, over HTTP.
func TestProfileWithOpenIDClient(t *testing.T) {
	b, issuer, forward := served(t)
	clock := httptest.NewServer(forward)
	defer clock.Close()
	type app struct {
		ID       string `json:"id"`
		Secret   string `json:"secret,omitempty"`
		Alg      string `json:"alg,omitempty"`
		Redirect string `json:"redirect,omitempty"`
		Bye      string `json:"bye,omitempty"`
	}
	apps := map[string]app{"mail": {ID: "mail", Secret: "s3cret:%+ &", Bye: signedOutAt}, "old": {ID: "old", Secret: "s3cret", Alg: "RS256"},
		"query": {ID: "query", Secret: "s3cret", Redirect: callback + "?tenant=1"}, "tv": {ID: "tv"}}
	for _, a := range apps {
		row := store.App{ID: a.ID, Name: a.ID, Alg: a.Alg, Redirects: []string{callback}, Logouts: []string{a.Bye}}
		switch {
		case a.Secret == "":
			row.Name, row.Native = "Television", true
		case a.Redirect != "":
			row.Redirects = []string{a.Redirect}
		}
		if a.Secret != "" {
			row.Secret = oidcHash(a.Secret)
		}
		if err := b.Store.CreateApp(t.Context(), row, store.Change{}); err != nil {
			t.Fatal(err)
		}
	}
	names := profileNames(t)
	in, err := json.Marshal(map[string]any{"issuer": issuer, "clock": clock.URL, "user": alice, "other": bob, "password": password, "callback": callback, "apps": apps, "names": names})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "../check/profile.mjs")
	var diag bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &diag
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err, diag.String())
	}
	eachTried(t, out, names)
}

// eachTried reads what the client says of each thing that it tried, a line each, and wants all names among them.
func eachTried(t *testing.T, out []byte, names []string) {
	t.Helper()
	tried := 0
	for _, line := range bytes.Split(bytes.TrimSpace(out), []byte("\n")) {
		var c struct {
			Name  string
			Error *string
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		t.Run(c.Name, func(t *testing.T) {
			if c.Error != nil {
				t.Error(*c.Error)
			}
			if !slices.Contains(names, c.Name) {
				t.Error("is not in the list")
			}
		})
		tried++
	}
	if tried < len(names) {
		t.Errorf("%d of %d were tried", tried, len(names))
	}
}
