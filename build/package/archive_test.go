package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// checkArchive installs the archive for a person of its own, twice, and removes it again.
func checkArchive(t *testing.T, archive string) {
	home, unpacked := t.TempDir(), t.TempDir()
	run(t, ".", nil, "tar", "-C", unpacked, "-xzf", archive)
	install := only(t, unpacked, "*/install")
	env := []string{"HOME=" + home, "XDG_RUNTIME_DIR=" + filepath.Join(home, "run"), "XDG_CONFIG_HOME=" + filepath.Join(home, ".config"), "PREFIX="}
	if err := os.MkdirAll(filepath.Join(home, ".mozilla/firefox"), 0o700); err != nil {
		t.Fatal(err)
	}
	run(t, ".", env, install)
	first := files(t, home)
	run(t, ".", env, install)
	if diff := cmp.Diff(first, files(t, home)); diff != "" {
		t.Errorf("installed twice: %s", diff)
	}
	checkPrograms(t, home)
	if manifest := read(t, filepath.Join(home, ".mozilla/native-messaging-hosts/org.tallykey.host.json")); !strings.Contains(manifest, home) {
		t.Errorf("Firefox is sent elsewhere: %s", manifest)
	}
	run(t, ".", env, install, "--remove")
	if left := files(t, home); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	refused(t, env, "nothing is installed", install, "--remove")
	refused(t, append(env, "PREFIX="+home+"/a b"), "PREFIX may have", install)
	refused(t, append(env, "PREFIX=here"), "PREFIX must begin", install)
}

// checkPrograms looks up every program that an entry or the unit starts.
func checkPrograms(t *testing.T, home string) {
	program := regexp.MustCompile(`(?m)(?:^(?:Exec|TryExec|ExecStart)=|exec )(/\S*)`)
	for path, starts := range map[string]int{".config/autostart/tallykey.desktop": 2, ".config/systemd/user/tallykey.service": 1,
		".local/share/applications/org.tallykey.Tallykey.desktop": 2} {
		found := program.FindAllStringSubmatch(read(t, filepath.Join(home, path)), -1)
		if len(found) != starts {
			t.Errorf("%s starts %d programs, want %d", path, len(found), starts)
		}
		for _, m := range found {
			if info, err := os.Stat(strings.Trim(m[1], `"`)); err != nil || info.Mode()&0o111 == 0 {
				t.Errorf("%s starts %s: %v", path, m[1], err)
			}
		}
	}
}

func refused(t *testing.T, env []string, why, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	said, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(said), why) {
		t.Errorf("%v: %v, it says %q", args, err, said)
	}
}
