package login

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/registration"
)

// ready are accounts with one sign-in whose tokens are good.
func ready(t testing.TB) *Accounts {
	t.Helper()
	end := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	a := &Accounts{Keyring: &registration.Memory{NoList: true}, Lock: FileLock(t.TempDir()), Now: func() time.Time { return end.Add(-time.Hour) }}
	cfg := Config{Issuer: "https://login.contoso.example", ClientID: clientID}
	hosts := []string{"git.contoso.example", "Registry.contoso.example:5000"}
	if err := a.Keep(t.Context(), cfg, hosts, Tokens{Access: "acc", Refresh: "ref", ID: "idt", Expires: end, IDExpires: end, Account: alice, Subject: "a1"}); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestGit(t *testing.T) {
	const right = "username=alice@contoso.example\npassword=acc\npassword_expiry_utc=1795446000\n"
	for _, c := range []struct{ operation, in, want string }{
		{"get", "protocol=https\nhost=git.contoso.example\n\n", right},
		{"get", "capability[]=authtype\nprotocol=https\nhost=GIT.contoso.example\npath=a/b.git\nwwwauth[]=Basic realm=x\n", right},
		{"get", "protocol=https\nhost=git.contoso.example\nusername=alice@contoso.example\n", right},
		{"get", "protocol=https\nhost=git.contoso.example\nusername=bob\n", ""},
		{"get", "protocol=http\nhost=git.contoso.example\n", ""},
		{"get", "protocol=https\nhost=git.contoso.example.evil.example\n", ""},
		{"get", "protocol=https\nhost=git.contoso.example:8443\n", ""},
		{"get", "protocol=https\nhost=registry.contoso.example:5000\n", right},
		{"get", "protocol=https\nhost=\n", ""},
		{"get", "protocol=https\n\nhost=git.contoso.example\n", ""},
		{"get", "", ""},
		{"store", "protocol=https\nhost=git.contoso.example\nusername=x\npassword=y\n", ""},
		{"capability", "", ""},
	} {
		var out bytes.Buffer
		if err := ready(t).Git(t.Context(), c.operation, strings.NewReader(c.in), &out); err != nil || out.String() != c.want {
			t.Errorf("%s %q: %q %v", c.operation, c.in, out.String(), err)
		}
	}
	if err := ready(t).Git(t.Context(), "get", strings.NewReader("no attribute\n"), &bytes.Buffer{}); !errors.Is(err, ErrHelper) {
		t.Error(err)
	}
	a := ready(t)
	if err := a.Git(t.Context(), "erase", strings.NewReader("protocol=https\nhost=git.contoso.example\npassword=acc\n"), &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	if one, err := a.Get(t.Context(), "https://login.contoso.example"); err != nil || one.Access != "" || one.Refresh != "ref" {
		t.Errorf("%+v %v", one, err)
	}
}

func TestDocker(t *testing.T) {
	for _, c := range []struct {
		operation, in, want string
		err                 error
	}{
		{"get", "registry.contoso.example:5000", `{"Secret":"acc","ServerURL":"registry.contoso.example:5000","Username":"alice@contoso.example"}`, nil},
		{"get", "https://git.contoso.example/v1/\n", `{"Secret":"acc","ServerURL":"https://git.contoso.example/v1/","Username":"alice@contoso.example"}`, nil},
		{"get", "http://git.contoso.example", "", ErrDocker},
		{"get", "https://index.docker.io/v1/", "", ErrDocker},
		{"get", "", "", ErrDocker},
		{"list", "", `{"git.contoso.example":"alice@contoso.example","registry.contoso.example:5000":"alice@contoso.example"}`, nil},
		{"store", `{"ServerURL":"x"}`, "", nil},
		{"erase", "x", "", nil},
		{"rm", "", "", ErrHelper},
	} {
		var out bytes.Buffer
		err := ready(t).Docker(t.Context(), c.operation, strings.NewReader(c.in), &out)
		if !errors.Is(err, c.err) || strings.TrimSpace(out.String()) != c.want {
			t.Errorf("%s %q: %q %v", c.operation, c.in, out.String(), err)
		}
	}
}

func TestKubernetes(t *testing.T) {
	for info, want := range map[string]string{
		"": "client.authentication.k8s.io/v1",
		`{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","spec":{"interactive":false}}`: "client.authentication.k8s.io/v1beta1",
		`{"apiVersion":"client.authentication.k8s.io/v2"}`:                                                           "", "{": "",
	} {
		var out bytes.Buffer
		err := ready(t).Kubernetes(t.Context(), "https://login.contoso.example", info, &out)
		if want == "" {
			if !errors.Is(err, ErrHelper) || out.Len() > 0 {
				t.Errorf("%s: %v", info, err)
			}
			continue
		}
		var got map[string]any
		if e := json.Unmarshal(out.Bytes(), &got); err != nil || e != nil {
			t.Fatal(err, e)
		}
		right := map[string]any{"kind": "ExecCredential", "apiVersion": want, "status": map[string]any{"token": "idt", "expirationTimestamp": "2026-11-23T15:00:00Z"}}
		if d := cmp.Diff(right, got); d != "" {
			t.Error(d)
		}
	}
	if err := ready(t).Kubernetes(t.Context(), "https://login.fabrikam.example", "", &bytes.Buffer{}); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
}

// A stranger's question gets a token only where it names a host that was kept, by https.
func FuzzGit(f *testing.F) {
	a := ready(f)
	f.Add("protocol=https\nhost=git.contoso.example\n")
	f.Add("host=git.contoso.example\nprotocol=http\nprotocol=https\n\x00")
	f.Fuzz(func(t *testing.T, in string) {
		var out bytes.Buffer
		_ = a.Git(t.Context(), "get", strings.NewReader(in), &out)
		asked := strings.ToLower(in)
		if out.Len() > 0 && (!strings.Contains(asked, "protocol=https\n") && !strings.HasSuffix(strings.TrimRight(asked, "\r"), "protocol=https") && !strings.Contains(asked, "protocol=https\r") || !strings.Contains(asked, ".contoso.example")) {
			t.Errorf("%q got a token", in)
		}
	})
}

func FuzzDocker(f *testing.F) {
	a := ready(f)
	f.Add("https://git.contoso.example/v2/")
	f.Add("git.contoso.example/../x")
	f.Fuzz(func(t *testing.T, in string) {
		var out bytes.Buffer
		if err := a.Docker(t.Context(), "get", strings.NewReader(in), &out); err == nil && !strings.Contains(strings.ToLower(in), ".contoso.example") {
			t.Errorf("%q got a token", in)
		}
	})
}

func FuzzKubernetes(f *testing.F) {
	f.Add(`{"apiVersion":"client.authentication.k8s.io/v1"}`)
	f.Fuzz(func(t *testing.T, info string) {
		if v, err := kubernetesVersion(info); (v == "") != (err != nil) {
			t.Errorf("%q: %q %v", info, v, err)
		}
	})
}
