package browsers

const exe = ""

// table is every browser that is known on Linux, packaged by a distribution or by its vendor; below them those in a
// sandbox of Flatpak or Snap.
var table = []browser{
	chromiumAt("chrome", "Google Chrome", "$/google-chrome"),
	chromiumAt("chrome-beta", "Google Chrome Beta", "$/google-chrome-beta"),
	chromiumAt("chromium", "Chromium", "$/chromium"),
	chromiumAt("edge", "Microsoft Edge", "$/microsoft-edge"),
	chromiumAt("brave", "Brave", "$/BraveSoftware/Brave-Browser"),
	chromiumAt("vivaldi", "Vivaldi", "$/vivaldi"),
	chromiumAt("opera", "Opera", "$/opera"),
	// Firefox keeps profiles below either folder since it follows the XDG rules, but not every version looks for hosts
	// in the new one. A manifest that nobody reads does no harm.
	firefoxAt("firefox", "Firefox", "~/.mozilla/native-messaging-hosts", "~/.mozilla/firefox", "$/mozilla/firefox"),
	firefoxAt("firefox-xdg", "Firefox (XDG)", "$/mozilla/native-messaging-hosts", "$/mozilla/firefox"),
	firefoxAt("librewolf", "LibreWolf", "~/.librewolf/native-messaging-hosts", "~/.librewolf"),

	sandboxed("chrome-flatpak", "Google Chrome (Flatpak)", chromium, "~/.var/app/com.google.Chrome"),
	sandboxed("chromium-flatpak", "Chromium (Flatpak)", chromium, "~/.var/app/org.chromium.Chromium"),
	sandboxed("edge-flatpak", "Microsoft Edge (Flatpak)", chromium, "~/.var/app/com.microsoft.Edge"),
	sandboxed("brave-flatpak", "Brave (Flatpak)", chromium, "~/.var/app/com.brave.Browser"),
	sandboxed("vivaldi-flatpak", "Vivaldi (Flatpak)", chromium, "~/.var/app/com.vivaldi.Vivaldi"),
	sandboxed("opera-flatpak", "Opera (Flatpak)", chromium, "~/.var/app/com.opera.Opera"),
	sandboxed("firefox-flatpak", "Firefox (Flatpak)", firefox, "~/.var/app/org.mozilla.firefox"),
	sandboxed("librewolf-flatpak", "LibreWolf (Flatpak)", firefox, "~/.var/app/io.gitlab.librewolf-community"),
	sandboxed("chromium-snap", "Chromium (Snap)", chromium, "~/snap/chromium"),
	sandboxed("brave-snap", "Brave (Snap)", chromium, "~/snap/brave"),
	sandboxed("opera-snap", "Opera (Snap)", chromium, "~/snap/opera"),
	sandboxed("firefox-snap", "Firefox (Snap)", firefox, "~/snap/firefox"),
}

func chromiumAt(id, name, profile string) browser {
	return browser{id: id, name: name, family: chromium, profiles: []string{profile}, manifests: profile + "/NativeMessagingHosts"}
}

func sandboxed(id, name string, f family, profile string) browser {
	return browser{id: id, name: name, family: f, profiles: []string{profile}}
}

func firefoxAt(id, name, manifests string, profiles ...string) browser {
	return browser{id: id, name: name, family: firefox, profiles: profiles, manifests: manifests}
}
