package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"tallykey/daemon/api"
	"tallykey/daemon/keyringfile"
	"tallykey/daemon/registration"
	"tallykey/daemon/service"
	"tallykey/daemon/settings"
	"tallykey/native-messaging/browsers"
	"tallykey/phone/link"
)

// startup is what the person or the admin may set: in config.json of the config folder, or by flags, which win.
type startup struct {
	Name     string `json:"name"`     // what this desktop calls itself on the phone; default: the machine's name
	PhoneApp string `json:"phoneApp"` // where the phone app is served
	Port     int    `json:"port"`     // UDP; 0: any, and then always the same
	Tray     bool   `json:"tray"`
	MDNS     bool   `json:"mdns"`    // say on the network where this desktop is; without it phones know the last addresses only
	Window   string `json:"window"`  // path of tallykey-window; default: beside this program, or in PATH
	Keyring  string `json:"keyring"` // "os": the desktop's; "file": an encrypted file, see docs/keyring.md
	verbose  bool
	asJSON   bool
}

// localPhoneApp is where a tenant on this machine serves the phone app: enough to try everything out.
const localPhoneApp = "http://localhost:8470/phone/"

func runDaemon(ctx context.Context, e env, args []string) error {
	s, err := e.startup(args)
	if err != nil {
		return err
	}
	log := s.logger(e.err)
	cfg, err := s.config(log)
	if err != nil {
		return err
	}
	go refresh(log)
	return service.New(cfg).Run(ctx)
}

// logger writes lines of text, or of JSON.
func (s startup) logger(out io.Writer) *slog.Logger {
	options := slog.HandlerOptions{Level: slog.LevelInfo}
	if s.verbose {
		options.Level = slog.LevelDebug
	}
	if s.asJSON {
		return slog.New(slog.NewJSONHandler(out, &options))
	}
	return slog.New(slog.NewTextHandler(out, &options))
}

// refresh corrects the manifests of browsers that name another place than where the host is now, and the entry that starts
// this program at login: the program has moved, by an upgrade or by hand. It tells no browser anything new.
func refresh(log *slog.Logger) {
	user, err := browsers.UserEnv()
	if err == nil {
		_, err = browsers.Refresh(user)
	}
	if err != nil {
		log.Warn("browsers may not find tallykey; run: tallykey browsers list", "err", err)
	}
	if err := autostart().Refresh(); err != nil {
		log.Warn("tallykey may not start at login", "err", err)
	}
}

func (e env) startup(args []string) (startup, error) {
	s := startup{PhoneApp: localPhoneApp, Tray: true, MDNS: true, Keyring: api.KeyringOfDesktop}
	s.Name, _ = os.Hostname()
	if err := s.read(filepath.Join(configFolder(), configFile)); err != nil {
		return s, err
	}
	noTray, noMDNS := !s.Tray, !s.MDNS
	rest, asJSON, err := e.flags("daemon", "daemon [flags]", args, func(f *flag.FlagSet) {
		f.StringVar(&s.Name, "name", s.Name, "what this desktop calls itself on the phone")
		f.StringVar(&s.PhoneApp, "phone-app", s.PhoneApp, "`URL` where the phone app is served")
		f.IntVar(&s.Port, "port", s.Port, "UDP `port` of the phone link; 0: any, and then always the same")
		f.StringVar(&s.Window, "window", s.Window, "`path` of tallykey-window")
		f.StringVar(&s.Keyring, "keyring", s.Keyring, "where phones and registrations are kept: `os or file`")
		f.BoolVar(&noTray, "no-tray", noTray, "show no icon in the tray")
		f.BoolVar(&noMDNS, "no-mdns", noMDNS, "do not say on the network where this desktop is")
		f.BoolVar(&s.verbose, "verbose", false, "log more")
	})
	s.Tray, s.MDNS, s.asJSON = !noTray, !noMDNS, asJSON
	if err == nil {
		err = e.none("daemon", rest)
	}
	return s, err
}

func (s *startup) read(path string) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, s); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (s startup) config(log *slog.Logger) (service.Config, error) {
	app, err := url.Parse(s.PhoneApp)
	if err != nil || app.Host == "" || app.Scheme != "https" && app.Scheme != "http" {
		return service.Config{}, fmt.Errorf("phone app %q is not a web address", s.PhoneApp)
	}
	if s.Name == "" || !link.Printable(s.Name, link.MaxName) {
		return service.Config{}, fmt.Errorf("name %q is empty or longer than %d bytes", s.Name, link.MaxName)
	}
	if err := checkKeyring(s.Keyring); err != nil {
		return service.Config{}, err
	}
	if s.Port < 0 || s.Port > 65535 {
		return service.Config{}, fmt.Errorf("port %d is none", s.Port)
	}
	return service.Config{Version: Version, Socket: api.SocketPath(), State: stateFolder(), Name: s.Name, PhoneApp: app,
		Port: s.Port, Window: s.window(), Tray: s.Tray, Announce: s.MDNS, Lock: true,
		Keyring:  s.keyring(),
		Settings: settings.Config{Path: settingsPath(), Autostart: autostart()},
		Log:      log, Ready: func() { log.Info("ready", "version", Version, "socket", api.SocketPath()) }}, nil
}

// keyring is the one that was chosen, without touching it.
func (s startup) keyring() registration.Keyring {
	if s.Keyring == api.KeyringInFile {
		return registration.NewFileKeyring(keyringfile.New(keyringFolder(), keyringOptions))
	}
	return registration.NewOSKeyring(registration.Options{})
}

// window finds tallykey-window: as set, beside this program, or in PATH. Without one the notification carries the number.
func (s startup) window() string {
	if s.Window != "" {
		return s.Window
	}
	const name = "tallykey-window"
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(beside); err == nil {
			return beside
		}
	}
	path, _ := exec.LookPath(name)
	return path
}

func configFolder() string { return folder("XDG_CONFIG_HOME", ".config") }

// settingsPath is the file that the daemon writes; config.json beside it is written by people.
func settingsPath() string { return filepath.Join(configFolder(), "settings.json") }

// logPath is the activity log, in the folder that the daemon gets as its state.
func logPath() string { return filepath.Join(stateFolder(), "activity.jsonl") }

func autostart() settings.Autostart {
	return settings.NewAutostart(os.Getenv, filepath.Dir(configFolder()))
}

func stateFolder() string { return folder("XDG_STATE_HOME", ".local/state") }

// folder is tallykey's place below one of the base directories of the XDG specification.
func folder(variable, below string) string {
	base := os.Getenv(variable)
	if base == "" {
		home, _ := os.UserHomeDir()
		base = filepath.Join(home, below)
	}
	return filepath.Join(base, "tallykey")
}
