package browsers

const exe = ""

// table is every browser that is known on macOS. Env.Config is ~/Library/Application Support.
var table = []browser{
	chromiumAt("chrome", "Google Chrome", "$/Google/Chrome"),
	chromiumAt("chromium", "Chromium", "$/Chromium"),
	chromiumAt("edge", "Microsoft Edge", "$/Microsoft Edge"),
	chromiumAt("brave", "Brave", "$/BraveSoftware/Brave-Browser"),
	chromiumAt("vivaldi", "Vivaldi", "$/Vivaldi"),
	chromiumAt("opera", "Opera", "$/com.operasoftware.Opera"),
	firefoxAt("firefox", "Firefox", "$/Mozilla/NativeMessagingHosts", "$/Firefox"),
	firefoxAt("librewolf", "LibreWolf", "$/librewolf/NativeMessagingHosts", "$/librewolf"),
}

func chromiumAt(id, name, profile string) browser {
	return browser{id: id, name: name, family: chromium, profiles: []string{profile}, manifests: profile + "/NativeMessagingHosts"}
}

func firefoxAt(id, name, manifests string, profiles ...string) browser {
	return browser{id: id, name: name, family: firefox, profiles: profiles, manifests: manifests}
}
