package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tallykey/daemon/api"
)

// setting is one of the person's settings: its name here, and how its value is shown and read.
type setting struct {
	name string
	help string
	show func(api.Settings) string
	read func(value string, change *api.SettingsChange) error
}

// settingsTable lists all of them in the order in which they are shown.
var settingsTable = []setting{
	onOff("start-at-login", "tallykey starts when you log in",
		func(s api.Settings) bool { return s.StartAtLogin }, func(c *api.SettingsChange) **bool { return &c.StartAtLogin }),
	onOff("type-numbers", "every number is typed instead of chosen",
		func(s api.Settings) bool { return s.TypeNumbers }, func(c *api.SettingsChange) **bool { return &c.TypeNumbers }),
	onOff("web-push", "an absent phone is woken through its push service",
		func(s api.Settings) bool { return s.WebPush }, func(c *api.SettingsChange) **bool { return &c.WebPush }),
	onOff("trial", "this desktop serves the phone app itself",
		func(s api.Settings) bool { return s.Trial }, func(c *api.SettingsChange) **bool { return &c.Trial }),
	{"interfaces", `networks for phones: "all", or names with commas between`,
		func(s api.Settings) string {
			if len(s.Interfaces) == 0 {
				return "all"
			}
			return strings.Join(s.Interfaces, ",")
		},
		func(value string, c *api.SettingsChange) error {
			names := []string{}
			if value != "all" {
				names = strings.Split(value, ",")
			}
			c.Interfaces = &names
			return nil
		}},
}

func onOff(name, help string, get func(api.Settings) bool, at func(*api.SettingsChange) **bool) setting {
	show := func(s api.Settings) string {
		if get(s) {
			return "on"
		}
		return "off"
	}
	read := func(value string, c *api.SettingsChange) error {
		on := value == "on"
		if !on && value != "off" {
			return fmt.Errorf(`%s is "on" or "off", not %q`, name, value)
		}
		*at(c) = &on
		return nil
	}
	return setting{name, help, show, read}
}

func settingNames() []string {
	var out []string
	for _, s := range settingsTable {
		out = append(out, s.name)
	}
	return out
}

func findSetting(name string) (setting, error) {
	i := slices.IndexFunc(settingsTable, func(s setting) bool { return s.name == name })
	if i < 0 {
		return setting{}, fmt.Errorf("no setting %q; there are: %s", name, strings.Join(settingNames(), ", "))
	}
	return settingsTable[i], nil
}

func runSettings(ctx context.Context, e env, args []string) error {
	rest, asJSON, err := e.flags("settings", "settings [get NAME | set NAME=VALUE...] [--json]"+settingsHelp(), args, nil)
	if err != nil {
		return err
	}
	switch {
	case len(rest) == 0:
		return e.getSettings(ctx, settingsTable, asJSON)
	case len(rest) == 2 && rest[0] == "get":
		s, err := findSetting(rest[1])
		if err != nil {
			return e.wrong(err)
		}
		return e.getSettings(ctx, []setting{s}, asJSON)
	case len(rest) > 1 && rest[0] == "set":
		return e.setSettings(ctx, rest[1:], asJSON)
	}
	return e.wrong(fmt.Errorf("usage: tallykey settings [get NAME | set NAME=VALUE...]"))
}

func settingsHelp() string {
	var b strings.Builder
	b.WriteString("\n")
	for _, s := range settingsTable {
		fmt.Fprintf(&b, "\n  %-15s %s", s.name, s.help)
	}
	return b.String()
}

// wrong tells what was typed wrong.
func (e env) wrong(err error) error {
	fmt.Fprintf(e.err, "tallykey: %v\n", err)
	return errUsage
}

func (e env) getSettings(ctx context.Context, which []setting, asJSON bool) error {
	var s api.Settings
	if err := call(ctx, api.MethodSettings, nil, &s); err != nil {
		return err
	}
	return e.printSettings(s, which, asJSON)
}

func (e env) setSettings(ctx context.Context, pairs []string, asJSON bool) error {
	var change api.SettingsChange
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		s, err := findSetting(name)
		if err == nil && !ok {
			err = fmt.Errorf("%s needs a value: %s=VALUE", name, name)
		}
		if err == nil {
			err = s.read(value, &change)
		}
		if err != nil {
			return e.wrong(err)
		}
	}
	var now api.Settings
	if err := call(ctx, api.MethodChangeSettings, change, &now); err != nil {
		return err
	}
	return e.printSettings(now, settingsTable, asJSON)
}

func (e env) printSettings(s api.Settings, which []setting, asJSON bool) error {
	switch {
	case asJSON:
		return e.printJSON(s)
	case len(which) == 1:
		_, err := fmt.Fprintln(e.out, which[0].show(s))
		return err
	}
	return table(e, "SETTING\tVALUE\tMEANING", which, func(t setting) string {
		return fmt.Sprintf("%s\t%s\t%s", t.name, t.show(s), t.help)
	})
}
