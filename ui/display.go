package main

// chooseDisplay makes the window use Wayland where there is nothing else. Wails takes X11 for granted unless
// XDG_SESSION_TYPE says otherwise, which is often missing in the environment of a service that starts the window. What
// the person chose by GDK_BACKEND stays.
func chooseDisplay(getenv func(string) string, setenv func(key, value string) error) {
	if getenv("GDK_BACKEND") == "" && getenv("WAYLAND_DISPLAY") != "" && (getenv("DISPLAY") == "" || getenv("XDG_SESSION_TYPE") == "wayland") {
		setenv("GDK_BACKEND", "wayland") // it fails for no name and value such as these
	}
}
