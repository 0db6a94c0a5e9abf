package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tallykey/daemon/login"
	"tallykey/daemon/registration"
	"tallykey/tenant/tenanttest"
)

// desk is a person with a terminal, a keyring, a browser, and a real tenant to sign in to.
type desk struct {
	*tenanttest.Tenant
	t       *testing.T
	keyring *registration.Memory
	http    *http.Client
	opened  []string
}

// tidied runs the tests with a folder for the tenant that they share, and removes it after them.
type tidied struct{ *testing.M }

var tenantFolder string

// Run implements testscript.TestingM.
func (m tidied) Run() int {
	var err error
	if tenantFolder, err = os.MkdirTemp("", "tenant"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(tenantFolder)
	return m.M.Run()
}

// sharedTenant is the tenant of these tests, which do nothing to it.
var sharedTenant = sync.OnceValues(func() (*tenanttest.Tenant, error) { return tenanttest.Start(tenantFolder) })

// newDesk makes the commands use this desk for the rest of the test.
func newDesk(t *testing.T) *desk {
	n, err := sharedTenant()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{Tenant: n, t: t, keyring: &registration.Memory{NoList: true}}
	lock := login.FileLock(t.TempDir())
	was := newTerminal
	newTerminal = func(e env) terminal {
		return terminal{e, &login.Accounts{Keyring: d.keyring, Lock: lock, HTTP: d.http, Now: d.Now}, d.open}
	}
	t.Cleanup(func() { newTerminal = was })
	return d
}

func (d *desk) open(address string) error {
	d.opened = append(d.opened, address)
	go func() {
		if err := d.Person().Open(address); err != nil {
			d.t.Error(err)
		}
	}()
	return nil
}

// run is what a command prints, and its exit code. The refresh token is in neither.
func (d *desk) run(in string, args ...string) (out, diag string, code int) {
	d.t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(args, strings.NewReader(in), &stdout, &stderr)
	if refresh := d.kept().Refresh; refresh != "" && strings.Contains(stdout.String()+stderr.String(), refresh) {
		d.t.Errorf("%v prints the refresh token", args)
	}
	return stdout.String(), stderr.String(), code
}

func (d *desk) kept() (one login.Account) {
	_ = json.Unmarshal([]byte(d.keyring.Items()[d.Issuer]), &one) // there may be none
	return one
}

// The whole story: sign in by the browser, list, print, ask as a helper, sign out.
func TestLogin(t *testing.T) {
	d := newDesk(t)
	if out, diag, code := d.run("", "login", d.Issuer, "--client-id", "terminal", "--host", "Git.contoso.example"); code != 0 || out != "" || !strings.Contains(diag, "Signed in as "+tenanttest.UPN) {
		t.Fatalf("%d %q %q", code, out, diag)
	}
	if len(d.opened) != 1 || !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/\?start=[A-Z2-7]+$`).MatchString(d.opened[0]) {
		t.Errorf("the browser was started with %q", d.opened)
	}
	if out, _, code := d.run("", "login"); code != 0 || !regexp.MustCompile(regexp.QuoteMeta(d.Issuer)+` +alice@contoso.example +git.contoso.example\n$`).MatchString(out) {
		t.Errorf("%d %q", code, out)
	}
	token, _, code := d.run("", "login", d.Issuer, "--print")
	if code != 0 || len(strings.Fields(token)) != 1 || len(d.opened) != 1 {
		t.Fatalf("%d %q, opened %v", code, token, d.opened)
	}
	out, _, _ := d.run("", "login", d.Issuer+"/", "--print", "--json")
	var all struct {
		Account, Access_token, Id_token string
		Expires_at                      time.Time
	}
	if err := json.Unmarshal([]byte(out), &all); err != nil || all.Access_token != strings.TrimSpace(token) || all.Account != tenanttest.UPN || strings.Count(all.Id_token, ".") != 2 || !all.Expires_at.After(d.Now()) {
		t.Errorf("%s %v", out, err)
	}
	if out, _, code = d.run("protocol=https\nhost=git.contoso.example\n", "credential", "git", "get"); code != 0 || !strings.Contains(out, "password="+token) {
		t.Errorf("%d %q", code, out)
	}
	if _, _, code = d.run("", "logout", d.Issuer); code != 0 {
		t.Error(code)
	}
	if _, diag, code := d.run("", "logout", d.Issuer); code != 1 || !strings.Contains(diag, "login_needed") {
		t.Errorf("%d %q", code, diag)
	}
	if out, _, code = d.run("protocol=https\nhost=git.contoso.example\n", "credential", "git", "get"); code != 0 || out != "" {
		t.Errorf("after signing out: %d %q", code, out)
	}
}

func TestLoginOnADevice(t *testing.T) {
	d := newDesk(t)
	d.http = d.Hurried()
	in, out := io.Pipe()
	var stdout bytes.Buffer
	done := make(chan int)
	go func() {
		done <- Main([]string{"login", d.Issuer, "--client-id", "terminal", "--device", "--json"}, strings.NewReader(""), &stdout, out)
		out.Close()
	}()
	var said strings.Builder
	code := regexp.MustCompile(`open (\S+) and type the code\n\n    (\S+)\n`)
	for buffer := make([]byte, 4096); code.FindString(said.String()) == ""; {
		n, err := in.Read(buffer)
		if err != nil {
			t.Fatal(said.String(), err)
		}
		said.Write(buffer[:n])
	}
	go io.Copy(io.Discard, in)
	m := code.FindStringSubmatch(said.String())
	if err := d.Person().Decide(m[1], m[2], "let"); err != nil {
		t.Fatal(err)
	}
	if exit := <-done; exit != 0 || stdout.String() != `{"account":"alice@contoso.example"}`+"\n" || len(d.opened) > 0 {
		t.Errorf("%d %q, opened %v", exit, stdout.String(), d.opened)
	}
}

// Each end has its exit code, and its row of the table.
func TestLoginRefusals(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"login https://127.0.0.1:1 --client-id x", 1, "issuer_unknown"},
		{"login http://login.contoso.example --client-id x", 1, "issuer_unknown"},
		{"login ISSUER", 2, "--client-id is needed"},
		{"login ISSUER another", 2, "usage:"},
		{"login --print", 2, "usage:"},
		{"login ISSUER --client-id nobody --device", 1, "login_refused"},
		{"logout", 2, "usage:"},
		{"credential", 2, "usage:"},
		{"credential svn get", 2, "usage:"},
		{"credential kubectl", 2, "usage:"},
		{"credential kubectl --issuer ISSUER", 1, "login_needed"},
	} {
		if _, diag, code := d.run("", strings.Fields(strings.ReplaceAll(c.args, "ISSUER", d.Issuer))...); code != c.code || !strings.Contains(diag, c.want) {
			t.Errorf("%s: %d %s", c.args, code, diag)
		}
	}
	d.keyring.Before = func(registration.Access, string) error { return registration.ErrLocked }
	if _, diag, code := d.run("", "login", d.Issuer, "--client-id", "terminal"); code != 1 || !strings.Contains(diag, "keyring_locked") || len(d.opened) > 0 {
		t.Errorf("a locked keyring, before signing in: %d %q %v", code, diag, d.opened)
	}
	if out, diag, code := d.run("", "login", d.Issuer, "--client-id", "terminal", "--print"); code != 0 || out == "" || !strings.Contains(diag, "is not kept") {
		t.Errorf("a token is all that was asked for: %d %q", code, diag)
	}
}

func TestCredentialForDockerAndKubernetes(t *testing.T) {
	d := newDesk(t)
	d.run("", "login", d.Issuer, "--client-id", "terminal", "--host", "registry.contoso.example")
	var got struct{ ServerURL, Username, Secret string }
	out, _, code := d.run("https://registry.contoso.example\n", "credential", "docker", "get")
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 || got.Username != tenanttest.UPN || got.Secret != d.kept().Access {
		t.Errorf("%d %s", code, out)
	}
	if out, _, code = d.run("https://index.docker.io/v1/", "credential", "docker", "get"); code != 1 || out != "credentials not found in native keychain\n" {
		t.Errorf("%d %q", code, out)
	}
	t.Setenv("KUBERNETES_EXEC_INFO", `{"apiVersion":"client.authentication.k8s.io/v1beta1"}`)
	var exec struct {
		APIVersion, Kind string
		Status           struct{ Token string }
	}
	out, _, _ = d.run("", "credential", "kubectl", "--issuer", d.Issuer)
	if err := json.Unmarshal([]byte(out), &exec); err != nil || exec.Kind != "ExecCredential" || exec.APIVersion != "client.authentication.k8s.io/v1beta1" || exec.Status.Token != d.kept().ID {
		t.Errorf("%s %v", out, err)
	}
}

// The real git asks, with the helper under the name that git looks for in the path.
func TestGitCredentialFill(t *testing.T) {
	d := newDesk(t)
	d.run("", "login", d.Issuer, "--client-id", "terminal", "--host", "git.contoso.example")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "git-credential-tallykey")); err != nil {
		t.Fatal(err)
	}
	items, err := json.Marshal(d.keyring.Items())
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "items.json")
	if err := os.WriteFile(kept, items, 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(host string) (string, error) {
		cmd := exec.Command("git", "-c", "credential.helper=tallykey", "credential", "fill")
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "CLI_TEST_KEYRING="+kept, "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "LC_ALL=C")
		cmd.Stdin = strings.NewReader("url=https://" + host + "/mail.git\n\n")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := ask("git.contoso.example")
	if want := fmt.Sprintf("username=%s\npassword=%s\n", tenanttest.UPN, d.kept().Access); err != nil || !strings.Contains(out, want) {
		t.Errorf("%v: %s", err, out)
	}
	if out, err = ask("git.fabrikam.example"); err == nil || strings.Contains(out, "password=") {
		t.Errorf("another host: %v %s", err, out)
	}
}

// asHelper is this test's program as git starts it: with a keyring that was written down before.
func asHelper() {
	raw, err := os.ReadFile(os.Getenv("CLI_TEST_KEYRING"))
	var items map[string]string
	if err == nil {
		err = json.Unmarshal(raw, &items)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	newTerminal = func(e env) terminal {
		k := &registration.Memory{}
		for name, value := range items {
			_ = k.Set(context.Background(), name, value) // memory takes everything
		}
		return terminal{e, &login.Accounts{Keyring: k, Lock: login.FileLock(filepath.Dir(os.Getenv("CLI_TEST_KEYRING"))), Now: time.Now}, nil}
	}
	os.Exit(Main(Named(os.Args[0], os.Args[1:]), os.Stdin, os.Stdout, os.Stderr))
}

func TestNamed(t *testing.T) {
	for program, want := range map[string]string{
		"/usr/bin/git-credential-tallykey": "credential git get", "docker-credential-tallykey.exe": "credential docker get", "tallykey": "get", "": "get",
		"git-credential-tallykey-2": "get",
	} {
		if got := strings.Join(Named(program, []string{"get"}), " "); got != want {
			t.Errorf("%q: %q", program, got)
		}
	}
}
