package main

import (
	"net"
	"slices"
	"strings"

	"tallykey/daemon/api"
)

// ChangeSettings changes what is not null and returns the settings as the daemon has them then.
func (b *Bridge) ChangeSettings(change api.SettingsChange) (s api.Settings, err error) {
	err = b.change(api.MethodChangeSettings, change, &s)
	return s, err
}

// Pause begins a pause for an origin, or for every website where it is empty. Without seconds it lasts until Resume.
func (b *Bridge) Pause(origin string, seconds int) error {
	return b.change(api.MethodPause, api.AddPause{Origin: origin, Seconds: seconds}, nil)
}

// Resume ends the pause of an origin.
func (b *Bridge) Resume(origin string) error {
	return b.change(api.MethodResume, api.SiteParams{Origin: origin}, nil)
}

// Interface is a network interface of this computer.
type Interface struct {
	Name      string   `json:"name"`
	Addresses []string `json:"addresses"` // without prefix lengths and zones; link-local ones are left out
}

// Interfaces are those that are up and lead to other devices, by name.
func (b *Bridge) Interfaces() ([]Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	usable := []Interface{}
	for _, i := range all {
		if i.Flags&net.FlagUp != 0 && i.Flags&net.FlagLoopback == 0 {
			usable = append(usable, Interface{i.Name, addressesOf(i)})
		}
	}
	slices.SortFunc(usable, func(a, b Interface) int { return strings.Compare(a.Name, b.Name) })
	return usable, nil
}

func addressesOf(i net.Interface) []string {
	texts := []string{}
	all, err := i.Addrs()
	if err != nil {
		return texts // it went away meanwhile
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() {
			texts = append(texts, n.IP.String())
		}
	}
	return texts
}
