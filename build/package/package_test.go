package packaging

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/native-messaging/browsers"
)

// wanted is every file that the Debian package installs.
var wanted = []string{
	"etc/chromium/native-messaging-hosts/org.tallykey.host.json",
	"etc/opt/chrome/native-messaging-hosts/org.tallykey.host.json",
	"etc/opt/edge/native-messaging-hosts/org.tallykey.host.json",
	"etc/xdg/autostart/tallykey.desktop",
	"usr/bin/tallykey",
	"usr/bin/tallykey-native-messaging",
	"usr/bin/tallykey-window",
	"usr/lib/mozilla/native-messaging-hosts/org.tallykey.host.json",
	"usr/lib/systemd/user/tallykey.service",
	"usr/share/applications/org.tallykey.Tallykey.desktop",
	"usr/share/bash-completion/completions/tallykey",
	"usr/share/doc/tallykey/copyright",
	"usr/share/fish/vendor_completions.d/tallykey.fish",
	"usr/share/icons/hicolor/128x128/apps/org.tallykey.Tallykey.png",
	"usr/share/icons/hicolor/256x256/apps/org.tallykey.Tallykey.png",
	"usr/share/icons/hicolor/48x48/apps/org.tallykey.Tallykey.png",
	"usr/share/icons/hicolor/scalable/apps/org.tallykey.Tallykey.svg",
	"usr/share/icons/hicolor/symbolic/apps/org.tallykey.Tallykey-symbolic.svg",
	"usr/share/man/man1/tallykey.1.gz",
	"usr/share/metainfo/org.tallykey.Tallykey.metainfo.xml",
	"usr/share/tallykey/tallykey-chromium.zip",
	"usr/share/tallykey/tallykey-firefox.xpi",
	"usr/share/zsh/vendor-completions/_tallykey",
}

