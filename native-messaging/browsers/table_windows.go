package browsers

const exe = ".exe"

// table is every browser that is known on Windows. Browsers find a manifest by a value in the registry; the files
// themselves stand together in a folder of ours. Vivaldi and Opera read
// the value of Chrome, LibreWolf that of Firefox.
var table = []browser{
	onWindows("chrome", "Google Chrome", chromium, "~/AppData/Local/Google/Chrome/User Data", `Google\Chrome`),
	onWindows("chromium", "Chromium", chromium, "~/AppData/Local/Chromium/User Data", `Chromium`),
	onWindows("edge", "Microsoft Edge", chromium, "~/AppData/Local/Microsoft/Edge/User Data", `Microsoft\Edge`),
	onWindows("brave", "Brave", chromium, "~/AppData/Local/BraveSoftware/Brave-Browser/User Data", `BraveSoftware\Brave-Browser`),
	onWindows("vivaldi", "Vivaldi", chromium, "~/AppData/Local/Vivaldi/User Data", `Google\Chrome`),
	onWindows("opera", "Opera", chromium, "$/Opera Software/Opera Stable", `Google\Chrome`),
	onWindows("firefox", "Firefox", firefox, "$/Mozilla/Firefox", `Mozilla`),
	onWindows("librewolf", "LibreWolf", firefox, "$/librewolf", `Mozilla`),
}

// onWindows makes a row. Browsers that share a value in the registry share a manifest.
func onWindows(id, name string, f family, profile, vendor string) browser {
	return browser{id: id, name: name, family: f, profiles: []string{profile},
		manifests: "~/AppData/Local/tallykey/" + f.String(), registry: `Software\` + vendor + `\NativeMessagingHosts\` + HostName}
}
