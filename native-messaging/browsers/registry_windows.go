package browsers

import (
	"errors"

	"golang.org/x/sys/windows/registry"
)

// registered says whether the registry leads the browser to the manifest.
func registered(b browser, path string) bool {
	if b.registry == "" {
		return true
	}
	key, err := registry.OpenKey(registry.CURRENT_USER, b.registry, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer key.Close()
	value, _, err := key.GetStringValue("")
	return err == nil && value == path
}

// register writes the path as the key's default value, as both families of browsers read it.
func register(b browser, path string) error {
	if b.registry == "" {
		return nil
	}
	key, _, err := registry.CreateKey(registry.CURRENT_USER, b.registry, registry.SET_VALUE)
	if err != nil {
		return err
	}
	return errors.Join(key.SetStringValue("", path), key.Close())
}

// unregister removes the key; that it is not there is no error.
func unregister(b browser) error {
	if b.registry == "" {
		return nil
	}
	err := registry.DeleteKey(registry.CURRENT_USER, b.registry)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	return err
}
