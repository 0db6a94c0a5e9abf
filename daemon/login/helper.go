package login

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// ErrHelper means that a program's question to a credential helper can't be read.
var ErrHelper = errors.New("login: not a question of this credential helper's")

// ErrDocker is what Docker's tools read, as text on standard output, as "there is none".
var ErrDocker = errors.New("credentials not found in native keychain")

// maxQuestion bounds what a helper reads, in bytes.
const maxQuestion = 64 << 10

// Git answers as a git credential helper (gitcredentials(7)): operation is "get", "store" or "erase". To get it gives the
// access token as the password, for hosts that the account was kept for; for others it says nothing, and git asks on.
// There is nothing to store. Erase comes after a server refused the token: the next get then refreshes. Other operations
// are ignored, as git demands.
func (a *Accounts) Git(ctx context.Context, operation string, in io.Reader, out io.Writer) error {
	asked, err := readAttributes(in)
	if err != nil || operation != "get" && operation != "erase" || asked["protocol"] != "https" { // a token does not travel in the clear
		return err
	}
	one, err := a.ForHost(ctx, asked["host"])
	if name := asked["username"]; errors.Is(err, ErrNone) || err == nil && name != "" && name != one.Account {
		return nil
	}
	if err != nil {
		return err
	}
	if operation == "erase" {
		return a.Stale(ctx, one.Issuer, asked["password"])
	}
	t, err := a.Token(ctx, one.Issuer)
	if errors.Is(err, ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "username=%s\npassword=%s\n", one.Account, t.Access)
	if !t.Expires.IsZero() {
		fmt.Fprintf(out, "password_expiry_utc=%d\n", t.Expires.Unix())
	}
	return nil
}

// readAttributes reads git's key=value lines up to an empty one or the end.
func readAttributes(in io.Reader) (map[string]string, error) {
	asked := map[string]string{}
	lines := bufio.NewScanner(io.LimitReader(in, maxQuestion))
	for lines.Scan() && lines.Text() != "" {
		key, value, ok := strings.Cut(lines.Text(), "=")
		if !ok || strings.ContainsRune(value, 0) {
			return nil, ErrHelper
		}
		asked[key] = value
	}
	return asked, lines.Err()
}

// Docker answers as a Docker credential helper: operation is "get", "list", "store" or "erase". Nothing can be stored: the
// account is made by signing in. The secret is the access token, by which a registry takes the place of a password.
// ErrDocker: there is none for that server.
func (a *Accounts) Docker(ctx context.Context, operation string, in io.Reader, out io.Writer) error {
	switch operation {
	case "get":
		return a.dockerGet(ctx, in, out)
	case "list":
		return a.dockerList(ctx, out)
	case "store", "erase":
		_, err := io.Copy(io.Discard, io.LimitReader(in, maxQuestion))
		return err
	}
	return ErrHelper
}

func (a *Accounts) dockerGet(ctx context.Context, in io.Reader, out io.Writer) error {
	question, err := io.ReadAll(io.LimitReader(in, maxQuestion))
	if err != nil {
		return err
	}
	server := strings.TrimSpace(string(question))
	one, err := a.ForHost(ctx, dockerHost(server))
	if err != nil {
		return noneForDocker(err)
	}
	t, err := a.Token(ctx, one.Issuer)
	if err != nil {
		return noneForDocker(err)
	}
	return json.NewEncoder(out).Encode(map[string]string{"ServerURL": server, "Username": one.Account, "Secret": t.Access})
}

func noneForDocker(err error) error {
	if errors.Is(err, ErrNone) {
		return ErrDocker
	}
	return err
}

// dockerHost is the host of a server as Docker names it: bare, or as a URL. "" for one by http.
func dockerHost(server string) string {
	if !strings.Contains(server, "://") {
		host, _, _ := strings.Cut(server, "/")
		return host
	}
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "https" {
		return ""
	}
	return u.Host
}

func (a *Accounts) dockerList(ctx context.Context, out io.Writer) error {
	all, err := a.All(ctx)
	if err != nil {
		return err
	}
	hosts := map[string]string{}
	for _, one := range all {
		for _, h := range one.Hosts {
			hosts[h] = one.Account
		}
	}
	return json.NewEncoder(out).Encode(hosts)
}

// kubernetesVersions are the forms of ExecCredential that differ in nothing that is used here.
var kubernetesVersions = []string{"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"}

// Kubernetes prints an ExecCredential with the ID token of an issuer's account: that is what a cluster's OpenID Connect
// authentication takes. info is what kubectl puts into KUBERNETES_EXEC_INFO, of which the version counts; the cluster is
// named in kubectl's own configuration, which runs this command for it and no other.
func (a *Accounts) Kubernetes(ctx context.Context, issuer, info string, out io.Writer) error {
	version, err := kubernetesVersion(info)
	if err != nil {
		return err
	}
	t, err := a.IDToken(ctx, issuer)
	if err != nil {
		return err
	}
	status := map[string]string{"token": t.ID, "expirationTimestamp": t.IDExpires.UTC().Format(time.RFC3339)}
	return json.NewEncoder(out).Encode(map[string]any{"kind": "ExecCredential", "apiVersion": version, "status": status})
}

func kubernetesVersion(info string) (string, error) {
	if info == "" {
		return kubernetesVersions[0], nil
	}
	var asked struct {
		APIVersion string `json:"apiVersion"`
	}
	if err := json.Unmarshal([]byte(info), &asked); err != nil {
		return "", ErrHelper
	}
	for _, v := range kubernetesVersions {
		if v == asked.APIVersion {
			return v, nil
		}
	}
	return "", fmt.Errorf("%w: apiVersion %s", ErrHelper, brief(asked.APIVersion))
}
