package browsers

const exe = ""

// table is every browser that is known on Linux, packaged by a distribution or by its vendor; below them those in a
// sandbox of Flatpak or Snap.
var table = []browser{
	chromiumAt("chrome", "Google Chrome", "$/google-chrome", "/etc/opt/chrome"),
	chromiumAt("chrome-beta", "Google Chrome Beta", "$/google-chrome-beta", "/etc/opt/chrome"),
	chromiumAt("chromium", "Chromium", "$/chromium", "/etc/chromium"),
	chromiumAt("edge", "Microsoft Edge", "$/microsoft-edge", "/etc/opt/edge"),
	chromiumAt("brave", "Brave", "$/BraveSoftware/Brave-Browser", ""),
	chromiumAt("vivaldi", "Vivaldi", "$/vivaldi", ""),
	chromiumAt("opera", "Opera", "$/opera", ""),
	// Firefox keeps profiles below either folder since it follows the XDG rules, but not every version looks for hosts
	// in the new one. A manifest that nobody reads does no harm.
	firefoxAt("firefox", "Firefox", "~/.mozilla/native-messaging-hosts", "/usr/lib/mozilla", "~/.mozilla/firefox", "$/mozilla/firefox"),
	firefoxAt("firefox-xdg", "Firefox (XDG)", "$/mozilla/native-messaging-hosts", "/usr/lib/mozilla", "$/mozilla/firefox"),
	firefoxAt("librewolf", "LibreWolf", "~/.librewolf/native-messaging-hosts", "", "~/.librewolf"),
	firefoxSnap(),
	firefoxFlatpak(),

	sandboxed("chrome-flatpak", "Google Chrome (Flatpak)", chromium, "~/.var/app/com.google.Chrome", "https://www.google.com/chrome/"),
	sandboxed("chromium-flatpak", "Chromium (Flatpak)", chromium, "~/.var/app/org.chromium.Chromium", chromiumPackage),
	sandboxed("edge-flatpak", "Microsoft Edge (Flatpak)", chromium, "~/.var/app/com.microsoft.Edge", "https://www.microsoft.com/edge/download"),
	sandboxed("brave-flatpak", "Brave (Flatpak)", chromium, "~/.var/app/com.brave.Browser", bravePackage),
	sandboxed("vivaldi-flatpak", "Vivaldi (Flatpak)", chromium, "~/.var/app/com.vivaldi.Vivaldi", "https://vivaldi.com/download/"),
	sandboxed("opera-flatpak", "Opera (Flatpak)", chromium, "~/.var/app/com.opera.Opera", operaPackage),
	sandboxed("librewolf-flatpak", "LibreWolf (Flatpak)", firefox, "~/.var/app/io.gitlab.librewolf-community",
		"https://librewolf.net/installation/linux/"),
	sandboxed("chromium-snap", "Chromium (Snap)", chromium, "~/snap/chromium", chromiumPackage),
	sandboxed("brave-snap", "Brave (Snap)", chromium, "~/snap/brave", bravePackage),
	sandboxed("opera-snap", "Opera (Snap)", chromium, "~/snap/opera", operaPackage),
}

// Where browsers come without a sandbox. Ubuntu has Chromium as a Snap only.
const (
	chromiumPackage = "sudo apt install chromium (Debian), sudo dnf install chromium (Fedora); on Ubuntu: https://www.google.com/chrome/"
	bravePackage    = "https://brave.com/linux/"
	operaPackage    = "https://www.opera.com/download"
)

func chromiumAt(id, name, profile, everyone string) browser {
	b := browser{id: id, name: name, family: chromium, profiles: []string{profile}, manifests: profile + "/NativeMessagingHosts"}
	if everyone != "" {
		b.everyone = everyone + "/native-messaging-hosts"
	}
	return b
}

func sandboxed(id, name string, f family, profile, instead string) browser {
	return browser{id: id, name: name, family: f, profiles: []string{profile}, instead: "Use it without the sandbox: " + instead}
}

func firefoxAt(id, name, manifests, everyone string, profiles ...string) browser {
	b := browser{id: id, name: name, family: firefox, profiles: profiles, manifests: manifests}
	if everyone != "" {
		b.everyone = everyone + "/native-messaging-hosts"
	}
	return b
}

// firefoxSnap starts hosts by the portal org.freedesktop.portal.WebExtensions, which looks where Firefox does without a
// sandbox, and asks the person.
func firefoxSnap() browser {
	b := firefoxAt("firefox-snap", "Firefox (Snap)", "~/.mozilla/native-messaging-hosts", "/usr/lib/mozilla", "~/snap/firefox")
	b.portal = "snap.firefox"
	return b
}

// firefoxFlatpak asks xdg-native-messaging-proxy on the session bus, since Firefox 157. That looks where Firefox does
// without a sandbox.
func firefoxFlatpak() browser {
	b := firefoxAt("firefox-flatpak", "Firefox (Flatpak)", "~/.mozilla/native-messaging-hosts", "/usr/lib/mozilla", "~/.var/app/org.mozilla.firefox")
	b.proxied = true
	return b
}
