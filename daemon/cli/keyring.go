package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"tallykey/daemon/api"
	"tallykey/daemon/keyringfile"
)

// keyringOptions are changed by tests alone, for which a passphrase need not cost anything.
var keyringOptions keyringfile.Options

// keyringFolder holds the encrypted file of people who chose one.
func keyringFolder() string { return filepath.Join(folder("XDG_DATA_HOME", ".local/share"), "keyring") }

// keyringWords are the words after "keyring", with what each does.
var keyringWords = map[string]func(ctx context.Context, e env, asJSON bool) error{
	"init": initKeyring, "unlock": unlockKeyring, "lock": lockKeyring, "passwd": changePassphrase, "status": keyringStatus,
}

const keyringHelp = `keyring [init | unlock | lock | passwd | status] [--json]

  init     make an encrypted file for phones and registrations, and use it from the next start on:
           for a machine without a keyring
  unlock   give the running tallykey what opens the file
  lock     make the running tallykey forget it
  passwd   give the file another passphrase
  status   say where phones and registrations are kept

The passphrase is read from the terminal, or a line from standard input; "passwd" reads the old one first.`

func runKeyring(ctx context.Context, e env, args []string) error {
	rest, asJSON, err := e.flags("keyring", keyringHelp, args, nil)
	if err != nil {
		return err
	}
	word := "status"
	if len(rest) > 0 {
		word = rest[0]
	}
	do := keyringWords[word]
	if do == nil || len(rest) > 1 {
		return e.wrong(errors.New("usage: tallykey keyring [init | unlock | lock | passwd | status]"))
	}
	return do(ctx, e, asJSON)
}

// explained gives an error of the file its row.
func explained(err error) error {
	if code := keyringfile.Code(err); code != "" {
		return api.Errorf(code, "%v", err)
	}
	return err
}

func initKeyring(ctx context.Context, e env, asJSON bool) error {
	switch err := keyringfile.Check(keyringFolder()); {
	case err == nil:
		return api.Errorf(api.KeyringFileExists, "%s", keyringFolder()) // before anybody thinks of a passphrase
	case !errors.Is(err, keyringfile.ErrMissing):
		return explained(err)
	}
	passphrase, err := e.passphrases().fresh(ctx)
	if err != nil {
		return err
	}
	if err := keyringfile.Create(keyringFolder(), passphrase, keyringOptions); err != nil {
		return explained(err)
	}
	if err := chooseKeyring(filepath.Join(configFolder(), configFile), api.KeyringInFile); err != nil {
		return err
	}
	return e.done(asJSON, "Made %s. Keep a copy of that folder, and remember the passphrase: nobody else has it.\n"+
		"tallykey uses it from its next start on: tallykey stop, tallykey daemon, tallykey keyring unlock.\n", keyringFolder())
}

func unlockKeyring(ctx context.Context, e env, asJSON bool) error {
	if err := inFile(ctx); err != nil {
		return err
	}
	passphrase, err := e.passphrases().ask(ctx, "Passphrase")
	if err != nil {
		return err
	}
	key, err := keyringfile.OpenKey(keyringFolder(), passphrase)
	if err != nil {
		return explained(err)
	}
	if err := handOver(ctx, key); err != nil {
		return err
	}
	return e.done(asJSON, "Unlocked.\n")
}

// inFile fails where the running tallykey does not keep its things in the file, or none runs.
func inFile(ctx context.Context) error {
	var k api.Keyring
	err := call(ctx, api.MethodKeyring, nil, &k)
	if err == nil && k.Kind != api.KeyringInFile {
		err = api.Errorf(api.KeyringNotFile, "")
	}
	return err
}

// handOver gives the running tallykey the key. The passphrase stays here, and ends with this program.
func handOver(ctx context.Context, key keyringfile.Key) error {
	return call(ctx, api.MethodUnlockKeyring, api.KeyringKey{Key: key.Text()}, nil)
}

func lockKeyring(ctx context.Context, e env, asJSON bool) error {
	if err := call(ctx, api.MethodLockKeyring, nil, nil); err != nil {
		return err
	}
	return e.done(asJSON, "Locked.\n")
}

// changePassphrase takes the file out of the running tallykey's hands for a moment, if it has it, and gives it back.
func changePassphrase(ctx context.Context, e env, asJSON bool) error {
	ask := e.passphrases()
	old, err := ask.ask(ctx, "Passphrase until now")
	if err != nil {
		return err
	}
	before, err := keyringfile.OpenKey(keyringFolder(), old)
	if err != nil {
		return explained(err)
	}
	passphrase, err := ask.fresh(ctx)
	if err != nil {
		return err
	}
	open, err := lockRunning(ctx)
	if err != nil {
		return err
	}
	after, err := keyringfile.ChangePassphrase(keyringFolder(), before, passphrase, keyringOptions)
	if err != nil {
		after = before // it opens the items at every step before the last
	}
	if open {
		err = errors.Join(explained(err), handOver(ctx, after))
	}
	if err != nil {
		return explained(err)
	}
	return e.done(asJSON, "Changed. Copies of the folder that were made before open with the old passphrase, and only what they hold.\n")
}

// lockRunning locks the running tallykey, if one runs on the file. It says whether it had it open.
func lockRunning(ctx context.Context) (open bool, err error) {
	var k api.Keyring
	err = call(ctx, api.MethodKeyring, nil, &k)
	if errors.Is(err, api.ErrNotRunning) || err == nil && k.Kind != api.KeyringInFile {
		return false, nil
	}
	if err == nil {
		err = call(ctx, api.MethodLockKeyring, nil, nil)
	}
	return k.Code == "" || k.Code == api.StateNewer, err
}

func keyringStatus(ctx context.Context, e env, asJSON bool) error {
	var k api.Keyring
	err := call(ctx, api.MethodKeyring, nil, &k)
	if errors.Is(err, api.ErrNotRunning) {
		k, err = e.keyringAtRest()
	}
	if err != nil {
		return err
	}
	if asJSON {
		return e.printJSON(k)
	}
	name := "the desktop’s keyring"
	if k.Kind == api.KeyringInFile {
		name = "the encrypted file in " + k.Folder
	}
	fmt.Fprintf(e.out, "Phones and registrations are kept in %s.\n\n", name)
	printPart(e.out, "keyring", k.Part)
	return nil
}

// keyringAtRest is what can be known while tallykey does not run.
func (e env) keyringAtRest() (api.Keyring, error) {
	s, err := e.startup(nil)
	if err != nil {
		return api.Keyring{}, err
	}
	k := api.Keyring{Kind: s.Keyring, Part: api.Part{State: "absent", Detail: "tallykey does not run"}}
	if s.Keyring == api.KeyringInFile {
		k.Folder = keyringFolder()
		if err := keyringfile.Check(k.Folder); err != nil {
			k.Part = api.Part{State: "problem", Code: keyringfile.Code(err), Detail: err.Error()}
		}
	}
	return k, nil
}

// done says that it was done, or an empty object.
func (e env) done(asJSON bool, format string, args ...any) error {
	if asJSON {
		return e.printJSON(struct{}{})
	}
	_, err := fmt.Fprintf(e.out, format, args...)
	return err
}
