package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tallykey/daemon/api"
)

// configFile is what people write by hand, and "keyring init" for them.
const configFile = "config.json"

// chooseKeyring sets the keyring in the configuration and leaves everything else in it as it is.
func chooseKeyring(path, kind string) error {
	all := map[string]json.RawMessage{}
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &all)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err != nil {
		return fmt.Errorf(`%s: %w; write "keyring": %q into it`, path, err, kind)
	}
	all["keyring"], _ = json.Marshal(kind) // a string
	if data, err = json.MarshalIndent(all, "", "  "); err != nil {
		return err
	}
	beside := path + ".new"
	if err := os.WriteFile(beside, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(beside, path)
}

// checkKeyring refuses a keyring that is none: nothing is ever taken in place of what was chosen.
func checkKeyring(kind string) error {
	if kind != api.KeyringOfDesktop && kind != api.KeyringInFile {
		return fmt.Errorf(`keyring %q is none: "os" is the desktop's, "file" an encrypted file`, kind)
	}
	return nil
}
