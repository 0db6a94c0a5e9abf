package packaging

import (
	"archive/zip"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ownFolders are those that only this package, or a browser's, makes.
var ownFolders = []string{"etc/chromium", "etc/chromium/native-messaging-hosts", "etc/opt/chrome", "etc/opt/chrome/native-messaging-hosts",
	"etc/opt/edge", "etc/opt/edge/native-messaging-hosts", "usr/lib/mozilla", "usr/lib/mozilla/native-messaging-hosts",
	"usr/share/licenses/tallykey", "usr/share/tallykey"}

// checkRPM: the RPM has the files of the .deb, but for the places that the two systems have for themselves, with their
// rights, the same names for what it needs, and nothing that runs when it is installed.
func checkRPM(t *testing.T, rpm string) {
	at := map[string]string{
		"usr/share/doc/tallykey/copyright":           "usr/share/licenses/tallykey/LICENSE",
		"usr/share/zsh/vendor-completions/_tallykey": "usr/share/zsh/site-functions/_tallykey",
	}
	var want []string
	for _, path := range wanted {
		mode := "-rw-r--r--"
		if strings.HasPrefix(path, "usr/bin/") {
			mode = "-rwxr-xr-x"
		}
		if other := at[path]; other != "" {
			path = other
		}
		want = append(want, mode+" root root /"+path)
	}
	for _, path := range ownFolders {
		want = append(want, "drwxr-xr-x root root /"+path)
	}
	slices.Sort(want)
	query := func(args ...string) string {
		return run(t, ".", nil, "rpm", append([]string{"--dbpath", t.TempDir(), "-qp", "--nosignature"}, append(args, rpm)...)...)
	}
	got := strings.Fields(strings.ReplaceAll(query("--qf", `[%{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILENAMES}\n]`), " ", "|"))
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], "|", " ")
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if scripts := query("--scripts"); strings.TrimSpace(scripts) != "" {
		t.Errorf("it runs %s", scripts)
	}
	needs := query("--requires")
	for _, name := range []string{"gtk3", "webkit2gtk4.1"} {
		if !strings.Contains(needs, name+"\n") {
			t.Errorf("it does not need %s", name)
		}
	}
	if about := query("-i"); !strings.Contains(about, "Name        : tallykey") || strings.Contains(about, "(none)\nSummary") {
		t.Errorf("it is %s", about)
	}
}

// checkExtension: both archives hold an extension with the version of the other, and Firefox's with its id.
func checkExtension(t *testing.T, root string) {
	versions := map[string]bool{}
	for _, name := range []string{"tallykey-chromium.zip", "tallykey-firefox.xpi"} {
		archive, err := zip.OpenReader(filepath.Join(root, "usr/share/tallykey", name))
		if err != nil {
			t.Fatal(err)
		}
		defer archive.Close()
		file, err := archive.Open("manifest.json")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var manifest struct {
			Name, Version string
			V             int `json:"manifest_version"`
		}
		if err := json.NewDecoder(file).Decode(&manifest); err != nil || manifest.V != 3 || manifest.Version == "" {
			t.Errorf("%s: %+v, %v", name, manifest, err)
		}
		versions[manifest.Version] = true
	}
	if len(versions) != 1 {
		t.Errorf("versions %v", versions)
	}
}