// TestPackages packs the real programs, but for the window, which a test need not wait for.
func TestPackages(t *testing.T) {
	programs, out := t.TempDir(), t.TempDir()
	for name, from := range map[string]string{"tallykey": "./daemon", "tallykey-native-messaging": "./native-messaging"} {
		run(t, "../..", []string{"CGO_ENABLED=0"}, "go", "build", "-buildvcs=false", "-o", filepath.Join(programs, name), from)
	}
	if err := os.WriteFile(filepath.Join(programs, "tallykey-window"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, ".", nil, "./package", programs, out)
	deb, rpm := only(t, out, "*.deb"), only(t, out, "*.rpm")
	root := t.TempDir()
	run(t, ".", nil, "dpkg-deb", "-x", deb, root)
	t.Run("rpm", func(t *testing.T) { checkRPM(t, rpm) })
	t.Run("rpm, in a system", func(t *testing.T) {
		older := t.TempDir()
		run(t, ".", []string{"PACKAGE_VERSION=0.0.1"}, "./package", programs, older, "rpm")
		run(t, ".", nil, "./try-rpm", only(t, older, "*.rpm"), rpm)
	})
	t.Run("extension", func(t *testing.T) { checkExtension(t, root) })
	t.Run("files", func(t *testing.T) { checkFiles(t, root) })
	t.Run("manifests", func(t *testing.T) { checkManifests(t, root) })
	t.Run("desktop entries", func(t *testing.T) { checkEntries(t, root) })
	t.Run("service", func(t *testing.T) { checkService(t, root) })
	t.Run("metadata", func(t *testing.T) { checkMetadata(t, root) })
	t.Run("install and remove", func(t *testing.T) { checkInstall(t, deb) })
	t.Run("without root", func(t *testing.T) { checkArchive(t, only(t, out, "*.tar.gz")) })
}

func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func only(t *testing.T, dir, pattern string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(all) != 1 {
		t.Fatalf("%s: %v, %v", pattern, all, err)
	}
	return all[0]
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// files lists what is below root, without folders.
func files(t *testing.T, root string) []string {
	t.Helper()
	var all []string
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func checkFiles(t *testing.T, root string) {
	got := files(t, root)
	slices.Sort(got)
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Error(diff)
	}
	for _, path := range got {
		info, err := os.Stat(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		want := fs.FileMode(0o644)
		if strings.HasPrefix(path, "usr/bin/") {
			want = 0o755
		}
		if info.Mode() != want || info.Size() == 0 {
			t.Errorf("%s: %v, %d bytes", path, info.Mode(), info.Size())
		}
	}
	version := run(t, ".", nil, filepath.Join(root, "usr/bin/tallykey"), "version")
	if !strings.HasPrefix(version, "tallykey ") {
		t.Errorf("the program says %q", version)
	}
}

func checkManifests(t *testing.T, root string) {
	for _, path := range wanted {
		if filepath.Base(path) != browsers.HostName+".json" {
			continue
		}
		var m struct {
			Name, Path string
			Origins    []string `json:"allowed_origins"`
			Extensions []string `json:"allowed_extensions"`
		}
		if err := json.Unmarshal([]byte(read(t, filepath.Join(root, path))), &m); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(root, m.Path)); err != nil || m.Name != browsers.HostName {
			t.Errorf("%s: %+v, %v", path, m, err)
		}
		who := append(m.Origins, m.Extensions...)
		want := []string{"chrome-extension://" + browsers.ChromiumID + "/"}
		if strings.Contains(path, "mozilla") {
			want = []string{browsers.FirefoxID}
		}
		if diff := cmp.Diff(want, who); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

var (
	entryLine = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*(\[[a-z_]+\])?=\S.*$`)
)

func checkEntries(t *testing.T, root string) {
	for _, path := range []string{"etc/xdg/autostart/tallykey.desktop", "usr/share/applications/org.tallykey.Tallykey.desktop"} {
		lines := strings.Split(strings.TrimSpace(read(t, filepath.Join(root, path))), "\n")
		lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" || strings.HasPrefix(l, "#") })
		if lines[0] != "[Desktop Entry]" {
			t.Errorf("%s begins with %q", path, lines[0])
		}
		keys := map[string]string{}
		for _, l := range lines[1:] {
			key, value, _ := strings.Cut(l, "=")
			if _, twice := keys[key]; twice || !entryLine.MatchString(l) {
				t.Errorf("%s: %q", path, l)
			}
			keys[key] = value
		}
		checkKeys(t, root, path, keys)
	}
}

func checkKeys(t *testing.T, root, path string, keys map[string]string) {
	for _, key := range []string{"Type", "Name", "Exec", "Icon", "TryExec"} {
		if keys[key] == "" {
			t.Errorf("%s has no %s", path, key)
		}
	}
	for key := range keys {
		if base, _, translated := strings.Cut(key, "["); translated && keys[base] == "" {
			t.Errorf("%s has %s without %s", path, key, base)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "usr/bin", keys["TryExec"])); err != nil {
		t.Errorf("%s starts what is not there: %v", path, err)
	}
	if !strings.Contains(keys["Exec"], keys["TryExec"]) {
		t.Errorf("%s: Exec=%s, TryExec=%s", path, keys["Exec"], keys["TryExec"])
	}
	if !slices.Contains(wanted, "usr/share/icons/hicolor/scalable/apps/"+keys["Icon"]+".svg") {
		t.Errorf("%s has no icon %s", path, keys["Icon"])
	}
	if said := run(t, ".", nil, "desktop-file-validate", filepath.Join(root, path)); said != "" {
		t.Errorf("%s: %s", path, said)
	}
}

func checkService(t *testing.T, root string) {
	unit := read(t, filepath.Join(root, "usr/lib/systemd/user/tallykey.service"))
	start := regexp.MustCompile(`(?m)^ExecStart=(\S+) daemon$`).FindStringSubmatch(unit)
	if start == nil {
		t.Fatal("it starts no daemon")
	}
	if _, err := os.Stat(filepath.Join(root, start[1])); err != nil {
		t.Error(err)
	}
	for _, lock := range []string{"NoNewPrivileges=yes", "RestrictAddressFamilies=", "SystemCallFilter=", "LimitCORE=0", "UMask=0077"} {
		if !strings.Contains(unit, "\n"+lock) {
			t.Errorf("without %s", lock)
		}
	}
	verifyService(t, unit, start[1], filepath.Join(root, start[1]))
}

// verifyService lets systemd read the unit, with the program where it is now and without the manual page, which systemd
// would look for on this machine.
func verifyService(t *testing.T, unit, program, now string) {
	dir := t.TempDir()
	unit = regexp.MustCompile(`(?m)^Documentation=.*\n`).ReplaceAllString(strings.Replace(unit, program, now, 1), "")
	path := filepath.Join(dir, "tallykey.service")
	if err := os.WriteFile(path, []byte(unit), 0o644); err != nil {
		t.Fatal(err)
	}
	if said := run(t, dir, []string{"XDG_RUNTIME_DIR=" + dir}, "systemd-analyze", "--user", "verify", path); strings.Contains(said, "tallykey.service") {
		t.Error(said)
	}
	// systemd's own measure of the hardening. What a user's service can't lay down, or the window's browser engine needs, is
	// most of the rest; a line less of the unit is more than this.
	run(t, dir, nil, "systemd-analyze", "security", "--offline=true", "--threshold=76", path)
}

func checkMetadata(t *testing.T, root string) {
	path := filepath.Join(root, "usr/share/metainfo/org.tallykey.Tallykey.metainfo.xml")
	page := read(t, path)
	for _, m := range regexp.MustCompile(`<binary>(.*)</binary>`).FindAllStringSubmatch(page, -1) {
		if !slices.Contains(wanted, "usr/bin/"+m[1]) {
			t.Errorf("it promises %s", m[1])
		}
	}
	if !strings.Contains(page, `<launchable type="desktop-id">org.tallykey.Tallykey.desktop</launchable>`) {
		t.Error("it names no desktop entry")
	}
	run(t, ".", nil, "appstreamcli", "validate", "--no-net", "--pedantic", path)
}

// checkInstall installs into a system of its own and removes again; nothing is left. Who is not root is root in a user
// namespace; where the system refuses those too, it fails and says so: run it as root.
func checkInstall(t *testing.T, deb string) {
	root := t.TempDir()
	for _, dir := range []string{"updates", "info", "triggers"} {
		if err := os.MkdirAll(filepath.Join(root, "var/lib/dpkg", dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	program, dpkg := "dpkg", []string{"--root=" + root, "--log=" + filepath.Join(root, "var/lib/dpkg/log"), "--force-depends", "--force-bad-path"}
	if os.Getuid() != 0 {
		program = "unshare"
		dpkg = append([]string{"--user", "--map-root-user", "dpkg"}, dpkg...)
	}
	run(t, ".", nil, program, append(dpkg, "--install", deb)...)
	if _, err := os.Stat(filepath.Join(root, "usr/bin/tallykey")); err != nil {
		t.Fatal(err)
	}
	run(t, ".", nil, program, append(dpkg, "--purge", "tallykey")...)
	for _, path := range files(t, root) {
		if !strings.HasPrefix(path, "var/lib/dpkg/") {
			t.Errorf("left behind: %s", path)
		}
	}
}
