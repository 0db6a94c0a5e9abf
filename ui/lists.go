package main

import (
	"net/url"

	"tallykey/daemon/api"
)

// What the sections ask for and change. Each method is answered once the daemon has done it, so that the page can say so.

// RenamePhone gives a phone another name here; an empty one brings back its own.
func (b *Bridge) RenamePhone(id, name string) error {
	return b.change(api.MethodRenamePhone, api.Rename{ID: id, Name: name}, nil)
}

// RemovePhone removes a phone and its registrations.
func (b *Bridge) RemovePhone(id string) error {
	return b.change(api.MethodRemovePhone, api.ByID{ID: id}, nil)
}

// Registrations are all of them, those that a website no longer takes too.
func (b *Bridge) Registrations() (all []api.Registration, err error) {
	err = b.call(api.MethodRegistrations, nil, &all)
	return all, err
}

// RemoveRegistration removes one registration by its credential ID.
func (b *Bridge) RemoveRegistration(id string) error {
	return b.change(api.MethodRemoveRegistration, api.ByID{ID: id}, nil)
}

// Restore takes back what a website said of a registration.
func (b *Bridge) Restore(id string) error {
	return b.change(api.MethodRestore, api.ByID{ID: id}, nil)
}

// SetMode sets how a registration asks for the number: "choose" or "type".
func (b *Bridge) SetMode(id, mode string) error {
	return b.change(api.MethodSetMode, api.SetMode{ID: id, Mode: mode}, nil)
}

// webPage says whether an address may be opened: on the web, encrypted, and without anything that is no address.
func webPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

// Manage opens the website's page for its passkeys in the person's browser and returns its address.
func (b *Bridge) Manage(id string) (string, error) {
	var page api.Page
	if err := b.change(api.MethodManage, api.ByID{ID: id}, &page); err != nil {
		return "", err
	}
	if !webPage(page.URL) {
		return "", api.Errorf(api.PageUnknown, "no https address: %.200q", page.URL)
	}
	b.shell.browse(page.URL)
	return page.URL, nil
}

// Activity is how requests ended, newest first.
func (b *Bridge) Activity() (all []api.Activity, err error) {
	err = b.call(api.MethodActivity, nil, &all)
	return all, err
}
