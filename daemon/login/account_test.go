package login

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tallykey/daemon/registration"
	"tallykey/tenant/store"
	"tallykey/tenant/tenanttest"
)

// age makes the tokens that are kept count as over, without a clock being moved.
func age(t *testing.T, a *Accounts, issuer string) {
	t.Helper()
	one, err := a.Get(t.Context(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	one.Expires, one.IDExpires = time.Now().Add(-time.Hour), time.Now().Add(-time.Hour)
	if err := a.put(t.Context(), one); err != nil {
		t.Fatal(err)
	}
}

// A token is used as long as it is good, then refreshed; each refresh token once.
func TestToken(t *testing.T) {
	n := newTenant(t)
	a := n.accounts(&registration.Memory{NoList: true})
	first := n.kept(a)
	calls := n.Calls()
	for range 3 {
		got, err := a.Token(t.Context(), n.Issuer)
		if err != nil || got.Access != first.Access || got.Account != alice {
			t.Fatalf("%+v %v", got, err)
		}
	}
	if n.Calls() != calls {
		t.Error("a good token was refreshed")
	}
	age(t, a, n.Issuer)
	second, err := a.Token(t.Context(), n.Issuer)
	if err != nil || second.Access == first.Access {
		t.Fatalf("%+v %v", second, err)
	}
	if err := a.Stale(t.Context(), n.Issuer, "another"); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Token(t.Context(), n.Issuer); err != nil || got.Access != second.Access {
		t.Errorf("another token's refusal counted: %v", err)
	}
	if err := a.Stale(t.Context(), n.Issuer, second.Access); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Token(t.Context(), n.Issuer); err != nil || got.Access == second.Access {
		t.Errorf("a refused token came again: %v", err)
	}
}

// A clock that is wrong for a while costs a token, not the sign-in.
func TestWrongClock(t *testing.T) {
	n := newTenant(t)
	a := n.accounts(&registration.Memory{})
	n.kept(a)
	a.Now = func() time.Time { return n.Now().Add(24 * time.Hour) }
	if _, err := a.Token(t.Context(), n.Issuer); !errors.Is(err, ErrAnswer) {
		t.Errorf("a day ahead: %v", err)
	}
	a.Now = n.Now
	if got, err := a.Token(t.Context(), n.Issuer); err != nil || got.Access == "" {
		t.Errorf("right again: %v", err)
	}
}

// What ends the sign-in at the provider ends it here, and nothing of it stays.
func TestTokenEnds(t *testing.T) {
	n := &tenant{tenanttest.New(t), t} // of its own: its user is disabled
	k := &registration.Memory{}
	a := n.accounts(k)
	n.kept(a)
	if err := n.Store.DisableUser(t.Context(), n.User, n.Now(), store.Change{}); err != nil {
		t.Fatal(err)
	}
	age(t, a, n.Issuer)
	if _, err := a.Token(t.Context(), n.Issuer); !errors.Is(err, ErrNone) {
		t.Errorf("a disabled user: %v", err)
	}
	if all, err := a.All(t.Context()); err != nil || len(all) != 0 || strings.Contains(fmt.Sprint(k.Items()), n.Issuer) {
		t.Errorf("left: %v %v", k.Items(), err)
	}
}

func TestForget(t *testing.T) {
	n := newTenant(t)
	a := n.accounts(&registration.Memory{})
	first := n.kept(a)
	if err := a.Forget(t.Context(), n.Issuer); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Token(t.Context(), n.Issuer); !errors.Is(err, ErrNone) {
		t.Errorf("forgotten, and there: %v", err)
	}
	if err := a.Forget(t.Context(), n.Issuer); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
	one := Account{V: 1, Issuer: n.Issuer, ClientID: clientID, Subject: n.User.ID, Refresh: first.Refresh}
	if err := a.put(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Token(t.Context(), n.Issuer); !errors.Is(err, ErrNone) {
		t.Errorf("the refresh token was not revoked: %v", err)
	}
}

// The keyring fails: no token is given whose successor is lost, and no error holds a token.
func TestKeyringFails(t *testing.T) {
	n := newTenant(t)
	k := &registration.Memory{}
	a := n.accounts(k)
	first := n.kept(a)
	age(t, a, n.Issuer)
	k.Before = func(what registration.Access, _ string) error {
		if what == registration.Set {
			return registration.ErrLocked
		}
		return nil
	}
	got, err := a.Token(t.Context(), n.Issuer)
	if !errors.Is(err, registration.ErrLocked) || got.Access != "" {
		t.Errorf("%+v %v", got, err)
	}
	if strings.Contains(err.Error(), first.Refresh) || strings.Contains(err.Error(), first.Access) {
		t.Error("the error tells a token: ", err)
	}
	k.Before = func(registration.Access, string) error { return registration.ErrMissing }
	if _, err := a.All(t.Context()); !errors.Is(err, registration.ErrMissing) {
		t.Error(err)
	}
}

// An item stays small enough for every system's keyring; what can be had again is left out first.
func TestItemsStaySmall(t *testing.T) {
	k := &registration.Memory{}
	a := &Accounts{Keyring: k, Lock: FileLock(t.TempDir()), Now: time.Now}
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct {
		access, id, refresh int
		wantAccess, wantID  bool
		want                error
	}{{300, 800, 40, true, true, nil}, {300, 2000, 40, true, false, nil}, {2500, 2000, 40, false, false, nil}, {10, 10, 2400, false, false, ErrRefused}} {
		err := a.Keep(t.Context(), Config{Issuer: "https://a.example"}, nil, Tokens{Access: long(c.access), ID: long(c.id), Refresh: long(c.refresh)})
		if !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
		if c.want != nil {
			continue
		}
		one, err := a.Get(t.Context(), "https://a.example")
		if err != nil || (one.Access != "") != c.wantAccess || (one.ID != "") != c.wantID || len(k.Items()["https://a.example"]) >= registration.MaxItem {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := a.Keep(t.Context(), Config{Issuer: "https://b.example"}, nil, Tokens{Access: "x"}); !errors.Is(err, ErrRefused) {
		t.Error("kept without a refresh token: ", err)
	}
}

// folder is a keyring that several processes share.
type folder string

func (f folder) path(name string) string {
	return filepath.Join(string(f), strings.NewReplacer("/", "_", ":", "_").Replace(name))
}

func (f folder) Get(_ context.Context, name string) (string, error) {
	raw, err := os.ReadFile(f.path(name))
	if errors.Is(err, os.ErrNotExist) {
		err = registration.ErrNotFound
	}
	return string(raw), err
}

func (f folder) Set(_ context.Context, name, value string) error {
	return os.WriteFile(f.path(name), []byte(value), 0o600)
}

func (f folder) Delete(_ context.Context, name string) error { return os.RemoveAll(f.path(name)) }

func (f folder) List(context.Context) (map[string]string, error) {
	return nil, registration.ErrNoList
}

// TestMain is also the other process of TestProcessesShareATokensTurn.
func TestMain(m *testing.M) {
	if issuer := os.Getenv("LOGIN_TEST_ISSUER"); issuer != "" {
		a := &Accounts{Keyring: folder(os.Getenv("LOGIN_TEST_KEYRING")), Lock: FileLock(os.Getenv("LOGIN_TEST_LOCK")),
			Now: time.Now}
		got, err := a.Token(context.Background(), issuer)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Print(got.Account)
		os.Exit(0)
	}
	os.Exit(inFolder(m))
}

var sharedFolder string

func inFolder(m *testing.M) int {
	var err error
	if sharedFolder, err = os.MkdirTemp("", "login"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(sharedFolder)
	return m.Run()
}

// Programs that need a token at once, when none is good: each gets one, and no refresh token is used twice, which the
// tenant would answer by ending the sign-in.
func TestProcessesShareATokensTurn(t *testing.T) {
	n := newTenant(t)
	keyring, lock := t.TempDir(), t.TempDir()
	a := &Accounts{Keyring: folder(keyring), Lock: FileLock(lock), Now: n.Now}
	n.kept(a)
	age(t, a, n.Issuer)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			cmd := exec.CommandContext(t.Context(), self)
			cmd.Env = append(os.Environ(), "LOGIN_TEST_ISSUER="+n.Issuer, "LOGIN_TEST_KEYRING="+keyring, "LOGIN_TEST_LOCK="+lock)
			if out, err := cmd.CombinedOutput(); err != nil || string(out) != alice {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	all.Wait()
}

// A lock that another holds is waited for as long as the caller wants, and let go of when its holder is gone.
func TestFileLock(t *testing.T) {
	lock := FileLock(t.TempDir())
	unlock, err := lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lock(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	unlock()
	again, err := lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again()
}
